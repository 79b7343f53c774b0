# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages in Python: natural types, and memory that lives for as long as it is held."""

import gc

import gi
import zmq

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

from support import Case, contents, main, wait_for  # noqa: E402


class Messages(Case):
    def test_frames(self):
        message = Zmq.Message.new_from_strv(['one', '', 'drei'])
        message.append_bytes(GLib.Bytes.new(b'\0\1'))
        message.append_data(b'\xff\0')
        message.append_string('ü')
        message.prepend_bytes(GLib.Bytes.new(b'first'))
        expected = [b'first', b'one', b'', b'drei', b'\0\1', b'\xff\0', 'ü'.encode()]
        self.assertEqual(contents(message), expected)
        self.assertEqual(message.get_n_frames(), len(expected))
        self.assertEqual(message.get_size(), sum(map(len, expected)))
        self.assertEqual(message.get_frame(3).get_data(), b'drei')
        self.assertIsNone(message.get_frame(7))
        self.assertEqual([bytes(message.peek_frame(i) or b'') for i in range(8)],
                         [*expected, b''])

    def test_frames_outlive_the_message(self):
        message = Zmq.Message.new()
        for number in range(100):
            message.append_data(b'%d' % number * 1000)
        frames = message.get_frames()
        single = message.get_frame(42)
        del message
        gc.collect()
        self.assertEqual([frame.get_data() for frame in frames],
                         [b'%d' % number * 1000 for number in range(100)])
        self.assertEqual(single.get_data(), b'42' * 1000)

    def test_received_frames_outlive_all(self):
        frames = []
        socket = self.bound(Zmq.SocketType.PULL)
        stream = Zmq.Stream.new(socket)
        stream.connect('received', lambda _, message: frames.extend(message.get_frames()))
        peer = self.peer(zmq.PUSH, socket)
        for number in range(1000):
            peer.send_multipart([b'%d' % number, b'%d' % number * 1000])
        wait_for(lambda: len(frames) == 2000)
        stream.close()
        del stream, socket
        gc.collect()
        for number in range(1000):
            self.assertEqual(frames[2 * number].get_data(), b'%d' % number)
            self.assertEqual(frames[2 * number + 1].get_data(), b'%d' % number * 1000)

    def test_pop_frame(self):
        message = Zmq.Message.new_from_strv(['envelope', 'body'])
        self.assertEqual(message.pop_frame().get_data(), b'envelope')
        self.assertEqual(contents(message), [b'body'])
        self.assertEqual(message.pop_frame().get_data(), b'body')
        self.assertIsNone(message.pop_frame())

    def test_strings(self):
        message = Zmq.Message.new_from_string('käse')
        message.append_data(b'\xff\xfe')
        self.assertEqual(message.get_string(0), 'käse')
        self.assertFails(Zmq.Error.INVALID_DATA, message.get_string, 1)
        self.assertEqual(Zmq.Message.new_from_strv(['käse', '']).dup_strv(), ['käse', ''])
        self.assertFails(Zmq.Error.INVALID_DATA, message.dup_strv)
        self.assertEqual(message.to_string(), '2 frames, 7 bytes: [5] "käse", [2] 0xfffe')

    def test_variants(self):
        message = Zmq.Message.new()
        message.append_variant(GLib.Variant('(sai)', ('name', [1, 2, 3])))
        variant = message.get_variant(0, GLib.VariantType.new('(sai)'))
        self.assertEqual(variant.unpack(), ('name', [1, 2, 3]))
        broken = Zmq.Message.new_from_string('x')
        self.assertFails(Zmq.Error.INVALID_DATA, broken.get_variant, 0, GLib.VariantType.new('i'))

    def test_copy_and_equal(self):
        message = Zmq.Message.new_from_string('same')
        copy = message.copy()
        self.assertTrue(message.equal(copy))
        copy.append_string('more')
        self.assertFalse(message.equal(copy))
        self.assertEqual(message.get_n_frames(), 1)

    def test_metadata(self):
        received = []
        socket = self.bound(Zmq.SocketType.PULL)
        stream = Zmq.Stream.new(socket)
        stream.connect('received', lambda _, message: received.append(message))
        peer = self.peer(zmq.PUSH, socket)
        peer.send(b'x')
        wait_for(lambda: received)
        self.assertEqual(received[0].get_metadata('Peer-Address'), '127.0.0.1')
        self.assertEqual(received[0].get_metadata('Socket-Type'), 'PUSH')
        self.assertIsNone(received[0].get_metadata('No-Such'))
        self.assertIsNone(Zmq.Message.new_from_string('x').get_metadata('Socket-Type'))


if __name__ == '__main__':
    main()
