# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pollers in Python: callbacks with closures, by themselves and in the main loop."""

import gc
import os

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

from support import Case, contents, main, wait_for  # noqa: E402

IN = GLib.IOCondition.IN


class Pollers(Case):
    def test_sockets_and_descriptors(self):
        calls = []
        push, pull = self.pipe('inproc://poller')
        reader, writer = os.pipe()
        poller = Zmq.Poller.new()

        def on_socket(poller, socket, fd, condition, tag):
            calls.append((tag, socket, fd, condition, contents(socket.try_receive())))

        def on_fd(poller, socket, fd, condition, tag):
            calls.append((tag, socket, condition, os.read(fd, 10)))

        poller.add_socket(pull, IN, on_socket, 'socket')
        poller.add_fd(reader, IN, on_fd, 'fd')
        gc.collect()

        self.assertEqual(poller.wait(0, None), 0)
        push.try_send(Zmq.Message.new_from_string('x'))
        self.assertEqual(poller.wait(20 * GLib.USEC_PER_SEC, None), 1)
        os.write(writer, b'y')
        self.assertEqual(poller.wait(20 * GLib.USEC_PER_SEC, None), 1)
        self.assertEqual(calls, [('socket', pull, -1, IN, [b'x']), ('fd', None, IN, b'y')])

        poller.remove_fd(reader)
        self.assertFails(Zmq.Error.NOT_FOUND, poller.remove_fd, reader)
        os.close(reader)
        os.close(writer)

    def test_modify_and_remove(self):
        ready = []
        push, pull = self.pipe('inproc://modify')
        poller = Zmq.Poller.new()
        poller.add_socket(pull, GLib.IOCondition(0), lambda *args: ready.append(args[3]))
        push.try_send(Zmq.Message.new_from_string('x'))
        self.assertEqual(poller.wait(0, None), 0)
        poller.modify_socket(pull, IN)
        self.assertEqual(poller.wait(20 * GLib.USEC_PER_SEC, None), 1)
        self.assertEqual(ready, [IN])
        poller.remove_socket(pull)
        self.assertFails(Zmq.Error.NOT_FOUND, poller.modify_socket, pull, IN)

    def test_source(self):
        received = []
        push, pull = self.pipe('inproc://source')
        poller = Zmq.Poller.new()

        def on_ready(poller, socket, fd, condition):
            received.append(contents(socket.try_receive()))

        poller.add_socket(pull, IN, on_ready)
        source = poller.create_source()
        source.attach(None)
        for text in 'a', 'b':
            push.try_send(Zmq.Message.new_from_string(text))
        wait_for(lambda: len(received) == 2)
        self.assertEqual(received, [[b'a'], [b'b']])
        source.destroy()


if __name__ == '__main__':
    main()
