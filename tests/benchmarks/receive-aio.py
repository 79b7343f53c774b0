# SPDX-License-Identifier: LGPL-2.1-or-later

"""How fast a PUSH's messages are received by a coroutine: one by one, or by “async for” over a stream."""

import sys

sys.dont_write_bytecode = True

import bench

bench.use_bindings()

try:
    import gi

    gi.require_version("Zmq", "1.0")
    from gi.repository import Zmq
    from zmqglib import aio

    aio.new_event_loop().close()
except (ImportError, ValueError, RuntimeError) as error:
    bench.skip(str(error))

run = bench.Bench()


async def receive_each(socket):
    while not run.meter.take(await socket.receive_async()):
        pass


async def iterate(socket):
    async for message in Zmq.Stream(socket):
        if run.meter.take(message):
            break


async def main():
    with Zmq.Socket(socket_type=Zmq.SocketType.PULL) as socket:
        socket.bind(run.get_endpoint())
        run.start_peer(socket.last_endpoint)
        await (iterate if run.options.side == 'iterate' else receive_each)(socket)
        run.finish()


aio.run(main())
