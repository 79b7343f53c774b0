# SPDX-License-Identifier: LGPL-2.1-or-later
"""The namespace as Python has it: messages as sequences, options as attributes, errors by kind."""

import ctypes
import zmq

from support import Case, contents, main, wait_for
from gi.repository import Gio, GLib, Zmq


class Messages(Case):
    def test_frames(self):
        message = Zmq.Message(b'a', 'ü', bytearray(b'c'), memoryview(b'd'), GLib.Bytes.new(b'e'))
        self.assertEqual(list(message), [b'a', 'ü'.encode(), b'c', b'd', b'e'])
        self.assertEqual(len(message), 5)
        self.assertEqual((message[0], message[-1]), (b'a', b'e'))
        self.assertEqual(message[1:3], ['ü'.encode(), b'c'])
        self.assertIn(b'c', message)
        self.assertEqual(contents(message), list(message))
        for index in 5, -6:
            with self.assertRaises(IndexError):
                message[index]

    def test_empty(self):
        self.assertFalse(Zmq.Message())
        self.assertEqual(list(Zmq.Message()), [])
        self.assertEqual(list(Zmq.Message(b'')), [b''])
        self.assertTrue(Zmq.Message(b''))

    def test_wrong_types(self):
        for value in 1, None, [b'a'], 1.5:
            with self.assertRaises(TypeError):
                Zmq.Message(value)

    def test_equality(self):
        self.assertEqual(Zmq.Message(b'a', b'b'), Zmq.Message('a', 'b'))
        self.assertNotEqual(Zmq.Message(b'a'), Zmq.Message(b'b'))
        self.assertNotEqual(Zmq.Message(b'a'), b'a')
        with self.assertRaises(TypeError):
            hash(Zmq.Message())

    def test_constructors_and_repr(self):
        self.assertIsInstance(Zmq.Message.new_from_strv(['a', 'b']), Zmq.Message)
        self.assertEqual(list(Zmq.Message.new_from_strv(['a', 'b'])), [b'a', b'b'])
        self.assertEqual(repr(Zmq.Message(b'a', 'b')), "Zmq.Message(b'a', b'b')")

    def test_view_shares_memory(self):
        message = Zmq.Message(b'x' * 10_000_000, b'')
        view, same = message.view(0), message.view(0)
        self.assertTrue(view.readonly)
        self.assertEqual((view.nbytes, view[0], bytes(view[-2:])), (10_000_000, ord('x'), b'xx'))
        pointers = [ctypes.addressof(part.obj) for part in (view, same)]
        self.assertEqual(*pointers)
        del message, same
        self.assertEqual(view[9_999_999], ord('x'))

    def test_view_of_nothing(self):
        self.assertEqual(bytes(Zmq.Message(b'').view(0)), b'')
        with self.assertRaises(IndexError):
            Zmq.Message().view(0)


class Sockets(Case):
    def test_keywords(self):
        socket = Zmq.Socket(socket_type=Zmq.SocketType.DEALER, context=self.context,
                            linger=0, routing_id=b'me')
        self.assertEqual(socket.linger, 0)
        self.assertEqual(socket.routing_id, b'me')
        self.assertEqual(socket.get_context(), self.context)
        socket.routing_id = 'you'
        self.assertEqual(socket.get_property('routing-id').get_data(), b'you')
        socket.close()

    def test_keywords_fail(self):
        self.context.shutdown()
        with self.assertRaises(Zmq.TerminatedError):
            Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=self.context)

    def test_unknown_option(self):
        socket = self.bound(Zmq.SocketType.PULL)
        with self.assertRaises(AttributeError):
            socket.lnger = 0
        with self.assertRaises(AttributeError):
            socket.last_endpoint = 'tcp://127.0.0.1:1'

    def test_connect(self):
        pull = self.bound(Zmq.SocketType.PULL)
        push = Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=self.context, linger=0)
        push.connect(pull.last_endpoint)
        push.send('hello')
        self.assertEqual(list(pull.receive()), [b'hello'])
        push.disconnect(pull.last_endpoint)
        with self.assertRaises(Zmq.NotFoundError):
            push.disconnect(pull.last_endpoint)

    def test_connect_handler(self):
        socket = self.bound(Zmq.SocketType.PULL)
        seen = []
        handler = socket.connect('notify::linger', lambda *_args: seen.append(socket.linger))
        socket.linger = 5
        self.assertEqual(seen, [5])
        socket.disconnect(handler)
        socket.linger = 6
        self.assertEqual(seen, [5])

    def test_send_forms(self):
        push, pull = self.pipe('inproc://forms')
        for form, frames in ((b'a', [b'a']), ('a', [b'a']), ([b'a', 'b'], [b'a', b'b']),
                             ((b'a',), [b'a']), (Zmq.Message(b'm'), [b'm'])):
            push.send(form)
            self.assertEqual(list(pull.receive()), frames)
            push.try_send(form)
            self.assertEqual(list(pull.try_receive()), frames)
        with self.assertRaises(TypeError):
            push.send(1)

    def test_with(self):
        with Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=self.context) as socket:
            self.assertFalse(socket.is_closed())
        self.assertTrue(socket.is_closed())
        with Zmq.Context() as context:
            pull = Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=context)
        with self.assertRaises(Zmq.TerminatedError):
            pull.receive()

    def test_subscribe_bytes(self):
        pub = self.bound(Zmq.SocketType.XPUB)
        sub = self.connected(Zmq.SocketType.SUB, pub.last_endpoint)
        sub.subscribe(b'\xff\x00')
        self.assertEqual(list(pub.receive()), [b'\x01\xff\x00'])
        sub.unsubscribe(b'\xff\x00')
        self.assertEqual(list(pub.receive()), [b'\x00\xff\x00'])

    def test_every_option_is_an_attribute(self):
        socket = self.bound(Zmq.SocketType.DEALER)
        for pspec in Zmq.Socket.list_properties():
            self.assertTrue(hasattr(type(socket), pspec.name.replace('-', '_')), pspec.name)


class Errors(Case):
    def test_by_kind(self):
        socket = self.bound(Zmq.SocketType.PULL)
        with self.assertRaises(Zmq.AgainError) as caught:
            socket.try_receive()
        self.assertIsInstance(caught.exception, Zmq.ZmqError)
        self.assertErrorIs(caught.exception, Zmq.Error.AGAIN)
        with self.assertRaises(Zmq.AddressInUseError):
            Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=self.context).bind(socket.last_endpoint)
        with self.assertRaises(Zmq.NotSupportedError):
            socket.send('x')
        socket.close()
        with self.assertRaises(Zmq.ClosedError):
            socket.receive()

    def test_each_code_has_a_class(self):
        for code in Zmq.Error.__enum_values__.values():
            name = ''.join(word.capitalize() for word in code.value_nick.split('-')) + 'Error'
            self.assertTrue(issubclass(getattr(Zmq, name), Zmq.ZmqError), name)

    def test_messages_raise_too(self):
        with self.assertRaises(Zmq.InvalidDataError):
            Zmq.Message(b'\xff').get_string(0)
        with self.assertRaises(Zmq.InvalidArgumentError):
            Zmq.Message().get_string(0)

    def test_pollers_raise_too(self):
        with self.assertRaises(Zmq.ZmqError):
            Zmq.Poller().remove_socket(self.bound(Zmq.SocketType.PULL))

    def test_other_domains_stay(self):
        socket = self.bound(Zmq.SocketType.PULL)
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.assertRaises(GLib.Error) as caught:
            socket.receive(cancellable)
        self.assertNotIsInstance(caught.exception, Zmq.ZmqError)


class Streams(Case):
    def test_construction_and_send(self):
        peer_socket = self.bound(Zmq.SocketType.REP)
        with Zmq.Stream(peer_socket) as stream:
            stream.connect('received', lambda stream, message: stream.send([*message, 'too']))
            peer = self.peer(zmq.REQ, peer_socket)
            self.talk(peer.send, b'question')
            self.assertEqual(self.talk(peer.recv_multipart), [b'question', b'too'])
        self.assertTrue(stream.is_closed())
        with self.assertRaises(Zmq.ClosedError):
            stream.send('late')

    def test_send_full(self):
        stream = Zmq.Stream(socket=self.bound(Zmq.SocketType.PUSH), priority=GLib.PRIORITY_LOW)
        self.assertEqual(stream.props.priority, GLib.PRIORITY_LOW)
        outcome = []
        stream.connect('sent', lambda stream, message, error: outcome.append((list(message), error.code)))
        stream.send_full(['a', b'b'], timeout_us=0)
        wait_for(lambda: outcome)
        self.assertEqual(outcome, [([b'a', b'b'], Zmq.Error.AGAIN)])

    def test_flush_without_limit(self):
        push, pull = self.pipe('inproc://flush')
        stream = Zmq.Stream(pull)
        push.send('a')
        push.send('b')
        self.assertEqual(stream.flush(GLib.IOCondition.IN), 2)

    def test_rejected(self):
        push, pull = self.pipe('inproc://rejected')
        pull.max_frames = 2
        stream = Zmq.Stream(pull)
        heard = []
        stream.connect('received', lambda _stream, message: heard.append(list(message)))
        stream.connect('rejected', lambda _stream, error: heard.append(error))
        push.send(['a', 'b', 'c'])
        push.send(['a', 'b'])
        wait_for(lambda: len(heard) == 2)
        self.assertIsInstance(heard[0], Zmq.MessageTooLargeError)
        self.assertEqual(heard[1], [b'a', b'b'])
        stream.close()

    def test_properties_are_attributes(self):
        socket = self.bound(Zmq.SocketType.PUSH)
        with Zmq.Stream(socket) as stream:
            self.assertIs(stream.paused, False)
            stream.paused = True
            self.assertIs(stream.props.paused, True)
            self.assertEqual((stream.n_queued, stream.open, self.context.io_threads), (0, True, 1))
            with self.assertRaises(AttributeError):
                stream.n_queued = 1
            self.assertIs(stream.socket, socket)
        with self.assertRaises(AttributeError):
            socket.curve_secret_key


if __name__ == '__main__':
    main()
