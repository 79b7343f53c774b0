# SPDX-License-Identifier: LGPL-2.1-or-later
"""Awaiting asynchronous methods on an asyncio loop that runs a main context of GLib's.

What is there already is handed over at once. Only so that nobody else starves does a task that never
has to wait go round the loop once in a while.
"""

import asyncio
import collections
import contextlib
import itertools
import threading
import time
import weakref

from gi.repository import Gio, GLib, GObject

# How long tasks may go on without anybody else having a turn, in seconds.
SHARE = 0.005

_NO_GLIB = ('the asyncio loop that runs, {}, does not run a GLib main context, in which alone the call can be '
            'completed: run the program by zmqglib.aio.run (), or asyncio on a loop of gi.events or gbulb')
_DESERTED = ('the {} was made outside of the asyncio loop that runs, on another main context, which nobody runs: make it '
             'in a coroutine, or run the program by zmqglib.aio.run ()')


def _find_context(loop):
    """The main context that the loop runs; loops of gi.events, gbulb and asyncio-glib tell it."""
    for owner in (loop, getattr(loop, '_selector', None)):
        context = getattr(owner, '_context', None)
        if isinstance(context, GLib.MainContext):
            return context
    raise RuntimeError(_NO_GLIB.format(type(loop).__name__))


@contextlib.contextmanager
def in_running_loop(made=None):
    """Lets what is made belong to the main context of the asyncio loop that runs, if one does.

    That need not be the thread's default: a loop in a second thread does not make its context that. What is made, and is to be
    awaited, knows both.
    """
    loop = asyncio._get_running_loop()
    try:
        context = None if loop is None else Turns.of(loop).context
    except RuntimeError:
        context = None
    if context is None:
        yield
    else:
        context.push_thread_default()
        try:
            yield
        finally:
            context.pop_thread_default()
    if made is not None:
        made._home = (context or GLib.MainContext.ref_thread_default(), loop and weakref.ref(loop))


def _is_deserted(context, get_loop):
    """Whether nobody is going to run a main context while the loop does that runs now."""
    if get_loop is not None:
        loop = get_loop()
        may_be = loop is None or loop.is_closed()
    else:
        may_be = threading.current_thread() is threading.main_thread() and context == GLib.MainContext.default()
    if not may_be or not context.acquire():
        return False
    context.release()
    return True


def _check_home(obj, turns):
    """Says so when what is awaited would never end."""
    context, get_loop = getattr(obj, '_home', (turns.context, None))
    if context != turns.context and _is_deserted(context, get_loop):
        raise RuntimeError(_DESERTED.format(type(obj).__name__))


class Turns:
    """What a loop's tasks do without going round the loop."""

    def __init__(self, loop):
        self.loop = loop
        self.context = _find_context(loop)
        self._end = 0

    @classmethod
    def of(cls, loop):
        turns = getattr(loop, '_zmqglib_turns', None)
        if turns is None:
            turns = loop._zmqglib_turns = cls(loop)
        return turns

    def may_go_on(self):
        """Whether a task may go on without waiting. The loop is only asked when it seems not to turn."""
        now = time.monotonic()
        if now < self._end:
            return True
        source = GLib.main_current_source()
        if source is not None:
            self._end = source.get_time() / GLib.USEC_PER_SEC + SHARE
        return now < self._end

    def pause(self, callback):
        """Calls callback() when all others had a turn, as a window that draws, or after a share at most.

        Returns a function that forgets it.
        """
        sources = [GLib.Idle(priority=GLib.PRIORITY_DEFAULT_IDLE), GLib.Timeout(round(SHARE * 1000))]

        def stop():
            while sources:
                sources.pop().destroy()

        def on_ready(*_data):
            stop()
            self._end = 0
            callback()
            return GLib.SOURCE_REMOVE

        for source in list(sources):
            source.set_callback(on_ready)
            source.attach(self.context)
        return stop


_numbers = itertools.count()


class Operation(asyncio.Future):
    """The result of an asynchronous method.

    Who cancels it cancels the method. What came in the same moment, or for a task that was cancelled before
    it went on, is undone: a message goes back to its socket, for the next reader of whatever kind.
    """

    _stop = None
    _undo = None
    _n_awaiting = 0
    _number = 0  # in the order in which operations have ended
    _was_taken = False

    def __await__(self):
        if not self.done():
            self._asyncio_future_blocking = True
            self._n_awaiting += 1
            try:
                yield self
            except BaseException:
                self._leave()
                raise
            self._was_taken = True
        return self.result()

    def _leave(self):
        """Somebody does not wait any longer."""
        self._n_awaiting -= 1
        if self._n_awaiting > 0 or self._was_taken:
            return
        if not self.done():
            self.cancel()
        elif not self.cancelled() and self.exception() is None and self._undo is not None:
            self._was_taken = True
            self._undo(self._number, self.result())

    def cancel(self, msg=None):
        if self.done():
            return False
        if self._stop is not None:
            self._stop()
        return super().cancel(msg=msg)

    def end(self, result):
        self._number = next(_numbers)
        # nobody goes on in a loop that has ended
        if not self.done() and not self.get_loop().is_closed():
            self.set_result(result)
        elif self._undo is not None:
            self._undo(self._number, result)

    def fail(self, error):
        if not self.done():
            self.set_exception(error)


def _is_cancelled(cancellable):
    return cancellable is not None and cancellable.is_cancelled()


class PutBack:
    """Puts messages back that nobody wants any more, so that they lie in the order in which they had come."""

    def __init__(self, try_receive_many, put_back):
        self._try_receive_many = try_receive_many
        self._put_back = put_back

    def __call__(self, socket, number, message):
        lying = self._take_lying(socket)
        lying.append((number, message))
        lying.sort(key=lambda entry: entry[0])
        for _number, other in reversed(lying):
            self._put_back(socket, other)
        # those who were cancelled together follow at once; messages are not kept for longer
        loop = asyncio._get_running_loop()
        if loop is not None:
            socket._put_back_before = lying
            loop.call_later(SHARE, socket.__dict__.pop, '_put_back_before', None)

    def _take_lying(self, socket):
        """Takes off those that were put back before and that lie in front still."""
        before = getattr(socket, '_put_back_before', ())
        if not before:
            return []
        try:
            found = self._try_receive_many(socket, len(before))
        except GLib.Error:
            # closed, whereupon nothing lies anywhere
            return []
        for i in range(len(before)):
            lying = before[i:]
            if [message for _number, message in lying] == found[:len(lying)]:
                for message in reversed(found[len(lying):]):
                    self._put_back(socket, message)
                return list(lying)
        for message in reversed(found):
            self._put_back(socket, message)
        return []


class Method:
    """An asynchronous method of a class: how it is begun and finished, and what it can do at once.

    @attempt returns None when it has to wait; @undo takes back what nobody wants any more, with a number that tells
    the order in which it came.
    """

    def __init__(self, cls, name, convert_error, has_priority=True, attempt=None, undo=None):
        self._begin = getattr(cls, name + '_async')
        self._finish = getattr(cls, name + '_finish')
        self._convert_error = convert_error
        self._has_priority = has_priority
        self._attempt = attempt
        self._undo = undo
        self._waiting = f'_n_{name}_waiting'
        self._paused = f'_{name}_paused'

    def start(self, obj, args, io_priority, cancellable, callback, user_data):
        """Begins it with a callback, as in C."""
        priority = (io_priority,) if self._has_priority else ()
        with in_running_loop():
            self._begin(obj, *args, *priority, cancellable, callback, *user_data)

    def run(self, obj, args, io_priority, cancellable):
        """Begins it, and returns an Operation."""
        turns = Turns.of(asyncio.get_running_loop())
        _check_home(obj, turns)
        operation = Operation(loop=turns.loop)
        # who has waited for longer comes first, and what was cancelled in advance fails in C
        if self._attempt is None or io_priority != GLib.PRIORITY_DEFAULT or _is_cancelled(cancellable):
            self._wait(operation, obj, args, io_priority, cancellable)
        elif self._get_paused(obj, turns):
            self._queue(operation, obj, turns, args, cancellable)
        elif getattr(obj, self._waiting, 0) > 0:
            self._wait(operation, obj, args, io_priority, cancellable)
        elif turns.may_go_on():
            self._try(operation, obj, args, cancellable)
        else:
            setattr(obj, self._paused, (turns, collections.deque()))
            self._queue(operation, obj, turns, args, cancellable)
            turns.pause(lambda: self._resume(obj, turns))
        return operation

    def _get_paused(self, obj, turns):
        """Those that wait until everybody else has had a turn, but for those that a loop has left which is over."""
        owner, paused = getattr(obj, self._paused, (None, ()))
        return paused if owner is turns else ()

    def _queue(self, operation, obj, turns, args, cancellable):
        self._get_paused(obj, turns).append((operation, args, cancellable))
        self._let_undo(operation, obj)

    def _resume(self, obj, turns):
        if turns.loop.is_closed():
            return
        paused = self._get_paused(obj, turns)
        try:
            self._begin_paused(paused, obj, turns)
        finally:
            # also when something was raised: nobody else would go on with them
            if paused:
                turns.pause(lambda: self._resume(obj, turns))

    def _begin_paused(self, paused, obj, turns):
        """Begins those that were paused, in order, as long as the new turn lasts; one at least."""
        is_first = True
        while paused:
            if not is_first and getattr(obj, self._waiting, 0) == 0 and not turns.may_go_on():
                return
            operation, args, cancellable = paused.popleft()
            if operation.done():
                continue
            is_first = False
            if getattr(obj, self._waiting, 0) > 0 or _is_cancelled(cancellable):
                self._wait(operation, obj, args, GLib.PRIORITY_DEFAULT, cancellable)
            else:
                self._try(operation, obj, args, cancellable)

    def take(self, obj):
        """What the method would return at once, or None when it is to be begun."""
        turns = Turns.of(asyncio.get_running_loop())
        if getattr(obj, self._waiting, 0) > 0 or self._get_paused(obj, turns) or not turns.may_go_on():
            return None
        try:
            return self._attempt(obj)
        except GLib.Error as error:
            raise self._convert_error(error) from None

    def _try(self, operation, obj, args, cancellable):
        try:
            result = self._attempt(obj, *args)
        except GLib.Error as error:
            operation.set_exception(self._convert_error(error))
            return
        if result is None:
            self._wait(operation, obj, args, GLib.PRIORITY_DEFAULT, cancellable)
        else:
            operation.end(result)

    def _let_undo(self, operation, obj):
        """Lets a task that is cancelled before it goes on leave the result, too."""
        if self._undo is not None:
            operation._undo = lambda number, result: self._undo(obj, number, result)

    def _wait(self, operation, obj, args, io_priority, cancellable):
        own = Gio.Cancellable()
        # C may do at once what it is not told before to leave alone
        if _is_cancelled(cancellable):
            own.cancel()
        handler = None
        self._let_undo(operation, obj)

        def leave():
            if operation._stop is not None:
                operation._stop = None
                setattr(obj, self._waiting, getattr(obj, self._waiting) - 1)
                if handler is not None:
                    GObject.Object.disconnect(cancellable, handler)

        def stop():
            # the loop may end before it tells that the method has
            leave()
            own.cancel()

        def on_done(source, result):
            leave()
            try:
                operation.end(self._finish(source, result))
            except GLib.Error as error:
                operation.fail(self._convert_error(error))

        self.start(obj, args, io_priority, own, on_done, ())
        if cancellable is not None:
            handler = GObject.Object.connect(cancellable, 'cancelled', lambda _cancellable: own.cancel())
            if cancellable.is_cancelled():
                own.cancel()
        operation._stop = stop
        setattr(obj, self._waiting, getattr(obj, self._waiting, 0) + 1)


def make_awaitable(cls, name, convert_error, has_priority=True, argument=None, attempt=None, undo=None):
    """An asynchronous method whose callback can be left out: it then returns an awaitable.

    @argument converts the only argument that it has of its own, if it has one.
    """
    operation = Method(cls, name, convert_error, has_priority, attempt, undo)
    run, start = operation.run, operation.start

    if argument is not None and not has_priority:
        def method(self, value, cancellable=None, callback=None, *user_data):
            args = (argument(value),)
            if callback is None:
                return run(self, args, GLib.PRIORITY_DEFAULT, cancellable)
            return start(self, args, None, cancellable, callback, user_data)
    elif argument is not None:
        def method(self, value, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None, *user_data):
            args = (argument(value),)
            if callback is None:
                return run(self, args, io_priority, cancellable)
            return start(self, args, io_priority, cancellable, callback, user_data)
    elif has_priority:
        def method(self, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None, *user_data):
            if callback is None:
                return run(self, (), io_priority, cancellable)
            return start(self, (), io_priority, cancellable, callback, user_data)
    else:
        def method(self, cancellable=None, callback=None, *user_data):
            if callback is None:
                return run(self, (), GLib.PRIORITY_DEFAULT, cancellable)
            return start(self, (), None, cancellable, callback, user_data)

    method.operation = operation
    method.__name__ = name + '_async'
    method.__doc__ = getattr(cls, method.__name__).__doc__
    return method


def make_event_wait(cls, convert_error):
    """The method that waits for an event of certain kinds, any if none is named."""
    operation = Method(cls, 'wait', convert_error, has_priority=False)

    def wait_async(self, kinds=0, timeout_us=-1, cancellable=None, callback=None, *user_data):
        args = (kinds, timeout_us)
        if callback is None:
            return operation.run(self, args, GLib.PRIORITY_DEFAULT, cancellable)
        return operation.start(self, args, None, cancellable, callback, user_data)

    wait_async.operation = operation
    wait_async.__doc__ = cls.wait_async.__doc__
    return wait_async


class Messages:
    """Iterates over what a stream receives: a reader of its socket that ends with the stream."""

    _handler = None

    def __init__(self, stream, receive, closed_error):
        self._socket = stream.get_socket()
        self._take = receive.take
        self._closed_error = closed_error
        self._stream = stream
        self._errors = errors = []
        if not stream.is_closed():
            self._handler = stream.connect('closed', lambda _stream, error: errors.append(error))

    def __del__(self):
        if self._handler is not None:
            GObject.Object.disconnect(self._stream, self._handler)

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            message = self._take(self._socket)
            return message if message is not None else await self._socket.receive_async()
        except self._closed_error:
            if any(self._errors):
                raise self._errors[0] from None
            raise StopAsyncIteration from None
