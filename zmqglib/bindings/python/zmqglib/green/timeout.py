# SPDX-License-Identifier: LGPL-2.1-or-later
"""Limits of how long something in a task may take."""

from gi.repository import GLib

from .tasks import attach, current_task, new_timer


class _Expired(BaseException):
    """What Timeout raises in a “with” block, which nothing in it takes for an error of its own."""


class Timeout(TimeoutError):
    """Limits how long something in a task may take: `with green.Timeout(0.5): …`.

    When the time is up, what the task waits for is given up as by Task.kill(), and the block raises
    the Timeout, which is a TimeoutError. In the block it is no Exception, so that what handles
    errors there does not handle it.

    Without a block, start() begins it and cancel() ends it; the Timeout itself is raised where the
    task waits:

        timeout = green.Timeout(0.5)
        timeout.start()
        try:
            …
        except green.Timeout as expired:
            if expired is not timeout:
                raise
        finally:
            timeout.cancel()

    Given an exception, or its class, that is raised instead, where the task waits; with False a
    block ends silently. None for the seconds is no limit. Blocks may be nested. Only tasks may use
    it, and a task that does not wait is not interrupted.
    """

    def __init__(self, seconds=None, exception=None):
        super().__init__(f'the time is up after {seconds} s')
        self.seconds = seconds
        self.exception = exception
        self._timer = None
        self._task = None
        self._thrown = None

    @classmethod
    def start_new(cls, seconds=None, exception=None):
        """A Timeout that has been started."""
        timeout = cls(seconds, exception)
        timeout.start()
        return timeout

    @property
    def pending(self):
        """Whether it was started, and has neither been cancelled nor raised anything."""
        return self._timer is not None

    def start(self):
        """Lets the time begin, for the task that calls this."""
        self._begin(self)

    def cancel(self):
        """Ends it: from now on it raises nothing. It may be started anew."""
        if self._timer is not None:
            self._timer.destroy()
            self._timer = None
        if self._task is not None and self._thrown in self._task._thrown:
            self._task._thrown.remove(self._thrown)

    close = cancel

    def _begin(self, default):
        if self.pending:
            raise RuntimeError('the Timeout was started already')
        self._task = current_task()
        if self._task is None:
            raise RuntimeError('only a task can have a Timeout')
        if self.exception is None or self.exception is False:
            self._thrown = default
        else:
            self._thrown = self.exception() if isinstance(self.exception, type) else self.exception
        if self.seconds is not None:
            self._timer = new_timer(self.seconds)
            attach(self._timer, self._on_timer)

    def _on_timer(self):
        self._timer = None
        self._task._throw(self._thrown)
        return GLib.SOURCE_REMOVE

    def __enter__(self):
        self._begin(_Expired())
        return self

    def __exit__(self, _type, error, _traceback):
        self.cancel()
        if error is self._thrown and isinstance(error, _Expired):
            if self.exception is False:
                return True
            raise self from None
