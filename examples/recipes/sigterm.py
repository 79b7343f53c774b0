#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service that is told to end by SIGTERM, and first sends all that it has.

The program tells itself. Who collects what the service sends is made by the program, too, and reads only then.
"""

import asyncio
import os
import signal
import sys

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402
from zmqglib import aio  # noqa: E402

N_RECORDS = 3000
RECORD = b'.' * 4096
# how long a collector that is not there may hold up the end, in each of two steps
DRAIN_S = 5
LINGER_MS = 5_000


class Collector:
    def __init__(self):
        socket = Zmq.Socket(Zmq.SocketType.PULL, context=Zmq.Context())
        socket.bind('tcp://127.0.0.1:*')
        self.endpoint = socket.last_endpoint
        self.stream = Zmq.Stream(socket)

    async def collect(self):
        for _ in range(N_RECORDS):
            await self.stream.receive_async()


async def serve(endpoint, told_to_end):
    context = Zmq.Context()
    socket = Zmq.Socket(Zmq.SocketType.PUSH, context=context, linger=LINGER_MS)
    socket.connect(endpoint)
    stream = Zmq.Stream(socket)
    for _ in range(N_RECORDS):
        stream.send(RECORD)

    await told_to_end.wait()
    try:
        await asyncio.wait_for(stream.drain_async(), DRAIN_S)  # libzmq has all of it
    except asyncio.TimeoutError:
        print(stream.n_queued, 'records were not taken in time', file=sys.stderr)
    stream.close()
    await context.terminate_async()  # the network has all of it


async def main():
    told_to_end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_end.set)

    collector = Collector()
    service = asyncio.ensure_future(serve(collector.endpoint, told_to_end))
    os.kill(os.getpid(), signal.SIGTERM)
    await told_to_end.wait()
    print('told to end')

    collecting = asyncio.ensure_future(collector.collect())
    await service
    print('the service has ended')
    await collecting
    print(N_RECORDS, 'records have come')
    collector.stream.close()


aio.run(main())
