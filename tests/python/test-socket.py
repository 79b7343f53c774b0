# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sockets and contexts in Python: errors, properties, blocking calls, sources."""

import gi
import zmq

gi.require_version('Zmq', '1.0')
from gi.repository import Gio, GLib, GObject, Zmq  # noqa: E402

from support import Case, contents, main, wait_for  # noqa: E402


class Sockets(Case):
    def test_errors_have_the_domain(self):
        socket = self.bound(Zmq.SocketType.PULL)
        endpoint = socket.get_property('last-endpoint')
        other = Zmq.Socket.new(self.context, Zmq.SocketType.PULL)
        error = self.assertFails(Zmq.Error.ADDRESS_IN_USE, other.bind, endpoint)
        self.assertIn(endpoint, error.message)
        self.assertEqual(error.domain, GLib.quark_to_string(Zmq.error_quark()))
        self.assertFails(Zmq.Error.INVALID_ARGUMENT, other.bind, 'nonsense')
        self.assertFails(Zmq.Error.PROTOCOL_NOT_SUPPORTED, other.connect_to, 'no://where')
        self.assertFails(Zmq.Error.NOT_FOUND, other.unbind, 'tcp://127.0.0.1:1')
        self.assertFails(Zmq.Error.AGAIN, socket.try_receive)
        self.assertFails(Zmq.Error.NOT_SUPPORTED, socket.try_send, Zmq.Message.new_from_string('x'))
        socket.close()
        self.assertTrue(socket.is_closed())
        self.assertFails(Zmq.Error.CLOSED, socket.try_receive)

    def test_wrong_state(self):
        socket = self.bound(Zmq.SocketType.REP)
        self.assertFails(Zmq.Error.WRONG_STATE, socket.try_send, Zmq.Message.new_from_string('x'))

    def test_try_send_and_receive(self):
        push, pull = self.pipe('inproc://try')
        self.assertTrue(push.try_send(Zmq.Message.new_from_strv(['a', 'b'])))
        self.assertEqual(contents(pull.try_receive()), [b'a', b'b'])

    def test_many_at_once_are_messages_of_their_own(self):
        push, pull = self.pipe('inproc://many')
        kept = []
        for _ in range(20):
            for i in range(30):
                push.try_send(Zmq.Message.new_from_strv([str(i), 'x' * 100]))
            messages = pull.try_receive_many(0)
            self.assertEqual([contents(message)[0] for message in messages], [b'%d' % i for i in range(30)])
            kept.append(messages[7])
        self.assertEqual({tuple(contents(message)) for message in kept}, {(b'7', b'x' * 100)})
        self.assertEqual(pull.try_receive_many(0), [])

    def test_blocking_calls_let_other_threads_run(self):
        socket = self.bound(Zmq.SocketType.REP)
        peer = self.peer(zmq.REQ, socket)
        peer.send_multipart([b'question', b''])
        message = socket.receive(None)
        self.assertEqual(contents(message), [b'question', b''])
        self.assertTrue(socket.send(message, None))
        self.assertEqual(peer.recv_multipart(), [b'question', b''])

    def test_cancelled_receive(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.assertRaises(GLib.Error) as caught:
            self.bound(Zmq.SocketType.PULL).receive(cancellable)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_async_calls(self):
        push, pull = self.pipe('inproc://async')
        results = []
        pull.receive_async(GLib.PRIORITY_DEFAULT, None, lambda socket, result: results.append(
            contents(socket.receive_finish(result))))
        pull.wait_async(GLib.IOCondition.IN, GLib.PRIORITY_DEFAULT, None,
                        lambda socket, result: results.append(socket.wait_finish(result)))
        push.send_async(Zmq.Message.new_from_strv(['a', 'b']), GLib.PRIORITY_DEFAULT, None,
                        lambda socket, result: results.append(socket.send_finish(result)))
        wait_for(lambda: len(results) == 2)
        push.try_send(Zmq.Message.new_from_string('c'))
        wait_for(lambda: len(results) == 3)
        self.assertCountEqual(results, [[b'a', b'b'], True, GLib.IOCondition.IN])

    def test_wait_and_condition(self):
        push, pull = self.pipe('inproc://wait')
        self.assertEqual(pull.get_condition(), 0)
        self.assertFails(Zmq.Error.AGAIN, pull.wait, GLib.IOCondition.IN, 0, None)
        push.try_send(Zmq.Message.new_from_string('x'))
        self.assertTrue(pull.wait(GLib.IOCondition.IN, 20 * GLib.USEC_PER_SEC, None))
        self.assertEqual(pull.get_condition(), GLib.IOCondition.IN)

    def test_properties(self):
        socket = Zmq.Socket(context=self.context, socket_type=Zmq.SocketType.DEALER)
        socket.init(None)
        changed = []
        socket.connect('notify::linger', lambda s, _: changed.append(s.props.linger))
        socket.props.linger = 250
        socket.props.routing_id = GLib.Bytes.new(b'me\1')
        socket.props.curve_server = False
        self.assertEqual(changed, [250])
        self.assertEqual(socket.props.routing_id.get_data(), b'me\1')
        self.assertEqual(socket.props.security_mechanism, Zmq.SecurityMechanism.NULL)
        self.assertEqual(socket.props.socket_type, Zmq.SocketType.DEALER)
        self.assertIs(socket.props.context, self.context)
        self.assertEqual(socket.props.send_high_water_mark, 1000)

    def test_raw_options(self):
        socket = Zmq.Socket.new(self.context, Zmq.SocketType.DEALER)
        self.assertTrue(socket.set_option_int(zmq.SNDHWM, 7))
        self.assertEqual(socket.props.send_high_water_mark, 7)
        # with the overrides, a number
        self.assertIn(socket.get_option_int(zmq.SNDHWM), [7, (True, 7)])
        self.assertTrue(socket.set_option_bytes(zmq.IDENTITY, GLib.Bytes.new(b'id')))
        self.assertEqual(socket.get_option_bytes(zmq.IDENTITY).get_data(), b'id')
        self.assertFails(Zmq.Error.INVALID_ARGUMENT, socket.set_option_int, 12345, 1)

    def test_subscriptions(self):
        received = []
        socket = self.bound(Zmq.SocketType.SUB)
        socket.subscribe('news')
        socket.subscribe_bytes(GLib.Bytes.new(b'\0'))
        stream = Zmq.Stream.new(socket)
        stream.connect('received', lambda _, message: received.append(contents(message)[0]))
        peer = self.peer(zmq.XPUB, socket)
        self.assertEqual({self.talk(peer.recv), self.talk(peer.recv)}, {b'\1news', b'\1\0'})
        for topic in b'news 1', b'weather', b'\0zero':
            peer.send(topic)
        wait_for(lambda: len(received) == 2)
        self.assertEqual(received, [b'news 1', b'\0zero'])

    def test_source(self):
        calls = []
        push, pull = self.pipe('inproc://source')

        def on_ready(socket, condition):
            calls.append((socket, condition, contents(socket.try_receive())))
            return len(calls) < 2

        source = pull.create_source(GLib.IOCondition.IN, None)
        # set_callback() of PyGObject passes no arguments on
        GObject.source_set_closure(source, on_ready)
        source.attach(None)
        for text in 'a', 'b', 'c':
            push.try_send(Zmq.Message.new_from_string(text))
        wait_for(source.is_destroyed)
        self.assertEqual(calls, [(pull, GLib.IOCondition.IN, [b'a']),
                                 (pull, GLib.IOCondition.IN, [b'b'])])
        self.assertEqual(contents(pull.try_receive()), [b'c'])


class Contexts(Case):
    def test_terminate_async(self):
        results = []
        socket = self.bound(Zmq.SocketType.PULL)
        socket.close()
        self.context.terminate_async(
            None, lambda context, result: results.append(context.terminate_finish(result)))
        wait_for(lambda: results)
        self.assertEqual(results, [True])
        self.assertFails(Zmq.Error.TERMINATED, Zmq.Socket.new, self.context, Zmq.SocketType.PULL)

    def test_terminate_is_cancelled(self):
        results = []
        cancellable = Gio.Cancellable()
        socket = self.bound(Zmq.SocketType.PULL)
        self.context.terminate_async(cancellable, lambda c, result: results.append(result))
        cancellable.cancel()
        wait_for(lambda: results)
        with self.assertRaises(GLib.Error) as caught:
            self.context.terminate_finish(results[0])
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        socket.close()

    def test_properties(self):
        self.context.props.io_threads = 2
        self.context.props.ipv6 = True
        self.assertEqual(self.context.props.io_threads, 2)
        self.assertTrue(self.context.props.ipv6)
        self.assertGreater(self.context.props.socket_limit, 1000)

    def test_default(self):
        self.assertIs(Zmq.Context.get_default(), Zmq.Context.get_default())
        socket = Zmq.Socket.new(None, Zmq.SocketType.PULL)
        self.assertIs(socket.get_context(), Zmq.Context.get_default())
        socket.close()


if __name__ == '__main__':
    main()
