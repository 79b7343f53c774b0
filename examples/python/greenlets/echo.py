#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An echo service with timeouts and cancellation, as tasks that wait in plain code."""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402
from zmqglib import green  # noqa: E402

# where no server is
NOBODY = 'tcp://127.0.0.1:1'
TIMEOUT_MS = 100


class Service:
    """Answers each request with the same frames, except for “silence”."""

    def __init__(self):
        self.requests = 0
        self.answered = 0
        # a ROUTER may leave a request unanswered, which a REP may not
        self.socket = green.Socket(Zmq.SocketType.ROUTER, linger=0)
        self.socket.bind('tcp://127.0.0.1:*')
        self.endpoint = self.socket.get_property('last-endpoint')

    def run(self):
        while True:
            request = self.socket.receive()
            self.requests += 1
            # the first frame says who asks
            if request.get_string(1) != 'silence':
                self.socket.send(request)
                self.answered += 1


def ask(client, text):
    client.send(text)
    print('echo:', client.receive().get_string(0))


def give_up(client):
    client.send('silence')
    try:
        with green.Timeout(0.1):
            client.receive()
    except TimeoutError:
        print('timed out: silence')


def be_cancelled(client):
    """Waits in a task of its own, which another task kills."""
    def wait():
        client.send('silence')
        client.receive()

    task = green.spawn(wait)
    green.sleep(0.05)
    task.kill()
    task.join()
    if isinstance(task.exception, green.TaskKilled):
        print('cancelled: silence')


def send_to_nobody():
    # “immediate”: without a connection there is no queue for a message to wait in
    with green.Socket(Zmq.SocketType.DEALER, linger=0, immediate=True,
                      send_timeout=TIMEOUT_MS) as socket:
        socket.connect(NOBODY)
        try:
            socket.send('anybody there?')
        except GLib.Error as error:
            if not error.matches(Zmq.error_quark(), Zmq.Error.AGAIN):
                raise
            print('dropped: anybody there?')


def main():
    service = Service()
    serving = green.spawn(service.run)

    with green.Socket(Zmq.SocketType.DEALER, linger=0) as client:
        client.connect(service.endpoint)
        ask(client, 'hello')
        give_up(client)
        be_cancelled(client)
        ask(client, 'goodbye')

    send_to_nobody()
    print(f'answered {service.answered} of {service.requests}')

    serving.kill()
    serving.join()
    service.socket.close()


if __name__ == '__main__':
    green.run(main)
