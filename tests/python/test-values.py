# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values arrive whole or are refused, and every error is of the class for its code."""

import zmq

from support import Case, main, wait_for
from gi.repository import GLib, Zmq


class Texts(Case):
    TEXT = 'a\0b'

    def test_frames_have_the_whole_text(self):
        message = Zmq.Message(self.TEXT)
        message.append_string(self.TEXT)
        whole = self.TEXT.encode()
        self.assertEqual(list(message), [whole, whole])
        self.assertEqual(list(Zmq.Message.new_from_string(self.TEXT)), [whole])
        self.assertEqual(list(Zmq.Message.new_from_strv([self.TEXT, 'c'])), [whole, b'c'])
        push, pull = self.pipe('inproc://texts')
        Zmq.Stream(push).send_string(self.TEXT)
        push.send(self.TEXT)
        self.assertEqual([list(pull.receive()), list(pull.receive())], [[whole], [whole]])

    def test_subscriptions_have_the_whole_text(self):
        pub = self.bound(Zmq.SocketType.XPUB, 'inproc://subscriptions')
        sub = self.connected(Zmq.SocketType.SUB, 'inproc://subscriptions')
        sub.subscribe(self.TEXT)
        self.assertEqual(list(pub.receive()), [b'\x01a\0b'])
        sub.unsubscribe(self.TEXT)
        self.assertEqual(list(pub.receive()), [b'\x00a\0b'])

    def test_endpoints_and_options_are_refused(self):
        socket = Zmq.Socket(socket_type=Zmq.SocketType.SUB, context=self.context)
        for call in (socket.bind, socket.unbind, socket.connect, socket.connect_to, socket.disconnect,
                     socket.disconnect_from):
            with self.assertRaisesRegex(Zmq.InvalidArgumentError, 'inproc://a.*NUL'):
                call('inproc://a\0b')
        with self.assertRaisesRegex(Zmq.InvalidArgumentError, 'zap-domain.*NUL'):
            socket.zap_domain = 'a\0b'

    def test_secrets_are_in_no_error(self):
        socket = Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=self.context)
        for value in ('hush\0', b'hush', 'hush' * 100):
            for name in ('plain_password', 'curve_secret_key'):
                with self.assertRaises((GLib.Error, TypeError)) as caught:
                    setattr(socket, name, value)
                self.assertIn(name.replace('_', '-'), str(caught.exception))
                self.assertNotIn('hush', str(caught.exception))


class Options(Case):
    def test_what_is_refused_raises(self):
        with self.assertRaisesRegex(Zmq.InvalidArgumentError, 'curve-server-key'):
            Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=self.context, curve_server_key='no key\n')
        with self.assertRaisesRegex(Zmq.InvalidArgumentError, 'router-mandatory'):
            Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=self.context, router_mandatory=True)
        socket = Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=self.context)
        with self.assertRaisesRegex(Zmq.InvalidArgumentError, 'linger'):
            socket.linger = -2
        with self.assertRaisesRegex(Zmq.InvalidArgumentError, 'router-mandatory'):
            socket.router_mandatory = True
        with self.assertRaises(TypeError):
            socket.linger = 'long'
        with self.assertRaises(AttributeError):
            socket.last_endpoint = 'x'
        socket.close()
        with self.assertRaises(Zmq.ClosedError):
            socket.linger = 0

    def test_a_key_that_is_none_is_neither_told_nor_done_without(self):
        _public, secret = Zmq.curve_keypair()[-2:]
        peer = self.peers.socket(zmq.PULL)
        endpoint = f'tcp://127.0.0.1:{peer.bind_to_random_port("tcp://127.0.0.1")}'
        for key in (secret + '\0', secret.encode(), [secret], None):
            for name in ('curve_server_key', 'curve_public_key', 'curve_secret_key'):
                with self.subTest(name=name, key=type(key).__name__):
                    socket = Zmq.Socket(Zmq.SocketType.PUSH, self.context, linger=0)
                    with self.assertRaises((TypeError, Zmq.InvalidArgumentError)) as caught:
                        setattr(socket, name, key)
                    self.assertNotIn(secret, str(caught.exception))
                    self.assertRaises(Zmq.WrongStateError, socket.connect, endpoint)
        with self.assertRaises(TypeError) as caught:
            Zmq.Socket(Zmq.SocketType.PUSH, self.context, plain_password=b'sesame')
        self.assertNotIn('sesame', str(caught.exception))

    def test_values_of_every_kind(self):
        socket = Zmq.Socket(socket_type=Zmq.SocketType.ROUTER, context=self.context, routing_id=b'a\0b', linger=7,
                            max_message_size=1 << 40, affinity=1 << 63, ipv6=True, plain_username='ü')
        self.assertEqual((socket.routing_id, socket.linger, socket.max_message_size, socket.affinity, socket.ipv6,
                          socket.plain_username), (b'a\0b', 7, 1 << 40, 1 << 63, True, 'ü'))
        for value in ('text', bytearray(b'text'), memoryview(b'text'), GLib.Bytes.new(b'text')):
            socket.routing_id = value
            self.assertEqual(socket.routing_id, b'text')
        socket.socks_proxy = '127.0.0.1:1'
        socket.socks_proxy = None
        self.assertIsNone(socket.socks_proxy)
        self.assertEqual(socket.get_option_int(zmq.LINGER), 7)

    def test_handles(self):
        own = self.bound(Zmq.SocketType.PULL, 'inproc://handles')
        push = self.connected(Zmq.SocketType.PUSH, 'inproc://handles')
        for adopt in (Zmq.Socket.new_for_handle, lambda handle: Zmq.Socket(handle=handle)):
            foreign = adopt(own.get_handle())
            self.assertEqual((foreign.get_handle(), foreign.handle), (own.handle, own.handle))
            self.assertEqual(foreign.get_socket_type(), Zmq.SocketType.PULL)
            push.send('x')
            self.assertEqual(list(foreign.receive()), [b'x'])

    def test_contexts_of_pyzmq(self):
        context = Zmq.Context.new_for_handle(self.peers.underlying)
        self.assertIsInstance(context, Zmq.Context)
        theirs = self.peers.socket(zmq.PUSH)
        with Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=context) as pull:
            pull.bind('inproc://theirs')
            theirs.connect('inproc://theirs')
            theirs.send(b'x')
            self.assertEqual(list(pull.receive()), [b'x'])
        with Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=context, linger=0) as push:
            other = self.peers.socket(zmq.PULL)
            other.bind('inproc://other')
            push.connect('inproc://other')
            push.send('y')
            self.assertEqual(other.recv(), b'y')
        self.assertTrue(context.terminate())
        self.assertFalse(self.peers.closed)
        self.peers.socket(zmq.PAIR).close()


class Errors(Case):
    def test_everywhere_of_the_class_for_the_code(self):
        socket = Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=self.context)
        self.assertRaises(Zmq.WrongStateError, self.context.terminate)
        message = Zmq.Message(GLib.Bytes.new(b'x' * 100000))
        self.assertRaises(Zmq.AgainError, message.track().wait, 0)
        self.assertRaises(Zmq.NotFoundError, Zmq.Poller.new().remove_socket, socket)
        self.assertRaises(Zmq.InvalidArgumentError, socket.set_option_int, zmq.LINGER, -2)

    def test_their_text_is_the_sentence(self):
        socket = Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=self.context)
        with self.assertRaises(Zmq.AgainError) as caught:
            socket.try_receive()
        self.assertEqual(str(caught.exception), caught.exception.message)
        self.assertTrue(str(caught.exception).startswith('Could not receive'))

    def test_handlers_and_methods_are_given_them(self):
        errors = []

        class Own(Zmq.Stream):
            def do_closed(self, error):
                errors.append(error)

        def on_closed(_stream, error):
            errors.append(error)

        streams = [Own(self.bound(Zmq.SocketType.PULL)) for _ in range(2)]
        streams[0].connect('closed', on_closed)
        streams[1].connect('closed', on_closed)
        streams[1].disconnect_by_func(on_closed)
        self.context.shutdown()
        wait_for(lambda: len(errors) == 3)
        self.assertEqual([type(error) for error in errors], [Zmq.TerminatedError] * 3)


class Json(Case):
    VALUE = {'ü': [1, 2.5, None, True], 'b': {}}

    def test_round(self):
        push, pull = self.pipe('inproc://json')
        push.send_json(self.VALUE)
        self.assertEqual(pull.receive().json(), self.VALUE)
        Zmq.Stream(push).send_json(self.VALUE)
        self.assertEqual(pull.receive().json(0), self.VALUE)

    def test_peers_understand_it(self):
        pull = self.bound(Zmq.SocketType.PULL)
        peer = self.peer(zmq.PUSH, pull)
        peer.send_json(self.VALUE)
        self.assertEqual(pull.receive().json(), self.VALUE)

    def test_what_is_none(self):
        message = Zmq.Message('{}', '{', b'\xff')
        self.assertEqual(message.json(), {})
        for index in (1, 2):
            with self.assertRaisesRegex(ValueError, f'frame {index} is not JSON'):
                message.json(index)
        self.assertRaises(IndexError, message.json, 3)


class Streams(Case):
    def test_without_a_socket(self):
        for arguments in ((), (None,), ('x',)):
            with self.assertRaises(TypeError):
                Zmq.Stream(*arguments)

    def test_a_handler_that_raises_stops_nothing(self):
        push, pull = self.pipe('inproc://raises')
        stream = Zmq.Stream(pull)
        received = []

        def on_received(_stream, message):
            received.append(message[0])
            raise ValueError(message[0].decode())

        stream.connect('received', on_received)
        push.send('1')
        push.send('2')
        wait_for(lambda: len(received) == 2)
        self.assertEqual([trace.splitlines()[-1] for trace in self.raised], ['ValueError: 1', 'ValueError: 2'])
        self.raised.clear()


if __name__ == '__main__':
    main()
