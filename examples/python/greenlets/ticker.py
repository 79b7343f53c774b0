#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A live ticker that its reader pauses and resumes, without losing a tick."""

import sys

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402
from zmqglib import green  # noqa: E402


class Publisher:
    """Publishes a number every 10 ms, once somebody has subscribed."""

    def __init__(self):
        self.published = 0
        # an XPUB tells of subscriptions, by messages
        self.socket = green.Socket(Zmq.SocketType.XPUB, linger=0)
        self.socket.bind('tcp://127.0.0.1:*')
        self.endpoint = self.socket.get_property('last-endpoint')

    def run(self):
        self.socket.receive()
        while True:
            green.sleep(0.01)
            self.published += 1
            self.socket.send(['tick', str(self.published)])


def read(socket, count):
    """Prints so many ticks, and returns their numbers."""
    numbers = []
    for _ in range(count):
        numbers.append(int(socket.receive().get_string(1)))
        print('tick', numbers[-1])
    return numbers


def pause(publisher):
    """Receives nothing, until five more ticks are out; they wait in the socket."""
    print('paused')
    until = publisher.published + 5
    while publisher.published < until:
        green.sleep(0.005)
    print('resumed')


def main():
    publisher = Publisher()
    publishing = green.spawn(publisher.run)

    with green.Socket(Zmq.SocketType.SUB) as socket:
        socket.connect(publisher.endpoint)
        socket.subscribe('tick')
        numbers = read(socket, 3)
        pause(publisher)
        numbers += read(socket, 5)

    publishing.kill()
    publishing.join()
    publisher.socket.close()

    if numbers != list(range(1, 9)):
        print('lost:', set(range(1, 9)) - set(numbers))
        return 1
    print('nothing was lost')
    return 0


if __name__ == '__main__':
    sys.exit(green.run(main))
