# SPDX-License-Identifier: LGPL-2.1-or-later
"""The process of a kernel, and those that it has started."""

import contextlib
import os
import signal
import subprocess

from gi.repository import GLib, GObject

# of what it has written past Jupyter, what may tell why it has ended
N_KEPT = 4000
SIGNALS = {number.value: number.name for number in signal.Signals}


class Process(GObject.Object):
    """Runs a kernel and tells when it has ended, and how."""

    __gsignals__ = {'ended': (GObject.SignalFlags.RUN_LAST, None, (str,))}

    def __init__(self, command, environment):
        """Raises OSError when it cannot be started."""
        super().__init__()
        self.written = b''
        # in a group of its own, so that what is meant for the kernel reaches what it has started as well, and nobody else
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
            env=self._get_environment(environment), start_new_session=True,
        )
        self.reader = self.process.stdout
        os.set_blocking(self.reader.fileno(), False)
        self.watch = GLib.unix_fd_add_full(
            GLib.PRIORITY_LOW, self.reader.fileno(), GLib.IOCondition.IN, self._on_readable)
        GLib.child_watch_add(GLib.PRIORITY_DEFAULT, self.process.pid, self._on_ended)

    @staticmethod
    def _get_environment(more):
        return {
            **os.environ,
            # what the debugger of IPython’s kernel has to say at each start tells nothing
            'PYDEVD_DISABLE_FILE_VALIDATION': '1',
            **more,
            # a kernel does not outlive who has started it, whatever ends that
            'JPY_PARENT_PID': str(os.getpid()),
        }

    def _on_readable(self, _reader, _condition):
        if self._read():
            return GLib.SOURCE_CONTINUE
        self.watch = 0
        return GLib.SOURCE_REMOVE

    def _read(self):
        """Reads what is there; false at the end."""
        data = self.reader.read(65536)
        # nothing now
        if data is None:
            return True
        self.written = (self.written + data)[-N_KEPT:]
        return bool(data)

    def _on_ended(self, _pid, status):
        # what it has started, and has not ended itself
        self._signal(signal.SIGKILL)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.watch:
            GLib.source_remove(self.watch)
            self._read()
        self.reader.close()
        self.emit('ended', self._describe())

    def _describe(self):
        status = self.process.returncode
        return f'it ended with status {status}' if status >= 0 else f'it was ended by {SIGNALS.get(-status, "a signal")}'

    def get_written(self):
        """The last of what it wrote on its standard output and error."""
        return self.written.decode(errors='replace').strip()

    def get_pid(self):
        """Its process id, or None when it has ended."""
        return self.process.pid if self.process.returncode is None else None

    def _signal(self, number):
        # who has just ended need not be told
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def interrupt(self):
        """As Ctrl-C does in a terminal."""
        self._signal(signal.SIGINT)

    def kill(self):
        """Ends it at once."""
        self._signal(signal.SIGKILL)
