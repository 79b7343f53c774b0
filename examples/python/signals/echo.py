#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An echo service and its client, with timeouts and cancellation, from signals.

The service leaves the request "silence" unanswered.
"""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

# where no server is
NOBODY = 'tcp://127.0.0.1:1'


class Service:
    def __init__(self):
        self.n_requests = self.n_answers = 0
        self.socket = Zmq.Socket(Zmq.SocketType.ROUTER, linger=0)
        self.socket.bind('tcp://127.0.0.1:*')
        self.stream = Zmq.Stream(self.socket)
        self.stream.connect('received', self.on_received)

    def on_received(self, stream, message):
        self.n_requests += 1
        if message[1] != b'silence':
            self.n_answers += 1
            stream.send(message)


class Client:
    """Asks one thing after the other; each step says which is the next."""

    def __init__(self, endpoint, on_end):
        self.on_end = on_end
        self.socket = Zmq.Socket(Zmq.SocketType.DEALER, linger=0)
        self.socket.connect(endpoint)
        self.stream = Zmq.Stream(self.socket)
        self.stream.connect('received', self.on_received)
        self.next = None

    def start(self):
        self.ask('hello', self.time_out)

    def ask(self, request, following):
        self.next = following
        self.stream.send(request)

    def on_received(self, _stream, message):
        print('echo:', message[0].decode())
        self.next()

    def give_up_after(self, milliseconds, what, following):
        def on_timeout():
            print(what)
            following()
            return GLib.SOURCE_REMOVE

        self.ask('silence', None)
        GLib.timeout_add(milliseconds, on_timeout)

    def time_out(self):
        self.give_up_after(100, 'timed out: silence', self.cancel)

    def cancel(self):
        self.give_up_after(50, 'cancelled: silence', lambda: self.ask('goodbye', self.ask_nobody))

    def ask_nobody(self):
        """A request to an absent server is dropped after a while."""
        socket = Zmq.Socket(Zmq.SocketType.DEALER, linger=0, immediate=True)
        socket.connect(NOBODY)
        self.lonely = Zmq.Stream(socket)
        self.lonely.connect('sent', self.on_sent)
        self.lonely.send_full('anybody there?', timeout_us=100_000)

    def on_sent(self, stream, message, error):
        if error is not None and error.matches(Zmq.error_quark(), Zmq.Error.AGAIN):
            print('dropped:', message[0].decode())
        stream.close()
        self.stream.close()
        self.on_end()


def main():
    loop = GLib.MainLoop()
    service = Service()
    client = Client(service.socket.last_endpoint, loop.quit)
    client.start()
    loop.run()
    service.stream.close()
    print(f'answered {service.n_answers} of {service.n_requests}')


main()
