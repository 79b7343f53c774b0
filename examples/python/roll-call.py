#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server that knows its workers: those who send heartbeats are listed, and those who have stopped are gone.

Two workers in threads of this program send a few heartbeats and end.
"""

import threading
import time

import gi

gi.require_version("Zmq", "1.0")
from gi.repository import GLib, Zmq  # noqa: E402


def work(endpoint, name, n_heartbeats):
    socket = Zmq.Socket(Zmq.SocketType.DEALER)
    socket.routing_id = name.encode()
    socket.connect(endpoint)
    for _ in range(n_heartbeats):
        socket.send("heartbeat")
        time.sleep(0.05)


def main():
    loop = GLib.MainLoop()
    router = Zmq.Socket(Zmq.SocketType.ROUTER)
    router.bind("tcp://127.0.0.1:*")
    stream = Zmq.Stream(router)
    workers = Zmq.PeerList(stream, expiry_us=500_000)
    seen = []

    # somebody has to read; the list hears of it
    stream.connect("received", lambda _stream, _message: None)
    workers.connect("appeared", lambda _workers, peer: seen.append(peer.id.get_data().decode()))

    def on_expired(_workers, peer):
        print(f"{peer.id.get_data().decode()} is gone after {peer.n_messages} heartbeats")
        if len(workers) == 0 and len(seen) == 2:
            print("nobody is left")
            loop.quit()

    workers.connect("expired", on_expired)
    for name, n_heartbeats in ("short", 2), ("long", 10):
        threading.Thread(target=work, args=(router.last_endpoint, name, n_heartbeats)).start()
    loop.run()
    stream.close()


main()
