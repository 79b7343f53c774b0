# SPDX-License-Identifier: LGPL-2.1-or-later
"""Blocking calls that give way to Python's signal handlers, as to the one for Ctrl-C.

A handler only runs between two steps of Python. So what has to wait waits for a descriptor, too, which
Python writes to when a signal comes; that is for the main thread, whose handlers they are.
"""

import contextlib
import functools
import os
import signal
import socket
import threading
import time

from gi.repository import Gio, GLib, GObject

# What C calls here must not be Python code, not even that which makes Python's values of C's arguments: a signal's
# handler would run in it, and what it raises would end there instead of in the call that blocks. So there is none.
_NO_CALLBACK = None
# Where there has to be one: a function in C, with a result that is true.
_C_CALLBACK = 'again'.format

# After how many iterations of a main context it is looked whether a signal came, which may cost more than one.
_N_ITERATIONS = 16

# How often a context that terminates looks for what was left to do, in milliseconds.
_LOOK_MS = 100


def is_main_thread():
    return threading.current_thread() is threading.main_thread()


class NoDescriptor(Exception):
    """There is no descriptor left to hear of signals by. The call then blocks as in C."""


def _in_c(results, function, *args):
    """Calls a function and keeps its result, with no step of Python between, in which a signal's handler could raise."""
    results.extend(map(function, *zip(args)))


_set_wakeup_fd = functools.partial(signal.set_wakeup_fd, warn_on_full_buffer=False)


class _Wakeup:
    """A descriptor that is readable when a signal has come, while it is asked for.

    It is made once in a process and never closed: who is interrupted at a bad moment leaves it to Python.
    """

    _ours = None

    def __init__(self):
        try:
            self._reader, self._writer = socket.socketpair()
        except OSError:
            raise NoDescriptor from None
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._pid = os.getpid()
        self._numbers = b''

    @classmethod
    def get(cls):
        # not that of a parent that has forked
        if cls._ours is None or cls._ours._pid != os.getpid():
            cls._ours = cls()
        return cls._ours

    def fileno(self):
        return self._reader.fileno()

    def during(self, function, *args):
        """Calls the function, while signals make the descriptor readable."""
        previous = []
        try:
            _in_c(previous, _set_wakeup_fd, self._writer.fileno())
            return function(*args)
        finally:
            if previous:
                _set_wakeup_fd(previous[0])
                self._forward(previous[0])

    def read(self):
        """Makes it unreadable again, and says whether a signal came. The handlers are run by Python."""
        try:
            numbers = self._reader.recv(1024)
        except BlockingIOError:
            return False
        self._numbers += numbers
        return True

    def _forward(self, previous):
        """Tells an event loop below, whose descriptor it is, and which has handlers of its own."""
        self.read()
        if previous == self._writer.fileno():
            return
        numbers, self._numbers = self._numbers, b''
        if numbers and previous >= 0:
            # one that is full is readable anyway
            with contextlib.suppress(BlockingIOError):
                os.write(previous, numbers)


class _Deadline:
    """A time limit in microseconds; a negative one is none."""

    def __init__(self, timeout_us):
        # whole numbers: a huge limit is not to become a larger one
        self._end = None if timeout_us < 0 else time.monotonic_ns() // 1000 + timeout_us

    def get_rest(self):
        if self._end is None:
            return -1
        return max(0, self._end - time.monotonic_ns() // 1000)


class Blocking:
    """The blocking calls, made of what C has: pollers, and asynchronous calls in a main context of their own."""

    def __init__(self, poller_class):
        self._new_poller = poller_class.new
        # not the overrides', which count what the program has added
        self._add_fd = poller_class.add_fd
        self._remove_fd = poller_class.remove_fd
        self._wait_in_c = poller_class.wait
        self._idle = []

    def _take(self):
        """The wake-up, and a poller that watches it.

        Who is interrupted does not give the poller back: there may be left in it what does not belong there.
        """
        wakeup = _Wakeup.get()
        while self._idle:
            poller, watched = self._idle.pop()
            if watched is wakeup:
                return wakeup, poller
        poller = self._new_poller()
        self._add_fd(poller, wakeup.fileno(), GLib.IOCondition.IN, _NO_CALLBACK)
        return wakeup, poller

    def retry(self, zmq_socket, condition, attempt, timeout_us, cancellable):
        """Calls attempt() whenever the socket is ready, until it returns something; None when the time is up."""
        deadline = _Deadline(timeout_us)
        wakeup, poller = self._take()
        while True:
            result = attempt()
            rest = deadline.get_rest()
            if result is not None or rest == 0:
                break
            wakeup.during(self._wait, poller, zmq_socket, condition, rest, cancellable)
        self._idle.append((poller, wakeup))
        return result

    def _wait(self, poller, zmq_socket, condition, timeout_us, cancellable):
        poller.add_socket(zmq_socket, condition, _NO_CALLBACK)
        self._wait_in_c(poller, timeout_us, cancellable)
        # one that was closed is not in the poller any more
        with contextlib.suppress(GLib.Error):
            poller.remove_socket(zmq_socket)

    def poll(self, poller, timeout_us, cancellable):
        """What a poller's wait() does."""
        deadline = _Deadline(timeout_us)
        n_called = self._wait_in_c(poller, 0, cancellable)
        if n_called > 0:
            return n_called
        wakeup = _Wakeup.get()
        added = []
        try:
            # it is there when one of the poller's functions waits for the poller
            with contextlib.suppress(GLib.Error):
                _in_c(added, self._add_fd, poller, wakeup.fileno(), GLib.IOCondition.IN, _NO_CALLBACK)
            return wakeup.during(self._poll, poller, wakeup, deadline, cancellable)
        finally:
            if added:
                self._remove_fd(poller, wakeup.fileno())

    def _poll(self, poller, wakeup, deadline, cancellable):
        while True:
            n_called = self._wait_in_c(poller, deadline.get_rest(), cancellable)
            # a signal may also have come while a function was running
            was_signal = wakeup.read()
            if n_called > 0 or not was_signal or deadline.get_rest() == 0:
                return n_called

    def complete(self, begin, finish, timeout_us=-1, cancellable=None):
        """Waits for an asynchronous call; returns False when the time is up."""
        call = _Call(begin, cancellable)
        if timeout_us >= 0:
            call.every(min(-(-timeout_us // 1000), GLib.MAXINT32), call.expire)
        return self._run(call, finish)

    def terminate(self, terminate, begin, finish, cancellable):
        """What a context's terminate() does."""
        cancelled = Gio.Cancellable()
        cancelled.cancel()

        def look():
            try:
                return terminate(cancelled)
            except GLib.Error as error:
                if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                    raise
                return False

        if look():
            return True
        call = _Call(begin, cancellable)
        # something may be left to do in a main context that nobody runs
        call.every(_LOOK_MS, look)
        return self._run(call, finish)

    def iterate(self, context, is_done):
        """Iterates a main context until is_done(). The handlers of signals run between two iterations."""
        try:
            wakeup, poller = self._take()
        except NoDescriptor:
            while not is_done():
                context.iteration(True)
            return
        source = poller.create_source()
        source.attach(context)
        try:
            wakeup.during(self._iterate, context, wakeup, is_done)
        finally:
            source.destroy()
        self._idle.append((poller, wakeup))

    def _iterate(self, context, wakeup, is_done):
        n_left = _N_ITERATIONS
        while not is_done():
            context.iteration(True)
            n_left -= 1
            if n_left == 0:
                wakeup.read()
                n_left = _N_ITERATIONS

    def _run(self, call, finish):
        try:
            wakeup, poller = self._take()
            source = poller.create_source()
            source.attach(call.context)
            wakeup.during(call.run, wakeup)
            source.destroy()
            self._idle.append((poller, wakeup))
        finally:
            call.cancel()
        return call.finish(finish)


def _check_descriptor():
    """GLib ends the program when it makes a main context and there is none."""
    try:
        os.close(os.dup(_Wakeup.get().fileno()))
    except OSError:
        raise NoDescriptor from None


class _Call:
    """An asynchronous call in a main context of its own."""

    def __init__(self, begin, cancellable):
        _check_descriptor()
        self.context = GLib.MainContext.new()
        self._own = Gio.Cancellable()
        self._results = {}
        self._expired = False
        self._sources = []
        self._timers = []
        self._cancellable = cancellable
        if cancellable is not None:
            self._handler = GObject.Object.connect(cancellable, 'cancelled', lambda _cancellable: self._own.cancel())
            if cancellable.is_cancelled():
                self._own.cancel()
        self.context.push_thread_default()
        try:
            begin(self._own, self._results.__setitem__)
        finally:
            self.context.pop_thread_default()

    def every(self, milliseconds, function):
        """Calls function() every so many milliseconds while it runs: not from the loop, in which it cannot raise."""
        interval = milliseconds / 1000
        # before the source has begun to count, which wakes the loop: it never does so too early
        self._timers.append([function, interval, time.monotonic() + interval])
        source = GLib.Timeout(milliseconds)
        source.set_callback(_C_CALLBACK)
        source.attach(self.context)
        self._sources.append(source)

    def _call_timers(self):
        now = time.monotonic()
        for timer in self._timers:
            function, interval, due = timer
            if now >= due:
                timer[2] += interval
                function()

    def expire(self):
        self._expired = True
        self._own.cancel()

    def run(self, wakeup):
        while not self._results:
            self.context.iteration(True)
            wakeup.read()
            self._call_timers()

    def cancel(self):
        """Ends it, if it has not ended."""
        self._own.cancel()
        while not self._results:
            self.context.iteration(True)
        for source in self._sources:
            source.destroy()
        if self._cancellable is not None:
            GObject.Object.disconnect(self._cancellable, self._handler)

    def finish(self, finish):
        try:
            return finish(*self._results.values())
        except GLib.Error as error:
            if self._expired and error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                return False
            raise
