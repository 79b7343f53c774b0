#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks an echo server ten times, one question after the other, and checks the answers."""

import sys

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402


class Client:
    def __init__(self, endpoint):
        socket = Zmq.Socket(Zmq.SocketType.REQ)
        socket.linger = 0
        socket.connect(endpoint)
        self.stream = Zmq.Stream(socket)
        self.stream.connect('received', self.on_received)
        self.loop = GLib.MainLoop()
        self.n_asked = 0
        self.complaint = None

    def ask(self):
        self.n_asked += 1
        self.question = Zmq.Message.new_from_strv([f'Question {self.n_asked}', 'second frame'])
        self.stream.send(self.question)

    def on_received(self, stream, message):
        if not message.equal(self.question):
            self.stop('The answer is not the question')
            return
        print(f'{message.get_string(0)}: {message.get_n_frames()} frames came back')
        if self.n_asked < 10:
            self.ask()
        else:
            self.stop()

    def stop(self, complaint=None):
        self.complaint = complaint
        self.loop.quit()

    def run(self):
        GLib.timeout_add_seconds(10, self.stop, 'No answer for ten seconds')
        self.ask()
        self.loop.run()
        self.stream.close()
        return self.complaint


try:
    sys.exit(Client(sys.argv[1] if len(sys.argv) > 1 else 'tcp://127.0.0.1:5555').run())
except GLib.Error as error:
    sys.exit(error.message)
