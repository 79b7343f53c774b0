# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams in Python: the programs that PyZMQ’s ZMQStream was made for, and the signals."""

import gc

import gi
import zmq

gi.require_version('Zmq', '1.0')
from gi.repository import Gio, GLib, Zmq  # noqa: E402

from support import Case, contents, main, wait_for  # noqa: E402


def ask(peer, frames):
    peer.send_multipart(frames)
    return peer.recv_multipart()


def echo(stream, message):
    stream.send(message)


class Collector(Zmq.Stream):
    """A stream that listens by itself."""

    def __init__(self, socket):
        super().__init__(socket=socket)
        self.events = []

    def do_received(self, message):
        self.events.append(message)

    def do_sent(self, message, error):
        self.events.append(('sent', contents(message), error))

    def do_drained(self):
        self.events.append('drained')

    def do_closed(self, error):
        self.events.append(('closed', error))


class Functions(Case):
    """A function in the place of handlers."""

    def test_receives_in_order_and_messages_may_be_kept(self):
        push, pull = self.pipe('inproc://function')
        stream = Zmq.Stream.new(pull)
        kept = []
        stream.set_receive_func(lambda *args: kept.append(args), 'one', 2)
        for i in range(200):
            push.try_send(Zmq.Message.new_from_string(str(i)))
        wait_for(lambda: len(kept) == 200)
        gc.collect()
        self.assertEqual([message.get_string(0) for _stream, message, *_data in kept], [str(i) for i in range(200)])
        self.assertTrue(all(args[0] is stream and args[2:] == ('one', 2) for args in kept))
        stream.close()

    def test_replaced_and_taken_away_within(self):
        push, pull = self.pipe('inproc://within')
        stream = Zmq.Stream.new(pull)
        received = []

        def first(stream, message):
            received.append(message.get_string(0))
            stream.set_receive_func(second)

        def second(stream, message):
            received.append(message.get_string(0).upper())
            if len(received) == 3:
                stream.set_receive_func(None)

        stream.set_receive_func(first)
        for text in 'abcde':
            push.try_send(Zmq.Message.new_from_string(text))
        wait_for(lambda: len(received) == 3)
        self.assertEqual(received, ['a', 'B', 'C'])
        self.assertEqual(pull.try_receive().get_string(0), 'd')
        stream.close()

    def test_exceptions_are_shown_and_stop_nothing(self):
        push, pull = self.pipe('inproc://raises')
        stream = Zmq.Stream.new(pull)
        received = []

        def on_received(stream, message):
            received.append(message)
            if len(received) == 1:
                raise ValueError('on purpose')

        stream.set_receive_func(on_received)
        for _ in range(3):
            push.try_send(Zmq.Message.new_from_string('x'))
        wait_for(lambda: len(received) == 3)
        self.assertEqual(len(self.raised), 1)
        self.assertIn('on purpose', self.raised.pop())
        stream.close()

    def test_data_is_sent_whole(self):
        push, pull = self.pipe('inproc://data')
        stream = Zmq.Stream.new(push)
        for data in (b'', b'a\0b', bytes(range(256)) * 100):
            self.assertTrue(stream.send_data(data))
            self.assertEqual(contents(pull.try_receive()), [data])
        stream.close()


class Programs(Case):
    def test_echo_with_one_stream(self):
        socket = self.bound(Zmq.SocketType.REP)
        stream = Zmq.Stream.new(socket)
        stream.connect('received', echo)
        peer = self.peer(zmq.REQ, socket)
        for frames in [b'hello'], [b'', b'\0\xff', 100000 * b'x']:
            self.assertEqual(self.talk(ask, peer, frames), frames)
        stream.close()

    def test_echo_with_one_handler_on_two_streams(self):
        seen = []

        def on_received(stream, message):
            seen.append(stream)
            echo(stream, message)

        sockets = [self.bound(Zmq.SocketType.REP) for _ in range(2)]
        streams = [Zmq.Stream.new(socket) for socket in sockets]
        for stream in streams:
            stream.connect('received', on_received)
        for socket in sockets:
            self.assertEqual(self.talk(ask, self.peer(zmq.REQ, socket), [b'a', b'b']), [b'a', b'b'])
        self.assertEqual(seen, streams)

    def test_pause_and_resume(self):
        received, marks = [], []
        push, pull = self.pipe('inproc://pause')
        push_mark, pull_mark = self.pipe('inproc://mark')

        def on_received(stream, message):
            received.append(message.get_string(0))
            if len(received) == 30:
                stream.handler_block(handler)

        stream = Zmq.Stream.new(pull)
        handler = stream.connect('received', on_received)
        marker = Zmq.Stream.new(pull_mark)
        marker.connect('received', lambda _, message: marks.append(message))
        for number in range(100):
            push.try_send(Zmq.Message.new_from_string(str(number)))
        wait_for(lambda: len(received) == 30)

        # the loop goes on without it
        push_mark.try_send(Zmq.Message.new_from_string('go on'))
        wait_for(lambda: marks)
        self.assertEqual(len(received), 30)

        stream.handler_unblock(handler)
        wait_for(lambda: len(received) == 100)
        self.assertEqual(received, [str(number) for number in range(100)])

    def test_flush_with_a_limit(self):
        received = []
        push, pull = self.pipe('inproc://flush')
        stream = Zmq.Stream.new(pull)
        stream.connect('received', lambda _, message: received.append(message.get_string(0)))
        for number in range(10):
            push.try_send(Zmq.Message.new_from_string(str(number)))
        self.assertEqual(stream.flush(GLib.IOCondition.IN, 3), 3)
        self.assertEqual(received, ['0', '1', '2'])
        self.assertEqual(stream.flush(GLib.IOCondition.OUT, 0), 0)
        self.assertEqual(stream.flush(GLib.IOCondition.IN | GLib.IOCondition.OUT, 0), 7)
        self.assertEqual(received, [str(number) for number in range(10)])

    def test_flush_from_a_handler(self):
        order = []
        streams = []
        for name in 'urgent', 'other':
            push, pull = self.pipe(f'inproc://{name}')
            streams.append(Zmq.Stream.new(pull))
            for _ in range(5):
                push.try_send(Zmq.Message.new_from_string(name))

        def on_other(stream, message):
            streams[0].flush(GLib.IOCondition.IN, 0)
            order.append(message.get_string(0))

        streams[1].connect('received', on_other)
        wait_for(lambda: len(order) == 5)
        self.assertEqual(order, 5 * ['other'])
        # nobody listened to the urgent ones, they were dropped
        streams[0].connect('received', lambda _, message: order.append(message.get_string(0)))
        self.assertEqual(streams[0].flush(GLib.IOCondition.IN, 0), 0)

    def test_messages_outlive_the_handler(self):
        kept = []
        socket = self.bound(Zmq.SocketType.PULL)
        stream = Zmq.Stream.new(socket)
        stream.connect('received', lambda _, message: kept.append(message))
        self.keep_a_thousand(socket, kept)
        stream.close()
        del stream, socket
        self.check_a_thousand(kept)

    def test_messages_outlive_the_vfunc(self):
        socket = self.bound(Zmq.SocketType.PULL)
        stream = Collector(socket)
        self.keep_a_thousand(socket, stream.events)
        self.check_a_thousand(stream.events)

    def keep_a_thousand(self, socket, kept):
        peer = self.peer(zmq.PUSH, socket)
        for number in range(1000):
            peer.send_multipart([b'%d' % number, (number % 7 * 1000) * b'x'])
        wait_for(lambda: len(kept) == 1000)

    def check_a_thousand(self, kept):
        gc.collect()
        for number, message in enumerate(kept):
            self.assertIsInstance(message, Zmq.Message)
            self.assertEqual(contents(message), [b'%d' % number, (number % 7 * 1000) * b'x'])


class Signals(Case):
    def test_subclass_listens_without_a_handler(self):
        socket = self.bound(Zmq.SocketType.PAIR, 'inproc://subclass')
        stream = Collector(socket)
        stream.send_string('wait for a peer')
        other = self.connected(Zmq.SocketType.PAIR, 'inproc://subclass')
        other.try_send(Zmq.Message.new_from_string('in'))
        wait_for(lambda: len(stream.events) == 3)
        self.assertEqual(stream.events[:2], [('sent', [b'wait for a peer'], None), 'drained'])
        self.assertEqual(contents(stream.events[2]), [b'in'])
        stream.close()
        wait_for(lambda: len(stream.events) == 4)
        self.assertEqual(stream.events[3], ('closed', None))

    def test_subclass_and_handler_both_hear(self):
        heard = []
        push, pull = self.pipe('inproc://both')
        stream = Collector(pull)
        stream.connect('received', lambda _, message: heard.append(contents(message)))
        push.try_send(Zmq.Message.new_from_string('x'))
        wait_for(lambda: heard)
        self.assertEqual(heard, [[b'x']])
        self.assertEqual(contents(stream.events[0]), [b'x'])

    def test_close_reports_what_is_queued(self):
        events, queued = [], []
        stream = Zmq.Stream.new(self.bound(Zmq.SocketType.PUSH))
        stream.connect('sent', lambda _, message, error: events.append((contents(message), error)))
        stream.connect('closed', lambda _, error: events.append((None, error)))
        stream.connect('notify::n-queued', lambda s, _: queued.append(s.props.n_queued))
        stream.send_bytes(GLib.Bytes.new(b'one'))
        stream.send(Zmq.Message.new_from_strv(['two', 'frames']))
        self.assertEqual(stream.get_n_queued(), 2)
        stream.close()
        self.assertEqual(events, [])
        wait_for(lambda: len(events) == 3)
        self.assertEqual([event[0] for event in events], [[b'one'], [b'two', b'frames'], None])
        self.assertErrorIs(events[0][1], Zmq.Error.CLOSED)
        self.assertErrorIs(events[1][1], Zmq.Error.CLOSED)
        self.assertIsNone(events[2][1])
        self.assertEqual(queued, [1, 2, 0])
        self.assertTrue(stream.is_closed())
        self.assertFails(Zmq.Error.CLOSED, stream.send_string, 'too late')

    def test_send_limit_and_discard(self):
        errors = []
        stream = Zmq.Stream(socket=self.bound(Zmq.SocketType.PUSH), send_limit=2)
        stream.connect('sent', lambda _, message, error: errors.append(error))
        for _ in range(2):
            stream.send_string('x')
        self.assertFails(Zmq.Error.QUEUE_FULL, stream.send_string, 'x')
        self.assertEqual(stream.discard(), 2)
        wait_for(lambda: len(errors) == 2)
        for error in errors:
            self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_drain(self):
        results, sent = [], []
        stream = Zmq.Stream.new(self.bound(Zmq.SocketType.PUSH, 'inproc://drain'))
        stream.connect('sent', lambda _, message, error: sent.append(error))
        stream.send_string('x')
        stream.drain_async(None, lambda s, result: results.append(s.drain_finish(result)))
        pull = self.connected(Zmq.SocketType.PULL, 'inproc://drain')
        wait_for(lambda: results)
        self.assertEqual((results, sent), ([True], [None]))
        self.assertEqual(contents(pull.try_receive()), [b'x'])

    def test_drain_is_cancelled(self):
        results = []
        cancellable = Gio.Cancellable()
        stream = Zmq.Stream.new(self.bound(Zmq.SocketType.PUSH))
        stream.send_string('x')
        stream.drain_async(cancellable, lambda s, result: results.append(result))
        cancellable.cancel()
        wait_for(lambda: results)
        with self.assertRaises(GLib.Error) as caught:
            stream.drain_finish(results[0])
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_shutdown_closes_with_an_error(self):
        errors = []
        stream = Zmq.Stream.new(self.bound(Zmq.SocketType.PULL))
        stream.connect('closed', lambda _, error: errors.append(error))
        self.context.shutdown()
        wait_for(lambda: errors)
        self.assertErrorIs(errors[0], Zmq.Error.TERMINATED)

    def test_properties(self):
        socket = self.bound(Zmq.SocketType.PULL)
        stream = Zmq.Stream(socket=socket, priority=GLib.PRIORITY_LOW)
        self.assertIs(stream.props.socket, socket)
        self.assertIs(stream.get_socket(), socket)
        self.assertEqual(stream.props.priority, GLib.PRIORITY_LOW)
        self.assertEqual((stream.props.send_limit, stream.props.n_queued), (0, 0))


if __name__ == '__main__':
    main()
