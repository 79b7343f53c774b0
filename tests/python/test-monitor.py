# SPDX-License-Identifier: LGPL-2.1-or-later
"""Monitors, beside pyzmq's of the same kind of socket."""

import gc
import os
import subprocess
import sys

import zmq
from zmq.utils.monitor import recv_monitor_message

from support import PATIENCE, Case, main, wait_for
from gi.repository import Zmq

Kind = Zmq.MonitorEventKind
# how often these come is chance
UNCERTAIN = Kind.CONNECT_RETRIED | Kind.CONNECT_DELAYED | Kind.CLOSED


class Monitor(Case):
    def watch(self, socket):
        events = []
        monitor = Zmq.Monitor(socket)
        monitor.connect('event', lambda _monitor, event: events.append(event))
        return monitor, events

    def their_events(self, monitor_socket, last):
        """What pyzmq's monitor tells until that event."""
        events = []
        while not events or events[-1] != last:
            self.assertTrue(monitor_socket.poll(1000 * PATIENCE))
            events.append(recv_monitor_message(monitor_socket)['event'])
        return events

    def certain(self, kinds):
        return [int(kind) for kind in kinds if not int(kind) & int(UNCERTAIN)]

    def compare(self, ours, theirs):
        self.assertEqual(self.certain(event.get_kind() for event in ours), self.certain(theirs))

    def bind_both(self, endpoint, socket_type, their_type):
        """A socket of ours and one of pyzmq's, bound and monitored."""
        ours = Zmq.Socket(socket_type, self.context, linger=0)
        theirs = self.peers.socket(their_type)
        theirs.linger = 0
        monitor, events = self.watch(ours)
        monitor_socket = theirs.get_monitor_socket()
        ours.bind(endpoint)
        theirs.bind(endpoint)
        return ours, theirs, monitor, events, monitor_socket

    def check_server(self, endpoint):
        ours, theirs, monitor, events, monitor_socket = self.bind_both(endpoint, Zmq.SocketType.ROUTER, zmq.ROUTER)
        for bound in (ours.last_endpoint, theirs.last_endpoint.decode()):
            with self.peers.socket(zmq.DEALER) as client:
                client.linger = 0
                client.connect(bound)
                if bound == ours.last_endpoint:
                    wait_for(lambda: monitor.get_n_peers() == 1)
                    client.close()
                    wait_for(lambda: monitor.get_n_peers() == 0)
                else:
                    seen = self.their_events(monitor_socket, zmq.EVENT_HANDSHAKE_SUCCEEDED)
                    client.close()
                    seen += self.their_events(monitor_socket, zmq.EVENT_DISCONNECTED)
        self.compare(events, seen)
        ours.close()
        theirs.disable_monitor()
        wait_for(monitor.is_closed)
        self.assertEqual(events[-1].get_kind(), Kind.MONITOR_STOPPED)

    def test_server_tcp(self):
        self.check_server('tcp://127.0.0.1:*')

    def test_server_ipc(self):
        self.check_server('ipc://*')

    def test_client(self):
        server = self.peers.socket(zmq.ROUTER)
        port = server.bind_to_random_port('tcp://127.0.0.1')
        ours = Zmq.Socket(Zmq.SocketType.DEALER, self.context, linger=0)
        theirs = self.peers.socket(zmq.DEALER)
        theirs.linger = 0
        monitor, events = self.watch(ours)
        monitor_socket = theirs.get_monitor_socket()
        for socket in (ours, theirs):
            socket.connect(f'tcp://127.0.0.1:{port}')
        wait_for(lambda: monitor.get_connected())
        seen = self.their_events(monitor_socket, zmq.EVENT_HANDSHAKE_SUCCEEDED)
        server.close(linger=0)
        seen += self.their_events(monitor_socket, zmq.EVENT_DISCONNECTED)
        wait_for(lambda: not monitor.get_connected())
        self.compare(events[:len(self.certain(seen)) + 2], seen)
        theirs.disable_monitor()
        ours.close()

    def test_refused(self):
        public_key, secret_key = zmq.curve_keypair()
        ours, theirs, monitor, events, monitor_socket = self.bind_both(
            'tcp://127.0.0.1:*', Zmq.SocketType.PULL, zmq.PULL)
        ours.unbind(ours.last_endpoint)
        theirs.unbind(theirs.last_endpoint)
        ours.set_option('curve-server', True)
        ours.set_option('curve-secret-key', secret_key.decode())
        theirs.curve_server = True
        theirs.curve_secretkey = secret_key
        for socket in (ours, theirs):
            socket.bind('tcp://127.0.0.1:*')
        # they wait for an answer to what the servers cannot read; a peer without keys may be the first to hang up
        clients = [self.peers.socket(zmq.PUSH) for _ in range(2)]
        for client in clients:
            client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
            client.curve_serverkey, _ = zmq.curve_keypair()
        clients[0].connect(ours.last_endpoint)
        clients[1].connect(theirs.last_endpoint.decode())
        wait_for(lambda: any(event.get_kind() == Kind.DISCONNECTED for event in events))
        seen = self.their_events(monitor_socket, zmq.EVENT_DISCONNECTED)
        self.compare(events, seen)
        errors = [event.get_error() for event in events if event.get_kind() == Kind.HANDSHAKE_FAILED_PROTOCOL]
        self.assertErrorIs(errors[0], Zmq.Error.INVALID_DATA)
        self.assertFalse(monitor.get_connected())
        theirs.disable_monitor()
        ours.close()

    def test_killed_process(self):
        ours = self.bound(Zmq.SocketType.DEALER)
        monitor, events = self.watch(ours)
        script = os.path.join(os.path.dirname(__file__), 'peer.py')
        with subprocess.Popen([sys.executable, script, 'echo', ours.last_endpoint]) as peer:
            wait_for(lambda: monitor.get_n_peers() == 1)
            peer.kill()
        wait_for(lambda: monitor.get_n_peers() == 0)
        self.assertIn('disconnected', [event.to_string().split()[0] for event in events])

    def test_lives_until_closed(self):
        ours = self.bound(Zmq.SocketType.PULL)
        events = []
        Zmq.Monitor(ours).connect('event::accepted', lambda monitor, event: events.append((monitor, event)))
        gc.collect()
        peer = self.peer(zmq.PUSH, ours)
        wait_for(lambda: events)
        peer.close()
        with events[0][0] as monitor:
            self.assertFalse(monitor.is_closed())
        self.assertTrue(monitor.is_closed())

    def test_wait(self):
        ours = self.bound(Zmq.SocketType.PULL)
        monitor = Zmq.Monitor(ours)
        results = []
        monitor.wait_async(Kind.HANDSHAKE_SUCCEEDED, -1, None, lambda *args: results.append(monitor.wait_finish(args[1])))
        peer = self.peer(zmq.PUSH, ours)
        wait_for(lambda: results)
        peer.close()
        self.assertEqual(results[0].get_kind(), Kind.HANDSHAKE_SUCCEEDED)
        self.assertEqual(results[0].get_endpoint(), ours.last_endpoint)

    def test_errors(self):
        ours = self.bound(Zmq.SocketType.PULL)
        with self.assertRaises(Zmq.NotSupportedError):
            Zmq.Monitor(Zmq.Socket.new_for_handle(ours.handle))
        with self.assertRaises(TypeError):
            Zmq.Monitor(None)
        ours.close()
        with self.assertRaises(Zmq.ClosedError):
            Zmq.Monitor.new(ours)

    def test_awaited(self):
        import asyncio
        from zmqglib import aio

        async def run():
            with Zmq.Monitor(ours) as monitor:
                event = monitor.wait_async(Kind.ACCEPTED)
                peer = self.peer(zmq.PUSH, ours)
                self.assertEqual((await event).get_kind(), Kind.ACCEPTED)
                peer.close()
                with self.assertRaises(Zmq.AgainError):
                    await monitor.wait_async(Kind.BIND_FAILED, 1000)
                task = asyncio.ensure_future(monitor.wait_async(Kind.BIND_FAILED))
                await asyncio.sleep(0)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task

        ours = self.bound(Zmq.SocketType.PULL)
        aio.run(run())


if __name__ == '__main__':
    main()
