# SPDX-License-Identifier: LGPL-2.1-or-later

"""How fast messages that a PUSH sends reach a handler of a stream's “received” in Python, or a function in its place."""

import sys

sys.dont_write_bytecode = True

import bench

try:
    import gi

    gi.require_version("Zmq", "1.0")
    from gi.repository import GLib, Zmq
except (ImportError, ValueError) as error:
    bench.skip(str(error))

run = bench.Bench()
frame_indices = range(run.options.frames)
socket = Zmq.Socket.new(None, Zmq.SocketType.PULL)
socket.bind(run.get_endpoint())
loop = GLib.MainLoop()


def on_received(stream, message):
    if run.meter.take([message.peek_frame(i) for i in frame_indices]):
        loop.quit()


stream = Zmq.Stream.new(socket)
if run.options.side == "function":
    stream.set_receive_func(on_received)
else:
    stream.connect("received", on_received)

run.start_peer(socket.props.last_endpoint)
loop.run()
run.finish()

stream.close()
