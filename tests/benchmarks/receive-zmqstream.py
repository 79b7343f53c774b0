# SPDX-License-Identifier: LGPL-2.1-or-later

"""How fast messages that a PUSH sends reach a handler of pyzmq's ZMQStream, on tornado."""

import sys

sys.dont_write_bytecode = True

import bench

try:
    import zmq
    from tornado.ioloop import IOLoop
    from zmq.eventloop.zmqstream import ZMQStream
except ImportError as error:
    bench.skip(str(error))

run = bench.Bench()
context = zmq.Context()
socket = context.socket(zmq.PULL)
socket.bind(run.get_endpoint())
loop = IOLoop.current()


def on_received(frames):
    if run.meter.take(frames):
        loop.stop()


stream = ZMQStream(socket)
stream.on_recv(on_received)

run.start_peer(socket.last_endpoint.decode())
loop.start()
run.finish()

stream.close()
context.term()
