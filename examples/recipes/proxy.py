#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A proxy between clients and workers: either side knows only the proxy, and may come and go.

The client and the workers are made by the program itself.
"""

import asyncio

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402
from zmqglib import aio  # noqa: E402

N_WORKERS = 3
N_QUESTIONS = 10


def make_proxy():
    router = Zmq.Socket(Zmq.SocketType.ROUTER, linger=0)
    router.bind('tcp://127.0.0.1:*')
    dealer = Zmq.Socket(Zmq.SocketType.DEALER, linger=0)
    dealer.bind('tcp://127.0.0.1:*')
    proxy = Zmq.Proxy(router, dealer)
    proxy.start()
    return proxy, router.last_endpoint, dealer.last_endpoint


def make_worker(endpoint):
    stream = Zmq.Stream.new_connected(Zmq.SocketType.REP, endpoint)
    stream.connect('received', lambda stream, message: stream.send(str(int(message[0]) ** 2)))
    return stream


async def main():
    proxy, for_clients, for_workers = make_proxy()
    workers = [make_worker(for_workers) for _ in range(N_WORKERS)]

    with Zmq.Client() as client:
        client.connect(for_clients)
        answers = await asyncio.gather(*(client.request_async(str(i)) for i in range(N_QUESTIONS)))
    print(*(answer[0].decode() for answer in answers))

    for worker in workers:
        worker.close()
    proxy.stop()
    print(proxy.n_forwarded_in, 'questions,', proxy.n_forwarded_out, 'answers')


aio.run(main())
