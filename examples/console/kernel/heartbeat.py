# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether a kernel still answers: it sends back what it is sent, whatever else it does."""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, GObject, Zmq  # noqa: E402

INTERVAL_MS = 1000
# for so many intervals an answer may be missing
PATIENCE = 3


class Heartbeat(GObject.Object):
    """Asks as soon as it was answered, once an interval; “responding” is false while no answer comes."""

    responding = GObject.Property(type=bool, default=True)

    def __init__(self, endpoint):
        super().__init__()
        socket = Zmq.Socket(socket_type=Zmq.SocketType.REQ, linger=0)
        socket.connect(endpoint)
        self.n_missed = 0
        self.is_asking = False
        self.stream = Zmq.Stream(socket)
        self.stream.connect('received', self._on_received)
        self.timer = GLib.timeout_add(INTERVAL_MS, self._on_beat)

    def _on_beat(self):
        if not self.is_asking:
            self.is_asking = True
            self.n_missed = 0
            self.stream.send('beat')
        else:
            self.n_missed += 1
            self._set_responding(self.n_missed < PATIENCE)
        return GLib.SOURCE_CONTINUE

    def _on_received(self, _stream, _answer):
        self.is_asking = False
        self._set_responding(True)

    def _set_responding(self, responding):
        if responding != self.responding:
            self.responding = responding

    def close(self):
        """Asks no more."""
        GLib.source_remove(self.timer)
        self.stream.close()
