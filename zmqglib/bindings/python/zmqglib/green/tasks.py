# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tasks: functions that give way to the main loop while they wait."""

import math
import os
import sys
from collections import deque
from time import monotonic
from weakref import WeakValueDictionary

from gi.repository import GLib
from greenlet import GreenletExit, getcurrent, greenlet

from .signals import Interrupts

# For how long the tasks of a main context may run altogether, before sources of lower priority have a turn.
SHARE_US = 5000
# For how long they then hold back at most, when sources of their own priority leave no turn to lower ones.
HOLD_MS = 5

_SHARE = SHARE_US / 1e6

# a look into the module costs more than the call
_main_depth = GLib.main_depth
_ref_thread_default = GLib.MainContext.ref_thread_default


class TaskKilled(BaseException):
    """What Task.kill() raises in a task, and then Task.get() in who asks for its result."""


class _Greenlet(greenlet):
    task = None


def current_task():
    """The task that runs, or None outside of tasks."""
    return getattr(getcurrent(), 'task', None)


class _Process:
    """Tells what belongs to this process from what it has inherited by a fork."""

    generation = 0


def _on_forked():
    # What forked goes on in the child, and so does what called it; all other tasks stay with the parent.
    _Process.generation += 1
    running = getcurrent()
    while running is not None:
        if getattr(running, 'task', None) is not None:
            running.task._generation = _Process.generation
        running = running.parent


os.register_at_fork(after_in_child=_on_forked)


def get_generation():
    """A number that is another one in the child of a fork."""
    return _Process.generation


def attach(source, callback):
    """Lets the thread-default main context call callback() when the source is ready."""
    source.set_callback(lambda *_data: callback())
    source.attach(GLib.MainContext.ref_thread_default())


def new_timer(seconds):
    milliseconds = max(0, math.ceil(seconds * 1000))
    if milliseconds > GLib.MAXUINT32:
        raise ValueError(f'{seconds} seconds are more than a timer can wait')
    return GLib.Timeout(milliseconds)


class _Pace:
    """Shares a main context between tasks and other sources.

    Tasks that wake each other never let the loop see a source of lower priority, however short each
    runs. So the time that they run is summed up, and when it makes a share, they are held back
    until a source of the lowest priority has had its turn.
    """

    _all = WeakValueDictionary()

    def __init__(self, context):
        self._context = context
        self._is_default = context == GLib.MainContext.default()
        self._held = []
        self._sources = ()
        self.used = 0.0  # seconds of the share

    @classmethod
    def get(cls, context):
        pace = cls._all.get(context)
        if pace is None:
            pace = cls._all[context] = cls(context)
        return pace

    def call_soon(self, callback):
        """Calls callback() from the main loop. May be called from any thread."""
        def call(*_data):
            if self.used < _SHARE:
                callback()
            else:
                self._hold(callback)
            return GLib.SOURCE_REMOVE

        # Tasks are resumed by sources of their own, so that a task that runs a main loop stops no
        # other source from being dispatched in it.
        if self._is_default:
            GLib.idle_add(call, priority=GLib.PRIORITY_DEFAULT)
        else:
            self._attach(GLib.Idle(priority=GLib.PRIORITY_DEFAULT), call)

    def _attach(self, source, callback):
        source.set_callback(callback)
        source.attach(self._context)
        return source

    def _hold(self, callback):
        self._held.append(callback)
        if not self._sources:
            self._sources = (self._attach(GLib.Idle(priority=GLib.PRIORITY_LOW), self._release),
                             self._attach(GLib.Timeout(HOLD_MS), self._release))

    def _release(self, *_data):
        held, self._held = self._held, []
        for source in self._sources:
            source.destroy()
        self._sources = ()
        self.used = 0.0
        for callback in held:
            self.call_soon(callback)
        return GLib.SOURCE_REMOVE


def _get_running_task():
    """The task whose code runs, unless it is in a callback of a main loop that the task runs."""
    task = current_task()
    return task if task is not None and not task._done and task._depth == _main_depth() else None


_interrupts = Interrupts(_get_running_task)


class Waiter:
    """Something that the task, or the code outside of tasks, that makes it waits for once."""

    def __init__(self):
        self.woken = False
        self._context = _ref_thread_default()
        self._pace = _Pace.get(self._context)
        self._task = None
        self._delivered = False

    def wake(self, *_data):
        """Ends the waiting, now or in advance. May be called from any thread."""
        if not self.woken:
            self.woken = True
            self._pace.call_soon(self._deliver)

    def interrupt(self):
        """Lets the task see what is to be raised in it, or go on."""
        self._pace.call_soon(self._deliver)

    def _deliver(self):
        if self._delivered:
            return GLib.SOURCE_REMOVE
        self._delivered = True
        if self._task is not None:
            self._task._resume()
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
                _interrupts.run(self._context, lambda: self._delivered)
        finally:
            self._context.release()


class Task:
    """A function under way, as spawn() returns it."""

    def __init__(self, function, args, kwargs):
        def run_function():
            return function(*args, **kwargs)

        self._run_function = run_function
        self._name = getattr(function, '__qualname__', repr(function))
        self._pace = _Pace.get(_ref_thread_default())
        self._generation = _Process.generation
        self._greenlet = None
        self._waiter = None   # while it waits
        self._depth = None    # of the main loops below it, while it runs
        self._share_end = 0   # until when it may run
        self._thrown = deque()
        self._killed_by = None
        self._joining = []
        self._n_getting = 0
        self._value = None
        self._exception = None
        self._is_known = False  # the exception, to who asked for it or to the excepthook
        self._done = False

        self._pace.call_soon(self._start)

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
            self._check_process()
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
        except BaseException:
            self._n_getting -= 1
            # it may be done by now, and have left its exception to who asked
            self._report()
            raise
        self._n_getting -= 1
        if self._exception is not None:
            self._is_known = True
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
        if self._greenlet is None or self._is_inherited():
            self._end(exception=exception)
        else:
            self._throw(exception)

    def _is_inherited(self):
        """Whether it belongs to the process that this one was forked from."""
        return self._generation != _Process.generation

    def _check_process(self):
        if self._is_inherited():
            raise RuntimeError(f'{self!r} goes on in the process that this one was forked from, not here')

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
        return self._depth == _main_depth()

    def _start(self):
        if not self._done and not self._is_inherited():
            self._greenlet = _Greenlet(self._run)
            self._greenlet.task = self
            self._resume()

    def _resume(self):
        if self._is_inherited():
            return
        # When it waits or ends, it is to come back here, whichever loop this is called by.
        self._greenlet.parent = getcurrent()
        self._depth = _main_depth()
        pace = self._pace
        since = monotonic()
        self._share_end = since + _SHARE - pace.used
        try:
            self._greenlet.switch()
        finally:
            self._depth = None
            pace.used += monotonic() - since

    def _suspend(self, waiter):
        self._waiter = waiter
        try:
            self._greenlet.parent.switch()
        finally:
            self._waiter = None

    def _run(self):
        try:
            value = self._run_function()
        except BaseException as error:
            self._end(exception=error)
            self._report()
        else:
            self._end(value)

    def _end(self, value=None, exception=None):
        self._value = value
        self._exception = exception
        self._done = True
        self._run_function = None
        for waiter in self._joining:
            waiter.wake()

    def _report(self):
        """Shows the exception that ended it, unless somebody gets or knows it."""
        error = self._exception
        if (error is None or self._n_getting or self._is_known or error is self._killed_by or
                isinstance(error, (GreenletExit, TaskKilled))):
            return
        self._is_known = True
        if isinstance(error, KeyboardInterrupt) and _interrupts.end():
            return
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise error
        sys.excepthook(type(error), error, error.__traceback__)


def spawn(function, *args, **kwargs):
    """Makes a task of function(*args, **kwargs), which the main loop soon begins.

    An exception that ends it is given to sys.excepthook once, unless somebody waits in get() for it.
    """
    if not callable(function):
        raise TypeError(f'{function!r} cannot be called')
    return Task(function, args, kwargs)


def sleep(seconds):
    """Waits for so many seconds; with 0 others have their turn."""
    waiter = Waiter()
    if seconds <= 0:
        waiter.interrupt()
    waiter.wait(seconds if seconds > 0 else None)


def has_to_give_way():
    """Whether tasks have not waited for so long that it is others' turn."""
    task = current_task()
    return task is not None and monotonic() > task._share_end and task._may_leave()


def give_way():
    """Lets others have their turn when it is theirs."""
    if has_to_give_way():
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

    Raises what it raises. Other tasks that are under way then stay as they are. On Ctrl-C in the
    main thread, KeyboardInterrupt is raised in the task, and this waits for its end; when it is
    pressed again, no longer.
    """
    task = spawn(function, *args, **kwargs)
    try:
        return task.get()
    except KeyboardInterrupt:
        if task.done:
            raise
        task.kill(KeyboardInterrupt)
        return task.get()
