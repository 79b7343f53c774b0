# SPDX-License-Identifier: LGPL-2.1-or-later

"""How fast a PUSH's messages are received by blocking calls. Sides: zmqglib and pyzmq."""

import sys

sys.dont_write_bytecode = True

import bench

bench.use_bindings()
run = bench.Bench()


def receive_with_pyzmq():
    import zmq

    context = zmq.Context()
    with context.socket(zmq.PULL) as socket:
        socket.bind(run.get_endpoint())
        run.start_peer(socket.last_endpoint.decode())
        while not run.meter.take(socket.recv_multipart()):
            pass


def receive_with_zmqglib():
    import gi

    gi.require_version("Zmq", "1.0")
    from gi.repository import Zmq

    with Zmq.Socket(socket_type=Zmq.SocketType.PULL) as socket:
        socket.bind(run.get_endpoint())
        run.start_peer(socket.last_endpoint)
        while not run.meter.take(socket.receive()):
            pass


try:
    (receive_with_pyzmq if run.options.side == "pyzmq" else receive_with_zmqglib)()
except (ImportError, ValueError) as error:
    bench.skip(str(error))
run.finish()
