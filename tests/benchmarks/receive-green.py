# SPDX-License-Identifier: LGPL-2.1-or-later

"""How fast a PUSH's messages are received by a task of zmqglib.green."""

import sys

sys.dont_write_bytecode = True

import bench

bench.use_bindings()

try:
    import gi

    gi.require_version("Zmq", "1.0")
    from gi.repository import Zmq
    from zmqglib import green
except (ImportError, ValueError) as error:
    bench.skip(str(error))

run = bench.Bench()


def receive():
    with green.Socket(socket_type=Zmq.SocketType.PULL) as socket:
        socket.bind(run.get_endpoint())
        run.start_peer(socket.get_property("last-endpoint"))

        while not run.meter.take(socket.receive()):
            pass

        run.finish()


green.run(receive)
