#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Answers each message with the same message. Ends with Ctrl+C."""

import signal
import sys

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402


def on_received(stream, message):
    try:
        stream.send(message)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)


def main():
    endpoint = sys.argv[1] if len(sys.argv) > 1 else 'tcp://127.0.0.1:5555'
    socket = Zmq.Socket(Zmq.SocketType.REP)
    socket.bind(endpoint)
    # with port “*” only the socket knows which it became
    print('Listening on', socket.last_endpoint, flush=True)

    stream = Zmq.Stream(socket)
    stream.connect('received', on_received)

    loop = GLib.MainLoop()
    for number in signal.SIGINT, signal.SIGTERM:
        # the main loop of PyGObject lets it run at once
        signal.signal(number, lambda *args: loop.quit())
    loop.run()
    stream.close()


try:
    main()
except GLib.Error as error:
    sys.exit(error.message)
