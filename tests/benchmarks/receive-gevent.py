# SPDX-License-Identifier: LGPL-2.1-or-later

"""How fast a PUSH's messages are received by a greenlet of gevent, with pyzmq's zmq.green."""

import sys

sys.dont_write_bytecode = True

import bench

try:
    import gevent
    import zmq.green
except ImportError as error:
    bench.skip(str(error))

run = bench.Bench()


def receive():
    context = zmq.green.Context()
    socket = context.socket(zmq.PULL)
    socket.bind(run.get_endpoint())
    run.start_peer(socket.last_endpoint.decode())

    while not run.meter.take(socket.recv_multipart()):
        pass

    run.finish()
    socket.close()
    context.term()


# get() raises what receive() does
gevent.spawn(receive).get()
