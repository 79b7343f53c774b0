# SPDX-License-Identifier: LGPL-2.1-or-later
"""The process of a kernel."""

import os
import signal

from gi.repository import Gio, GLib, GObject

# of what it has written past Jupyter, what may tell why it has ended
N_KEPT = 4000
SIGNALS = {number.value: number.name for number in signal.Signals}


class Process(GObject.Object):
    """Runs a kernel and tells when it has ended, and how."""

    __gsignals__ = {'ended': (GObject.SignalFlags.RUN_LAST, None, (str,))}

    def __init__(self, command, environment):
        """Raises GLib.Error when it cannot be started."""
        super().__init__()
        self.written = b''
        self.reader, writer = os.pipe()
        os.set_blocking(self.reader, False)
        launcher = Gio.SubprocessLauncher()
        launcher.take_stdout_fd(writer)
        launcher.take_stderr_fd(os.dup(writer))
        # what the debugger of IPython’s kernel has to say at each start tells nothing
        for name, value in {'PYDEVD_DISABLE_FILE_VALIDATION': '1', **environment}.items():
            launcher.setenv(name, value, True)
        # a kernel does not outlive who has started it, whatever ends that
        launcher.setenv('JPY_PARENT_PID', str(os.getpid()), True)
        try:
            self.process = launcher.spawnv(command)
        except GLib.Error:
            os.close(self.reader)
            raise
        finally:
            launcher.close()
        self.watch = GLib.unix_fd_add_full(GLib.PRIORITY_LOW, self.reader, GLib.IOCondition.IN, self._on_readable)
        self.process.wait_async(None, self._on_ended)

    def _on_readable(self, _reader, _condition):
        if self._read():
            return GLib.SOURCE_CONTINUE
        self.watch = 0
        return GLib.SOURCE_REMOVE

    def _read(self):
        """Reads what is there; false at the end."""
        try:
            data = os.read(self.reader, 65536)
        except BlockingIOError:
            return True
        self.written = (self.written + data)[-N_KEPT:]
        return bool(data)

    def _on_ended(self, process, result):
        process.wait_finish(result)
        if self.watch:
            GLib.source_remove(self.watch)
            self._read()
        os.close(self.reader)
        self.emit('ended', self._describe(process))

    @staticmethod
    def _describe(process):
        if process.get_if_signaled():
            return f'it was ended by {SIGNALS.get(process.get_term_sig(), "a signal")}'
        return f'it ended with status {process.get_exit_status()}'

    def get_written(self):
        """The last of what it wrote on its standard output and error."""
        return self.written.decode(errors='replace').strip()

    def get_pid(self):
        """Its process id, or None when it has ended."""
        text = self.process.get_identifier()
        return int(text) if text else None

    def interrupt(self):
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)

    def kill(self):
        """Ends it at once."""
        self.process.force_exit()
