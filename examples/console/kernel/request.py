# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was asked of a kernel."""

from gi.repository import GObject


class Request(GObject.Object):
    """Is finished when the kernel has replied, and has said that it has no more to tell of it.

    The two come from different sockets, in any order. “finished” brings the reply, with its “status”, which
    is “died” when the kernel did.
    """

    __gsignals__ = {'finished': (GObject.SignalFlags.RUN_LAST, None, (object,))}

    def __init__(self, kind, request_id):
        super().__init__()
        self.kind = kind
        self.id = request_id
        self.reply = None
        self.is_idle = False
        self.is_finished = False

    @property
    def is_execution(self):
        """Whether it keeps the kernel busy for as long as it likes."""
        return self.kind == 'execute'

    def finish_if_done(self):
        """Tells that it is finished when it is; returns whether it is."""
        if self.reply is not None and self.is_idle and not self.is_finished:
            self.is_finished = True
            self.emit('finished', self.reply)
        return self.is_finished
