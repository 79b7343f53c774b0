#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A cache between a publisher and its subscribers: who comes late is given the last value of each topic.

The publisher and two subscribers who come late are made by the program itself.
"""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

NO_LIMIT = 0
PRICES = [['apple', '3'], ['pear', '2'], ['apple', '4']]


class Cache:
    def __init__(self, source):
        sub = Zmq.Socket(Zmq.SocketType.SUB, linger=0, receive_high_water_mark=NO_LIMIT)
        sub.subscribe('')
        sub.connect(source)
        # Verbose: each subscription is told, also when others have the same. All values that there are go to a newcomer
        # at once, who would lose those beyond a high-water mark.
        xpub = Zmq.Socket(Zmq.SocketType.XPUB, linger=0, xpub_verbose=True, send_high_water_mark=NO_LIMIT)
        xpub.bind('tcp://127.0.0.1:*')

        self.endpoint = xpub.last_endpoint
        self.last = {}
        self.incoming = Zmq.Stream(sub)
        self.incoming.connect('received', self.on_value)
        self.outgoing = Zmq.Stream(xpub)
        self.outgoing.connect('received', self.on_subscription)

    def on_value(self, _stream, message):
        self.last[message[0]] = message
        self.outgoing.send(message)

    def on_subscription(self, stream, message):
        """A byte, which is 1 for a subscription and 0 for its end, and what the topics begin with."""
        subscribes, prefix = message[0][:1] == b'\1', message[0][1:]
        if subscribes:
            for topic, last in self.last.items():
                if topic.startswith(prefix):
                    stream.send(last)


def publish(stream, _subscription):
    for price in PRICES:
        stream.send(price)


def on_cached(_stream, message):
    print('cached:', *(frame.decode() for frame in message))
    if len(cache.last) == 2 and message[1] == b'4':
        open_subscriber(on_late)


def on_late(stream, message):
    print('came late, and knows:', *(frame.decode() for frame in message))
    # stays, so that the next one’s subscription is the same
    stream.paused = True
    open_subscriber(on_later)


def on_later(_stream, message):
    print('came later, and knows:', *(frame.decode() for frame in message))
    loop.quit()


def open_subscriber(on_received):
    socket = Zmq.Socket(Zmq.SocketType.SUB, linger=0)
    socket.subscribe('apple')
    socket.connect(cache.endpoint)
    Zmq.Stream(socket).connect('received', on_received)


loop = GLib.MainLoop()
publisher = Zmq.Stream.new_bound(Zmq.SocketType.XPUB, 'tcp://127.0.0.1:*')
publisher.connect('received', publish)
cache = Cache(publisher.get_socket().last_endpoint)
cache.incoming.connect('received', on_cached)
loop.run()
