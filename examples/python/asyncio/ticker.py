#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A live ticker over PUB/SUB: who does not wait for the next tick pauses, and loses none."""

import asyncio
import sys

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402
from zmqglib import aio  # noqa: E402


class Publisher:
    """Ticks as soon as somebody has subscribed, which an XPUB socket tells."""

    def __init__(self):
        self.socket = Zmq.Socket(Zmq.SocketType.XPUB, linger=0)
        self.socket.bind('tcp://127.0.0.1:*')
        self.n_ticks = 0

    async def run(self):
        await self.socket.receive_async()
        while True:
            self.n_ticks += 1
            await self.socket.send_async(['tick', str(self.n_ticks)])
            await asyncio.sleep(0.01)

    async def wait_for(self, n_ticks):
        while self.n_ticks < n_ticks:
            await asyncio.sleep(0.005)


async def show(stream, numbers, until):
    async for _topic, number in stream:
        numbers.append(int(number))
        print('tick', numbers[-1])
        if numbers[-1] >= until:
            break


async def main():
    publisher = Publisher()
    publishing = asyncio.ensure_future(publisher.run())
    numbers = []
    with Zmq.Socket(Zmq.SocketType.SUB, linger=0) as socket:
        socket.subscribe('tick')
        socket.connect(publisher.socket.last_endpoint)
        stream = Zmq.Stream(socket)

        await show(stream, numbers, 3)
        print('paused')
        await publisher.wait_for(publisher.n_ticks + 5)
        print('resumed')
        await show(stream, numbers, 8)
        stream.close()

    publishing.cancel()
    await asyncio.wait([publishing])
    publisher.socket.close()
    if numbers != list(range(1, 9)):
        sys.exit(f'lost: {numbers}')
    print('nothing was lost')


aio.run(main())
