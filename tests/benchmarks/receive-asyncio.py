# SPDX-License-Identifier: LGPL-2.1-or-later

"""How fast a PUSH's messages are received by a coroutine, with pyzmq on asyncio."""

import sys

sys.dont_write_bytecode = True

import asyncio

import bench

try:
    import zmq
    import zmq.asyncio
except ImportError as error:
    bench.skip(str(error))

run = bench.Bench()


async def receive():
    context = zmq.asyncio.Context()
    socket = context.socket(zmq.PULL)
    socket.bind(run.get_endpoint())
    run.start_peer(socket.last_endpoint.decode())

    while not run.meter.take(await socket.recv_multipart()):
        pass

    run.finish()
    socket.close()
    context.term()


asyncio.run(receive())
