# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proxies between peers of pyzmq, and by the names that pyzmq has for them."""

import subprocess
import sys
import threading
import unittest

import zmq

from support import PATIENCE, Case, main, wait_for
from gi.repository import GLib, Zmq
from zmqglib import devices

try:
    from zmqglib import green
except ImportError:
    green = None

# A worker in a process of its own.
WORKER = '''
import sys, zmq
socket = zmq.Context().socket(zmq.REP)
socket.connect(sys.argv[1])
while True:
    socket.send_multipart([b'answer to', *socket.recv_multipart()])
'''


class Proxies(Case):
    def start_worker(self, endpoint):
        worker = subprocess.Popen([sys.executable, '-c', WORKER, endpoint])
        self.addCleanup(worker.wait)
        self.addCleanup(worker.kill)

    def ask(self, socket, question):
        self.talk(socket.send, question)
        return self.talk(socket.recv_multipart)

    def client(self, endpoint):
        client = self.peers.socket(zmq.REQ)
        client.linger = 0
        client.rcvtimeo = client.sndtimeo = 1000 * PATIENCE
        client.connect(endpoint)
        return client

    def check(self, proxy, frontend, backend):
        """Two workers for one client."""
        self.start_worker(backend.last_endpoint)
        self.start_worker(backend.last_endpoint)
        client = self.client(frontend.last_endpoint)
        for question in (b'1', b'2', b'3'):
            self.assertEqual(self.ask(client, question), [b'answer to', question])

    def sides(self):
        return self.bound(Zmq.SocketType.ROUTER), self.bound(Zmq.SocketType.DEALER)

    def test_in_loop(self):
        frontend, backend = self.sides()
        proxy = Zmq.Proxy(frontend, backend)
        stopped = []
        proxy.connect('stopped', lambda _proxy, error: stopped.append(error))
        proxy.start()
        self.check(proxy, frontend, backend)
        self.assertEqual((proxy.running, proxy.n_forwarded_in, proxy.n_forwarded_out), (True, 3, 3))
        self.context.shutdown()
        wait_for(lambda: stopped)
        self.assertIsInstance(stopped[0], Zmq.TerminatedError)

    def test_in_thread(self):
        frontend, backend = self.sides()
        proxy = Zmq.Proxy.new(frontend, backend)
        directions = []
        proxy.connect('forward', lambda _proxy, direction, message: directions.append(direction))
        proxy.start_in_thread()
        self.check(proxy, frontend, backend)
        proxy.stop()
        self.assertEqual(directions, 3 * [Zmq.ProxyDirection.IN, Zmq.ProxyDirection.OUT])
        self.assertFalse(proxy.running)

    def test_handler_raises(self):
        """What a handler does not drop is forwarded."""
        push, pull = self.pipe('inproc://in')
        out, end = self.pipe('inproc://out')
        proxy = Zmq.Proxy(pull, out)

        def on_forward(_proxy, _direction, _message):
            raise ValueError('expected')

        proxy.connect('forward', on_forward)
        proxy.start()
        push.send('through')
        wait_for(lambda: end.get_condition() & GLib.IOCondition.IN)
        self.assertEqual(list(end.receive()), [b'through'])
        proxy.stop()
        self.assertEqual(len(self.raised), 1)
        self.raised.clear()

    def test_thread_device(self):
        proxy = devices.ThreadDevice(Zmq.SocketType.ROUTER, Zmq.SocketType.DEALER, context=self.context)
        proxy.bind_in('tcp://127.0.0.1:*')
        proxy.bind_out('tcp://127.0.0.1:*')
        proxy.start()
        self.check(proxy, proxy.frontend, proxy.backend)
        self.assertFalse(proxy.join(0))
        proxy.close()
        self.assertTrue(proxy.join())

    def test_monitored_queue(self):
        proxy = devices.ThreadMonitoredQueue(Zmq.SocketType.ROUTER, Zmq.SocketType.DEALER, Zmq.SocketType.PUSH,
                                             b'to', b'fro', context=self.context)
        proxy.bind_in('tcp://127.0.0.1:*')
        proxy.bind_out('tcp://127.0.0.1:*')
        proxy.bind_mon('inproc://monitor')
        watcher = self.connected(Zmq.SocketType.PULL, 'inproc://monitor')
        proxy.start()
        self.check(proxy, proxy.frontend, proxy.backend)
        seen = [list(watcher.receive()) for _ in range(6)]
        self.assertEqual([frames[0] for frames in seen], 3 * [b'to', b'fro'])
        self.assertEqual([frames[-1] for frames in seen], [b'1', b'1', b'2', b'2', b'3', b'3'])
        proxy.close()

    def test_blocking(self):
        frontend, backend = self.sides()
        ended = []

        def run():
            try:
                devices.device(frontend, backend)
            except Zmq.TerminatedError as error:
                ended.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        self.check(None, frontend, backend)
        self.context.shutdown()
        thread.join()
        self.assertEqual(len(ended), 1)

    @unittest.skipUnless(green, 'greenlet is not installed')
    def test_green(self):
        frontend, backend = self.sides()
        task = green.spawn(green.device, frontend, backend)
        self.check(None, frontend, backend)
        self.assertFalse(task.done)
        task.kill()
        wait_for(lambda: task.done)
        other = green.spawn(green.device, frontend, backend)
        wait_for(lambda: other.ready() or True)
        self.context.shutdown()
        with self.assertRaises(Zmq.TerminatedError):
            other.get(PATIENCE)

    def test_errors(self):
        frontend, backend = self.sides()
        self.assertRaises(Zmq.InvalidArgumentError, Zmq.Proxy, frontend, None)
        self.assertRaises(Zmq.InvalidArgumentError, Zmq.Proxy, frontend, backend, backend)
        proxy = Zmq.Proxy(frontend, backend)
        proxy.start()
        self.assertRaises(Zmq.WrongStateError, proxy.start_in_thread)
        proxy.stop()


if __name__ == '__main__':
    main()
