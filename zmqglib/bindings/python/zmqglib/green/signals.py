# SPDX-License-Identifier: LGPL-2.1-or-later
"""Python's signal handlers, while main loops of zmqglib.green run in the main thread.

A signal wakes the main loop, so that they run at once. What the handler for Ctrl-C raised in a
callback would be printed, and that was it: so there is one that knows better.
"""

import _thread
import ctypes
import os
import signal
import time

import gi

gi.require_version('Zmq', '1.0')
from gi.module import get_introspection_module  # noqa: E402

from .. import _blocking  # noqa: E402

# How long the code of zmqglib.green, which a signal came in, has to get ahead.
_AGAIN_S = 0.001

_HERE = __name__.rpartition('.')[0] + '.'

_get_pointer = ctypes.pythonapi.PyOS_getsig
_get_pointer.restype = ctypes.c_void_p
_get_pointer.argtypes = [ctypes.c_int]
# C code, as GLib.unix_signal_add(), puts another one in its place behind Python's back
_python_pointer = _get_pointer(signal.SIGINT) if callable(signal.getsignal(signal.SIGINT)) else None

_blocking_calls = _blocking.Blocking(get_introspection_module('Zmq').Poller)


class _Loop:
    interrupted = False


class Interrupts:
    """Ctrl-C, while the main thread waits in main loops of this module.

    It reaches the task whose code runs, as it would any code; when all wait, it ends the main
    loops under way, and those of PyGObject around them. A handler of the program's own is left alone.
    """

    def __init__(self, get_running_task):
        self._get_running_task = get_running_task
        self._loops = []
        self._previous = None
        os.register_at_fork(after_in_child=self._on_forked)

    def run(self, context, is_done):
        """Iterates a main context until is_done(); raises KeyboardInterrupt when ended by one."""
        if not _blocking.is_main_thread():
            while not is_done():
                context.iteration(True)
            return
        loop = _Loop()
        try:
            self._loops.append(loop)
            if len(self._loops) == 1:
                self._install()
            _blocking_calls.iterate(context, lambda: loop.interrupted or is_done())
        finally:
            if loop in self._loops:
                self._loops.remove(loop)
                if not self._loops:
                    self._uninstall()
        if loop.interrupted:
            raise KeyboardInterrupt

    def end(self):
        """Ends the main loops; says whether there are any."""
        for loop in self._loops:
            loop.interrupted = True
        return bool(self._loops)

    def _install(self):
        handler = signal.getsignal(signal.SIGINT)
        is_known = (handler is signal.default_int_handler or
                    # ends a main loop around this one
                    getattr(handler, '__module__', None) == 'gi._ossighelper')
        if is_known and _get_pointer(signal.SIGINT) == _python_pointer:
            self._previous = handler
            signal.signal(signal.SIGINT, self._on_signal)

    def _uninstall(self):
        previous, self._previous = self._previous, None
        if (previous is not None and signal.getsignal(signal.SIGINT) == self._on_signal and
                _get_pointer(signal.SIGINT) == _python_pointer):
            signal.signal(signal.SIGINT, previous)

    def _on_forked(self):
        # the main loops under way are those of the parent
        if self._loops:
            self._loops.clear()
            self._uninstall()

    def _on_signal(self, number, frame):
        if self._get_running_task() is None:
            if not self.end():
                # the last one has ended just now
                raise KeyboardInterrupt
            if self._previous not in (None, signal.default_int_handler):
                self._previous(number, frame)
        elif _is_here(frame):
            # what would be left undone here, others would wait for
            _thread.start_new_thread(_send_again, ())
        else:
            raise KeyboardInterrupt


def _send_again():
    time.sleep(_AGAIN_S)
    _thread.interrupt_main()


def _is_here(frame):
    """Whether code of zmqglib.green runs, or called what does, other than the function of a task."""
    interrupted = frame
    while frame is not None:
        if frame.f_globals.get('__name__', '').startswith(_HERE):
            return frame is interrupted or frame.f_code.co_name not in ('_run', 'run_function')
        frame = frame.f_back
    return False
