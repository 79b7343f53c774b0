# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the introspected namespace feel like Python.

Found by PyGObject when a program imports Zmq from gi.repository.
"""

import asyncio
import ctypes
import functools

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Gio, GLib, GObject

Zmq = get_introspection_module('Zmq')

__all__ = []


# Errors

class ZmqError(GLib.Error):
    """An error of ZeroMQ. Its subclasses have the names of the codes, as AgainError."""


def _error_class(code):
    words = code.value_nick.split('-')
    name = ''.join(word.capitalize() for word in words) + 'Error'
    return type(name, (ZmqError,), {'__doc__': f'An error with the code Zmq.Error.{code.value_nick.upper().replace("-", "_")}.'})


_error_classes = {int(code): _error_class(code) for code in Zmq.Error.__enum_values__.values()}
_error_domain = GLib.quark_to_string(Zmq.error_quark())

for _class in (ZmqError, *_error_classes.values()):
    globals()[_class.__name__] = _class
    __all__.append(_class.__name__)


def _specific(error):
    """The same error as an instance of the class for its code."""
    if error.domain != _error_domain or isinstance(error, ZmqError):
        return error
    return _error_classes.get(error.code, ZmqError)(error.message, error.domain, error.code)


def _raising(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except GLib.Error as error:
            raise _specific(error) from None
    return wrapper


def _wrap_errors(cls):
    for info in cls.__info__.get_methods():
        name = info.get_name()
        if not info.can_throw_gerror() or name in vars(cls):
            continue
        function = getattr(cls, name)
        wrapper = _raising(function)
        setattr(cls, name, wrapper if info.is_method() else staticmethod(wrapper))


# Awaitables

class _Operation(asyncio.Future):
    """An operation under way.

    Who cancels it cancels the operation; it has ended when that has. What was received in the same
    moment is given back, to be received next.
    """

    def __init__(self, cancel, give_back=None):
        super().__init__(loop=asyncio.get_running_loop())
        self._cancel_operation = cancel
        self._give_back = give_back
        self._was_cancelled = False
        self._was_taken = False

    def __await__(self):
        if not self.done():
            self._asyncio_future_blocking = True
            yield self
        return self.result()

    def result(self):
        result = super().result()
        self._was_taken = True
        return result

    def cancel(self, msg=None):
        if self.done():
            # the task that waits for it is cancelled before it has got the result
            if not self._was_taken and not self.cancelled() and super().exception() is None:
                self._return(super().result())
            return False
        self._was_cancelled = True
        self._cancel_operation()
        return True

    def end(self, result=None, error=None):
        if self.done():
            return
        if not self._was_cancelled:
            if error is None:
                self.set_result(result)
            else:
                self.set_exception(error)
            return
        if error is None:
            self._return(result)
        super().cancel()

    def _return(self, result):
        self._was_taken = True
        if self._give_back is not None:
            self._give_back(result)


def _awaitable(cls, name, has_priority, argument=None):
    """Lets the callback be left out of an asynchronous method, which then returns an awaitable."""
    begin = getattr(cls, name + '_async')
    finish = getattr(cls, name + '_finish')

    def start(self, argument_values, io_priority, cancellable, callback, user_data):
        priority = (io_priority,) if has_priority else ()
        begin(self, *argument_values, *priority, cancellable, callback, *user_data)

    def run(self, argument_values, io_priority, cancellable, callback, user_data):
        if callback is not None:
            start(self, argument_values, io_priority, cancellable, callback, user_data)
            return None

        own = Gio.Cancellable()
        if cancellable is not None:
            cancellable.connect(own.cancel)
        give_back = self.put_back if name == 'receive' else None
        operation = _Operation(own.cancel, give_back)

        def on_done(source, result):
            try:
                operation.end(finish(source, result))
            except GLib.Error as error:
                operation.end(error=_specific(error))

        start(self, argument_values, io_priority, own, on_done, ())
        return operation

    if argument is not None:
        def method(self, value, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None, *user_data):
            return run(self, (argument(value),), io_priority, cancellable, callback, user_data)
    elif has_priority:
        def method(self, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None, *user_data):
            return run(self, (), io_priority, cancellable, callback, user_data)
    else:
        def method(self, cancellable=None, callback=None, *user_data):
            return run(self, (), None, cancellable, callback, user_data)

    method.__name__ = name + '_async'
    method.__doc__ = begin.__doc__
    return method


# Messages

def _to_bytes(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, memoryview):
        return value.tobytes()
    if isinstance(value, GLib.Bytes):
        return value
    raise TypeError(f'a frame is made of bytes or a string, not of {type(value).__name__}')


class Message(Zmq.Message):
    """A message: Message(b'a', 'b', …) makes one of so many frames; it is a sequence of bytes.

    A message without frames is false, as any empty sequence is.
    """

    def __new__(cls, *frames):
        return Zmq.Message.new()

    def __init__(self, *frames):
        for frame in frames:
            data = _to_bytes(frame)
            if isinstance(data, GLib.Bytes):
                self.append_bytes(data)
            else:
                self.append_data(data)

    def __len__(self):
        return self.get_n_frames()

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self._frame(i) for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError('there is no such frame')
        return self._frame(index)

    def __iter__(self):
        return map(self._frame, range(len(self)))

    def _frame(self, index):
        return bytes(self.peek_frame(index) or b'')

    def view(self, index):
        """A read-only memoryview of a frame's own memory, which it keeps."""
        frame = self.get_frame(index)
        if frame is None:
            raise IndexError('there is no such frame')
        size = frame.get_size()
        if size == 0:
            return memoryview(b'')
        memory = (ctypes.c_ubyte * size).from_address(frame.get_region(1, 0, size))
        memory.frame = frame
        return memoryview(memory).toreadonly().cast('B')

    def __eq__(self, other):
        return self.equal(other) if isinstance(other, Zmq.Message) else NotImplemented

    # its frames may change
    __hash__ = None

    def __repr__(self):
        return f'Zmq.Message({", ".join(map(repr, self))})'


Message = override(Message)
__all__.append('Message')
_wrap_errors(Message)


def _to_message(value):
    if isinstance(value, Zmq.Message):
        return value
    if isinstance(value, (list, tuple)):
        return Message(*value)
    return Message(value)


# Objects

class _Closing:
    """Closes what it is mixed into at the end of a “with” block."""

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        self.close()


class Context(Zmq.Context):
    """As a context manager it is shut down at the end, which ends what still blocks, without waiting."""

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        self.shutdown()

    terminate_async = _awaitable(Zmq.Context, 'terminate', has_priority=False)

    def terminate(self, cancellable=None):
        return super().terminate(cancellable)


Context = override(Context)
__all__.append('Context')
_wrap_errors(Context)


def _option(pspec):
    name = pspec.name
    is_bytes = pspec.value_type == GLib.Bytes.__gtype__

    def get(self):
        value = self.get_property(name)
        return value.get_data() if is_bytes and value is not None else value

    def set(self, value):
        if is_bytes and value is not None and not isinstance(value, GLib.Bytes):
            value = GLib.Bytes.new(_to_bytes(value))
        self.set_property(name, value)

    is_writable = pspec.flags & GObject.ParamFlags.WRITABLE and not pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY
    return property(get, set if is_writable else None, doc=pspec.blurb)


class Socket(_Closing, Zmq.Socket):
    """A socket: Socket(socket_type=Zmq.SocketType.PULL, linger=0). Each option is an attribute."""

    def __init__(self, socket_type=Zmq.SocketType.PAIR, context=None, handle=None, **options):
        super().__init__(socket_type=socket_type, context=context, handle=handle)
        self.init(None)
        for name, value in options.items():
            setattr(self, name, value)

    def __setattr__(self, name, value):
        # a misspelt option would be lost without a word
        if not name.startswith('_') and not hasattr(type(self), name):
            raise AttributeError(f'a socket has no option “{name}”')
        super().__setattr__(name, value)

    def connect(self, *args, **kwargs):
        """Connects to an endpoint, when that is all; else a handler to a signal."""
        if len(args) == 1 and isinstance(args[0], str) and not kwargs:
            return self.connect_to(args[0])
        return super().connect(*args, **kwargs)

    def disconnect(self, which):
        """Disconnects from an endpoint, or a handler by its number."""
        if isinstance(which, str):
            return self.disconnect_from(which)
        return super().disconnect(which)

    def send(self, message, cancellable=None):
        return super().send(_to_message(message), cancellable)

    def try_send(self, message):
        return super().try_send(_to_message(message))

    def receive(self, cancellable=None):
        return super().receive(cancellable)

    def try_receive_many(self, limit=0):
        return super().try_receive_many(limit)

    def wait(self, condition, timeout_us=-1, cancellable=None):
        return super().wait(condition, timeout_us, cancellable)

    send_async = _awaitable(Zmq.Socket, 'send', has_priority=True, argument=_to_message)
    wait_async = _awaitable(Zmq.Socket, 'wait', has_priority=True, argument=GLib.IOCondition)
    receive_async = _awaitable(Zmq.Socket, 'receive', has_priority=True)

    def subscribe(self, prefix):
        if isinstance(prefix, str):
            return super().subscribe(prefix)
        return super().subscribe_bytes(GLib.Bytes.new(_to_bytes(prefix)))

    def unsubscribe(self, prefix):
        if isinstance(prefix, str):
            return super().unsubscribe(prefix)
        return super().unsubscribe_bytes(GLib.Bytes.new(_to_bytes(prefix)))


for _pspec in Zmq.Socket.list_properties():
    if _pspec.owner_type == Zmq.Socket.__gtype__:
        setattr(Socket, _pspec.name.replace('-', '_'), _option(_pspec))

Socket = override(Socket)
__all__.append('Socket')
_wrap_errors(Socket)
for _name in ('connect', 'disconnect', 'send', 'try_send', 'receive', 'try_receive', 'wait', 'subscribe', 'unsubscribe', '__init__'):
    setattr(Socket, _name, _raising(vars(Socket)[_name]))


class _Messages:
    """Iterates over what a stream receives. It listens while somebody waits, for one message."""

    def __init__(self, stream):
        self._stream = stream

    def __aiter__(self):
        return self

    async def __anext__(self):
        stream = self._stream
        if stream.is_closed():
            self._end(stream.__dict__.get('_close_error'))
        message = await self._listen()
        return message

    def _end(self, error):
        if error is not None:
            raise error
        raise StopAsyncIteration

    async def _listen(self):
        stream = self._stream
        handlers = []

        def stop():
            while handlers:
                GObject.Object.disconnect(stream, handlers.pop())

        def cancel():
            stop()
            operation.end()

        def on_received(_stream, message):
            stop()
            operation.end(message)

        def on_closed(_stream, error):
            stop()
            stream._close_error = _specific(error) if error is not None else None
            operation.end(_Closed(stream._close_error))

        def give_back(message):
            if isinstance(message, Zmq.Message):
                stream.props.socket.put_back(message)

        operation = _Operation(cancel, give_back)
        handlers.append(GObject.Object.connect(stream, 'received', on_received))
        handlers.append(GObject.Object.connect(stream, 'closed', on_closed))
        result = await operation
        if isinstance(result, _Closed):
            self._end(result.error)
        return result


class _Closed:
    def __init__(self, error):
        self.error = error


class Stream(_Closing, Zmq.Stream):
    """A stream: Stream(socket), or Stream(socket=socket, priority=GLib.PRIORITY_LOW). It lives until it is closed."""

    def __init__(self, socket=None, **properties):
        # The loop's own reference is also why it need not make one while the collector works.
        super().__init__(**{'socket': socket, 'owned_by_loop': True, **properties})

    @classmethod
    def new(cls, socket):
        return cls(socket)

    def send(self, message):
        return super().send(_to_message(message))

    def send_full(self, message, timeout_us=-1, cancellable=None):
        return super().send_full(_to_message(message), timeout_us, cancellable)

    def flush(self, condition, limit=0):
        return super().flush(condition, limit)

    drain_async = _awaitable(Zmq.Stream, 'drain', has_priority=False)

    def __aiter__(self):
        """The messages that come in. In between none is read, so that leaving the loop loses none."""
        return _Messages(self)


Stream = override(Stream)
__all__.append('Stream')
_wrap_errors(Stream)
for _name in ('send', 'send_full'):
    setattr(Stream, _name, _raising(vars(Stream)[_name]))


class Tracker(Zmq.Tracker):
    """Awaiting wait_async() waits until libzmq no longer uses a message's memory."""

    wait_async = _awaitable(Zmq.Tracker, 'wait', has_priority=False)

    def wait(self, timeout_us=-1, cancellable=None):
        return super().wait(timeout_us, cancellable)


Tracker = override(Tracker)
__all__.append('Tracker')
_wrap_errors(Tracker)


class Poller(Zmq.Poller):
    """A poller, whose errors are of the classes for their codes."""


Poller = override(Poller)
__all__.append('Poller')
_wrap_errors(Poller)
