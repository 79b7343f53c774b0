#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A live ticker over PUB/SUB: a stream whose handler is blocked pauses, and loses nothing."""

import sys

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402


class Publisher:
    """Ticks as soon as somebody has subscribed, which an XPUB socket tells."""

    def __init__(self):
        socket = Zmq.Socket(Zmq.SocketType.XPUB, linger=0)
        socket.bind('tcp://127.0.0.1:*')
        self.endpoint = socket.last_endpoint
        self.stream = Zmq.Stream(socket)
        self.stream.connect('received', self.on_subscription)
        self.n_ticks = 0

    def on_subscription(self, _stream, message):
        if message[0][0] == 1:
            GLib.timeout_add(10, self.on_tick)

    def on_tick(self):
        if self.stream.is_closed():
            return GLib.SOURCE_REMOVE
        self.n_ticks += 1
        self.stream.send(['tick', str(self.n_ticks)])
        return GLib.SOURCE_CONTINUE


class Subscriber:
    def __init__(self, publisher, on_end):
        self.publisher = publisher
        self.on_end = on_end
        self.numbers = []
        socket = Zmq.Socket(Zmq.SocketType.SUB, linger=0)
        socket.subscribe('tick')
        socket.connect(publisher.endpoint)
        self.stream = Zmq.Stream(socket)
        self.handler = self.stream.connect('received', self.on_received)

    def on_received(self, stream, message):
        self.numbers.append(int(message[1]))
        print('tick', self.numbers[-1])
        if len(self.numbers) == 3:
            print('paused')
            stream.handler_block(self.handler)
            GLib.timeout_add(5, self.resume_after, self.publisher.n_ticks + 5)
        elif len(self.numbers) == 8:
            stream.close()
            self.on_end()

    def resume_after(self, n_ticks):
        if self.publisher.n_ticks < n_ticks:
            return GLib.SOURCE_CONTINUE
        print('resumed')
        self.stream.handler_unblock(self.handler)
        return GLib.SOURCE_REMOVE


loop = GLib.MainLoop()
publisher = Publisher()
subscriber = Subscriber(publisher, loop.quit)
loop.run()
publisher.stream.close()
if subscriber.numbers != list(range(1, 9)):
    sys.exit(f'lost: {subscriber.numbers}')
print('nothing was lost')
