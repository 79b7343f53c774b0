# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers, asked by pyzmq."""

import gc
import threading

import zmq

from support import Case, main, wait_for
from gi.repository import GLib, Zmq
from zmqglib import aio


class Servers(Case):
    def server(self, **properties):
        server = Zmq.Server(self.context, **properties)
        self.addCleanup(server.close)
        server.bind('tcp://127.0.0.1:*')
        return server

    def client(self, socket_type, server):
        return self.peer(socket_type, server)

    def test_kinds_of_replies(self):
        server = self.server()
        replies = iter([b'bytes', 'text – ä', ['a', b'list'], ('a', 'tuple'), Zmq.Message('a', 'message'),
                        GLib.Bytes.new(b'GBytes')])
        server.connect('request', lambda _server, request: request.reply(next(replies)))
        client = self.client(zmq.REQ, server)
        for expected in ([b'bytes'], ['text – ä'.encode()], [b'a', b'list'], [b'a', b'tuple'], [b'a', b'message'],
                         [b'GBytes']):
            self.assertEqual(self.ask(client, b'question'), expected)

    def ask(self, client, question):
        self.talk(client.send, question)
        return self.talk(client.recv_multipart)

    def test_request(self):
        """What is known of who asks, and a reply from another thread."""
        server = self.server()
        requests = []
        server.connect('request', lambda _server, request: requests.append(request))
        client = self.client(zmq.REQ, server)
        client.send_multipart([b'a', b'', b'b'])
        wait_for(lambda: requests)
        request, = requests
        self.assertIsInstance(request, Zmq.Request)
        self.assertEqual(list(request.get_message()), [b'a', b'', b'b'])
        self.assertEqual(list(request.props.message), [b'a', b'', b'b'])
        self.assertIsNone(request.get_user_id())
        self.assertEqual(request.get_peer().get_size(), 5)
        self.assertEqual(server.n_pending, 1)
        thread = threading.Thread(target=request.reply, args=('from a thread',))
        thread.start()
        self.assertEqual(self.talk(client.recv), b'from a thread')
        thread.join()
        self.assertRaises(Zmq.WrongStateError, request.reply, 'again')
        self.assertRaises(TypeError, request.reply, 5)
        self.assertEqual(server.n_pending, 0)

    def test_max_pending(self):
        """Who drops a request without a word makes room for the next."""
        server = self.server(max_pending=2)
        requests = []
        server.connect('request', lambda _server, request: requests.append(request))
        client = self.client(zmq.DEALER, server)
        for i in range(6):
            client.send_multipart([b'', b'%d' % i])
        wait_for(lambda: len(requests) == 2)
        notified = []
        server.connect('notify::n-pending', lambda *_args: notified.append(server.n_pending))
        del requests[0]
        gc.collect()
        wait_for(lambda: len(requests) == 2)
        requests.pop().reply('to the third')
        self.assertEqual(self.talk(client.recv_multipart), [b'', b'to the third'])
        wait_for(lambda: len(requests) == 2)
        server.set_max_pending(0)
        wait_for(lambda: len(requests) == 4)
        self.assertEqual([bytes(request.get_message()[0]) for request in requests], [b'1', b'3', b'4', b'5'])
        wait_for(lambda: notified and notified[-1] == 4)

    def test_lives_until_closed(self):
        server = self.server()
        server.connect('request', lambda _server, request: request.reply('still here'))
        client = self.client(zmq.REQ, server)
        closing = server.weak_ref()
        self._cleanups.clear()
        del server
        gc.collect()
        self.assertEqual(self.ask(client, b'question'), [b'still here'])
        closing().close()
        gc.collect()
        wait_for(lambda: closing() is None)

    def test_errors(self):
        with Zmq.Server(self.context) as server:
            self.assertRaises(Zmq.InvalidArgumentError, server.bind, 'nonsense')
            self.assertRaises(Zmq.InvalidArgumentError, server.bind, 'inproc://a\0b')
            self.assertIsNone(server.last_endpoint)
        self.assertTrue(server.is_closed())
        self.assertRaises(Zmq.ClosedError, server.bind, 'inproc://a')
        self.context.shutdown()
        self.assertRaises(Zmq.TerminatedError, Zmq.Server, self.context)

    def test_collected_in_threads(self):
        """The collector drops requests, with attributes, in any thread, while others come."""
        server = self.server(max_pending=4)
        n_told = 0

        def on_request(_server, request):
            nonlocal n_told
            n_told += 1
            request.circle = [request]
            if n_told % 3 == 0:
                request.reply(request.get_message())

        server.connect('request', on_request)
        client = self.client(zmq.DEALER, server)
        n_requests = 300
        for i in range(n_requests):
            client.send_multipart([b'', b'%d' % i])
        ended = threading.Event()

        def collect():
            while not ended.is_set():
                gc.collect()

        thread = threading.Thread(target=collect)
        thread.start()
        wait_for(lambda: n_told == n_requests)
        wait_for(lambda: server.n_pending == 0)
        ended.set()
        thread.join()
        for i in range(2, n_requests, 3):
            self.assertEqual(client.recv_multipart(), [b'', b'%d' % i])

    def test_asyncio(self):
        """In a loop of asyncio, beside a client there."""
        async def run():
            server = self.server()
            server.connect('request', lambda _server, request: request.reply(['to', *request.get_message()]))
            client = Zmq.Socket(Zmq.SocketType.REQ, self.context, linger=0)
            client.connect(server.last_endpoint)
            await client.send_async('me')
            return list(await client.receive_async())

        self.assertEqual(aio.run(run()), [b'to', b'me'])


if __name__ == '__main__':
    main()
