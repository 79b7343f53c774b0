# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sockets to a kernel, as streams of the main loop."""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, GObject, Zmq  # noqa: E402

from . import contents  # noqa: E402
from .wire import BadMessage  # noqa: E402

TYPES = {
    'shell': Zmq.SocketType.DEALER,
    'control': Zmq.SocketType.DEALER,
    'stdin': Zmq.SocketType.DEALER,
    'iopub': Zmq.SocketType.SUB,
}
# how often it is looked whether a kernel that has ended had more to say, and for how long
LOOK_MS = 10
N_LOOKS = 100


class Channels(GObject.Object):
    """Sends and receives messages. One that is not signed with the key, or is none, is told, and goes no further.

    “connected” is told once, when all sockets are. A kernel that is asked before knows nobody yet at stdin, whom it
    could ask back: what it asks then would be lost. “finished” is told after finish ().
    """

    __gsignals__ = {
        'connected': (GObject.SignalFlags.RUN_LAST, None, ()),
        'received': (GObject.SignalFlags.RUN_LAST, None, (str, object)),
        'rejected': (GObject.SignalFlags.RUN_LAST, None, (str, str)),
        'finished': (GObject.SignalFlags.RUN_LAST, None, ()),
    }

    def __init__(self, connection, session):
        super().__init__()
        self.session = session
        self.streams = {}
        self.monitors = {}
        # those that have not been connected yet
        self.awaited = set(TYPES)
        self.n_looks = 0
        for channel, socket_type in TYPES.items():
            self.streams[channel] = self._open(channel, socket_type, connection.get_endpoint(channel))

    def _open(self, channel, socket_type, endpoint):
        socket = Zmq.Socket(socket_type=socket_type, linger=0)
        if socket_type == Zmq.SocketType.SUB:
            socket.subscribe('')
            # of a flood of output, nothing is to be lost on this side
            socket.receive_high_water_mark = 0
        else:
            # the kernel sends its questions to stdin by the routing id of who has asked it at shell
            socket.routing_id = self.session.id.encode()
        self.monitors[channel] = Zmq.Monitor(socket)
        self.monitors[channel].connect('notify::connected', self._on_connected, channel)
        socket.connect(endpoint)
        stream = Zmq.Stream(socket)
        stream.connect('received', self._on_received, channel)
        return stream

    def _on_connected(self, _monitor, _pspec, channel):
        if channel in self.awaited:
            self.awaited.remove(channel)
            if not self.awaited:
                self.emit('connected')

    def _on_received(self, _stream, frames, channel):
        try:
            message = self.session.unpack(frames)
            contents.complete(message)
        except BadMessage as error:
            self.emit('rejected', channel, str(error))
            return
        self.emit('received', channel, message)

    def send(self, channel, kind, content, parent=None):
        """Sends a message, and returns its id."""
        message = self.session.make(kind, content, parent)
        self.streams[channel].send(self.session.pack(message))
        return message.id

    def finish(self):
        """Closes the sockets to a kernel that is no more, when all is read that it has sent, and tells “finished”."""
        GLib.timeout_add(LOOK_MS, self._on_look, priority=GLib.PRIORITY_LOW)

    def _on_look(self):
        self.n_looks += 1
        # a process that the kernel has left behind may have inherited its connections
        is_coming = self.n_looks < N_LOOKS and any(monitor.props.connected for monitor in self.monitors.values())
        if is_coming or any(stream.get_socket().get_condition() & GLib.IOCondition.IN for stream in self.streams.values()):
            return GLib.SOURCE_CONTINUE
        self.close()
        self.emit('finished')
        return GLib.SOURCE_REMOVE

    def close(self):
        """Closes the sockets. What was sent at last has gone, if there is somebody to take it."""
        for each in [*self.monitors.values(), *self.streams.values()]:
            each.close()
