#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server that knows which workers are alive: who is silent for too long is forgotten.

The workers are made by the program itself. Ben hangs after three heartbeats, and Ann when Ben is gone.
"""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

HEARTBEAT_MS = 50
EXPIRY_US = 1_000_000  # some heartbeats may be late


class Worker:
    def __init__(self, name, endpoint):
        socket = Zmq.Socket(Zmq.SocketType.DEALER, routing_id=name.encode(), linger=0)
        socket.connect(endpoint)
        self.stream = Zmq.Stream(socket)
        self.timer = GLib.timeout_add(HEARTBEAT_MS, self.on_heartbeat_due)

    def on_heartbeat_due(self):
        self.stream.send('heartbeat')
        return GLib.SOURCE_CONTINUE

    def hang(self):
        if self.timer:
            GLib.source_remove(self.timer)
        self.timer = 0


class Server:
    def __init__(self, on_alone):
        socket = Zmq.Socket(Zmq.SocketType.ROUTER, linger=0)
        socket.bind('tcp://127.0.0.1:*')
        self.endpoint = socket.last_endpoint
        self.on_alone = on_alone
        self.stream = Zmq.Stream(socket)
        # somebody has to read; the list hears of it
        self.stream.connect('received', self.on_received)
        self.peers = Zmq.PeerList(self.stream, expiry_us=EXPIRY_US)
        self.peers.connect('appeared', self.on_appeared)
        self.peers.connect('expired', self.on_expired)
        self.workers = {'Ann': Worker('Ann', self.endpoint)}

    def on_received(self, _stream, message):
        name = message[0].decode()
        if name == 'Ben' and self.peers.lookup(message[0]).n_messages == 3:
            self.workers[name].hang()

    def on_appeared(self, _peers, peer):
        name = peer.id.get_data().decode()
        print(name, 'is there')
        if name == 'Ann':
            self.workers['Ben'] = Worker('Ben', self.endpoint)

    def on_expired(self, _peers, peer):
        print(peer.id.get_data().decode(), 'is gone')
        self.workers['Ann'].hang()
        if len(self.peers) == 0:
            self.on_alone()


loop = GLib.MainLoop()
server = Server(loop.quit)
loop.run()
print('nobody is left')
