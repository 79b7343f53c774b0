# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tasks: functions that give way to the main loop while they wait."""

import math
import sys
from collections import deque

from gi.repository import GLib
from greenlet import GreenletExit, getcurrent, greenlet

# What a task may do without waiting before it gives way, in microseconds.
SHARE_US = 10000


class TaskKilled(BaseException):
    """What Task.kill() raises in a task, and then Task.get() in who asks for its result."""


class _Expired(BaseException):
    """What Timeout raises in its task, to become a TimeoutError at the end of the block."""


class _Greenlet(greenlet):
    task = None


def current_task():
    """The task that runs, or None outside of tasks."""
    return getattr(getcurrent(), 'task', None)


def attach(source, callback):
    """Lets the thread-default main context call callback() when the source is ready."""
    source.set_callback(lambda *_data: callback())
    source.attach(GLib.MainContext.ref_thread_default())


def new_timer(seconds):
    milliseconds = max(0, math.ceil(seconds * 1000))
    if milliseconds > GLib.MAXUINT32:
        raise ValueError(f'{seconds} seconds are more than a timer can wait')
    return GLib.Timeout(milliseconds)


class Waiter:
    """Something that the task, or the code outside of tasks, that makes it waits for once."""

    def __init__(self):
        self.woken = False
        self._context = GLib.MainContext.ref_thread_default()
        self._task = None
        self._loop = None
        self._delivered = False

    def wake(self):
        """Ends the waiting, now or in advance. May be called from any thread."""
        if not self.woken:
            self.woken = True
            self._deliver_later()

    def interrupt(self):
        """Lets the task see what is to be raised in it."""
        self._deliver_later()

    def _deliver_later(self):
        # Tasks are resumed by sources of their own, so that a task that runs a main loop stops no
        # other source from being dispatched in it.
        source = GLib.Idle(priority=GLib.PRIORITY_DEFAULT)
        source.set_callback(lambda *_data: self._deliver())
        source.attach(self._context)

    def _deliver(self):
        if self._delivered:
            return GLib.SOURCE_REMOVE
        if self._task is not None:
            self._delivered = True
            self._task._resume()
        elif self._loop is not None:
            self._delivered = True
            self._loop.quit()
        return GLib.SOURCE_REMOVE

    def wait(self, timeout=None):
        """Waits for wake(), for at most so many seconds; says whether it came."""
        timer = None
        if timeout is not None:
            timer = new_timer(timeout)
            attach(timer, self._deliver)
        try:
            task = current_task()
            if task is not None and task._may_leave():
                self._wait_in(task)
            else:
                self._wait_outside()
        finally:
            self._delivered = True
            if timer is not None:
                timer.destroy()
        return self.woken

    def _wait_in(self, task):
        task._raise_thrown()
        if not self.woken:
            self._task = task
            task._suspend(self)
        task._raise_thrown()

    def _wait_outside(self):
        if not self._context.acquire():
            raise RuntimeError('the main context belongs to another thread')
        try:
            if not self.woken:
                self._loop = GLib.MainLoop(self._context)
                self._loop.run()
        finally:
            self._context.release()


class Task:
    """A function under way, as spawn() returns it."""

    def __init__(self, function, args, kwargs):
        self._function = lambda: function(*args, **kwargs)
        self._name = getattr(function, '__qualname__', repr(function))
        self._context = GLib.MainContext.ref_thread_default()
        self._greenlet = None
        self._waiter = None   # while it waits
        self._depth = None    # of the main loops below it, while it runs
        self._since = 0       # when it was resumed
        self._thrown = deque()
        self._killed_by = None
        self._joining = []
        self._n_getting = 0
        self._value = None
        self._exception = None
        self._done = False

        source = GLib.Idle(priority=GLib.PRIORITY_DEFAULT)
        source.set_callback(lambda *_data: self._start())
        source.attach(self._context)

    def __repr__(self):
        state = 'done' if self._done else 'waiting' if self._waiter else 'running'
        return f'<Task {self._name} ({state if self._greenlet or self._done else "new"})>'

    @property
    def done(self):
        """Whether the function has returned, has raised an exception or was killed."""
        return self._done

    def ready(self):
        """The same as done."""
        return self._done

    @property
    def exception(self):
        """The exception that ended the task, or None."""
        return self._exception

    def join(self, timeout=None):
        """Waits until the task is done, for at most so many seconds; says whether it is."""
        if self is current_task():
            raise RuntimeError('a task cannot wait for itself')
        if not self._done:
            waiter = Waiter()
            self._joining.append(waiter)
            try:
                waiter.wait(timeout)
            finally:
                self._joining.remove(waiter)
        return self._done

    def get(self, timeout=None):
        """Waits for what the function returns, and raises what it raises.

        Raises TimeoutError when it is not done within so many seconds.
        """
        self._n_getting += 1
        try:
            if not self.join(timeout):
                raise TimeoutError(f'{self!r} is not done in time')
        finally:
            self._n_getting -= 1
        if self._exception is not None:
            raise self._exception
        return self._value

    def kill(self, exception=TaskKilled):
        """Raises the exception in the task, where it waits, or as soon as it does.

        Returns at once; join() waits for the end. A task that has not begun never does. A message
        that the task waits for stays in its socket; one that it sends may have been sent.
        """
        if isinstance(exception, type):
            exception = exception()
        if not isinstance(exception, BaseException):
            raise TypeError(f'{exception!r} is not an exception')
        if self._done:
            return
        self._killed_by = exception
        if self is current_task():
            raise exception
        if self._greenlet is None:
            self._end(exception=exception)
        else:
            self._throw(exception)

    def _throw(self, exception):
        self._thrown.append(exception)
        if self._waiter is not None:
            self._waiter.interrupt()

    def _raise_thrown(self):
        if self._thrown:
            raise self._thrown.popleft()

    def _may_leave(self):
        """Whether the task can be suspended here: not from within a main loop that it runs."""
        if self._depth is None:
            raise RuntimeError(f'{self!r} is being destroyed and cannot wait')
        return self._depth == GLib.main_depth()

    def _start(self):
        if not self._done:
            self._greenlet = _Greenlet(self._run)
            self._greenlet.task = self
            self._resume()
        return GLib.SOURCE_REMOVE

    def _resume(self):
        # When it waits or ends, it is to come back here, whichever loop this is called by.
        self._greenlet.parent = getcurrent()
        self._depth = GLib.main_depth()
        self._since = GLib.get_monotonic_time()
        try:
            self._greenlet.switch()
        finally:
            self._depth = None

    def _suspend(self, waiter):
        self._waiter = waiter
        try:
            self._greenlet.parent.switch()
        finally:
            self._waiter = None

    def _run(self):
        try:
            value = self._function()
        except BaseException as error:
            self._end(exception=error)
            self._report()
        else:
            self._end(value)

    def _end(self, value=None, exception=None):
        self._value = value
        self._exception = exception
        self._done = True
        self._function = None
        for waiter in self._joining:
            waiter.wake()

    def _report(self):
        error = self._exception
        if self._n_getting or error is self._killed_by or isinstance(error, (GreenletExit, TaskKilled)):
            return
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise error
        sys.excepthook(type(error), error, error.__traceback__)


class Timeout:
    """Limits how long a block of a task may take: `with green.Timeout(0.5): …`.

    When the time is up, what the block waits for is given up as by Task.kill(), and the block
    raises TimeoutError. Blocks may be nested. Only tasks may use it.
    """

    def __init__(self, seconds):
        self._seconds = seconds

    def __enter__(self):
        self._task = current_task()
        if self._task is None:
            raise RuntimeError('only a task can have a Timeout')
        self._expired = _Expired()
        self._timer = new_timer(self._seconds)
        attach(self._timer, self._on_timer)
        return self

    def _on_timer(self):
        self._task._throw(self._expired)
        return GLib.SOURCE_REMOVE

    def __exit__(self, _type, error, _traceback):
        self._timer.destroy()
        if self._expired in self._task._thrown:
            self._task._thrown.remove(self._expired)
        if error is self._expired:
            raise TimeoutError(f'the time is up after {self._seconds} s') from None


def spawn(function, *args, **kwargs):
    """Makes a task of function(*args, **kwargs), which the main loop soon begins.

    An exception that ends it is given to sys.excepthook, unless somebody waits in get() for it.
    """
    if not callable(function):
        raise TypeError(f'{function!r} cannot be called')
    return Task(function, args, kwargs)


def sleep(seconds):
    """Waits for so many seconds; with 0 others have their turn."""
    waiter = Waiter()
    if seconds <= 0:
        waiter._deliver_later()
    waiter.wait(seconds if seconds > 0 else None)


def give_way():
    """Lets others have their turn when the task has not waited for long."""
    task = current_task()
    if (task is not None and GLib.get_monotonic_time() - task._since > SHARE_US and
            task._may_leave()):
        sleep(0)


def joinall(tasks, timeout=None):
    """Waits until all tasks are done, for at most so many seconds; returns those that are."""
    tasks = list(tasks)
    end = None if timeout is None else GLib.get_monotonic_time() + timeout * GLib.USEC_PER_SEC
    for task in tasks:
        left = None
        if end is not None:
            left = max(0, end - GLib.get_monotonic_time()) / GLib.USEC_PER_SEC
        if not task.join(left):
            break
    return [task for task in tasks if task.done]


def run(function, *args, **kwargs):
    """Runs the main loop until function(*args, **kwargs), as a task, is done; returns its value.

    Raises what it raises. Other tasks that are under way then stay as they are.
    """
    return spawn(function, *args, **kwargs).get()
