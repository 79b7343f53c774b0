# SPDX-License-Identifier: LGPL-2.1-or-later
"""interop-peer asyncio|zmqstream ENDPOINT: a pyzmq program that connects a DEALER, says “hello”, and
sends each message back with its number in front, until one says “end”."""

import asyncio
import sys

import zmq
import zmq.asyncio


async def run_asyncio(endpoint):
    socket = zmq.asyncio.Context.instance().socket(zmq.DEALER)
    socket.connect(endpoint)
    await socket.send(b'hello')
    number = 0
    while True:
        frames = await socket.recv_multipart()
        await socket.send_multipart([str(number).encode(), *frames])
        if frames == [b'end']:
            break
        number += 1
    socket.close()


def run_zmqstream(endpoint):
    from tornado.ioloop import IOLoop
    from zmq.eventloop.zmqstream import ZMQStream

    loop = IOLoop.current()
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.connect(endpoint)
    stream = ZMQStream(socket)
    numbers = iter(range(1_000_000))

    def on_recv(frames):
        stream.send_multipart([str(next(numbers)).encode(), *frames])
        if frames == [b'end']:
            stream.flush()
            loop.add_callback(loop.stop)

    stream.on_recv(on_recv)
    stream.send(b'hello')
    loop.start()
    stream.close()


style, endpoint = sys.argv[1:]
if style == 'asyncio':
    asyncio.run(run_asyncio(endpoint))
else:
    run_zmqstream(endpoint)
zmq.Context.instance().term()
