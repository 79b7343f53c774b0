# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether a kernel still answers: it sends back what it is sent, whatever else it does."""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, GObject, Zmq  # noqa: E402

INTERVAL_MS = 1000
# so many answers may be missing
PATIENCE = 3


class Heartbeat(GObject.Object):
    """Asks again and again; “responding” is false while no answer comes."""

    responding = GObject.Property(type=bool, default=True)

    def __init__(self, endpoint):
        super().__init__()
        # may ask again before it was answered, and knows which answer is to which question
        socket = Zmq.Socket(socket_type=Zmq.SocketType.REQ, linger=0, request_relaxed=True, request_correlate=True)
        socket.connect(endpoint)
        self.n_missed = 0
        self.stream = Zmq.Stream(socket)
        self.stream.connect('received', self._on_received)
        self.timer = GLib.timeout_add(INTERVAL_MS, self._on_beat)

    def _on_beat(self):
        if self.n_missed == PATIENCE and self.responding:
            self.responding = False
        self.n_missed += 1
        # a question that nobody takes does not wait for the next one
        self.stream.discard()
        self.stream.send('beat')
        return GLib.SOURCE_CONTINUE

    def _on_received(self, _stream, _answer):
        self.n_missed = 0
        if not self.responding:
            self.responding = True

    def close(self):
        """Asks no more."""
        GLib.source_remove(self.timer)
        self.stream.close()
