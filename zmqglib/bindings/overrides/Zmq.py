# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the introspected namespace feel like Python.

Found by PyGObject when a program imports Zmq from gi.repository.
"""

import ctypes
import functools
import json

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Gio, GLib, GObject

from zmqglib import _awaiting, _blocking, _handles, _options, _properties, _requests, _security, _services
from zmqglib import _errors as errors

Zmq = get_introspection_module('Zmq')
_blocking_calls = _blocking.Blocking(Zmq.Poller)

__all__ = []


# Errors

_errors = errors.Errors(Zmq)
_IN_OR_OUT = GLib.IOCondition.IN | GLib.IOCondition.OUT
_HUP_OR_NVAL = GLib.IOCondition.HUP | GLib.IOCondition.NVAL
_means_again = functools.partial(_errors.matches, code=Zmq.Error.AGAIN)

for _class in _errors.classes:
    globals()[_class.__name__] = _class
    __all__.append(_class.__name__)


def _publish(cls):
    """Puts a class into the namespace, in the place of the one that it overrides."""
    cls = override(cls)
    __all__.append(cls.__name__)
    _errors.wrap_methods(cls)
    _properties.add_attributes(cls)
    return cls


def _check_text(text, what):
    """C would take a text for what is before its first NUL."""
    if isinstance(text, str) and '\0' in text:
        raise _errors.new(Zmq.Error.INVALID_ARGUMENT, f'{what} has a NUL character in it')
    return text


def _endpoint(text):
    return _check_text(text, f'The endpoint {text!r}')


_EndpointMethods = _requests.make_endpoint_methods(_endpoint)


def _awaitable(cls, name, **kwargs):
    return _awaiting.make_awaitable(cls, name, _errors.convert, **kwargs)


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


@_publish
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

    @classmethod
    def new_from_string(cls, string):
        return cls(string)

    @classmethod
    def new_from_strv(cls, strv):
        return cls(*strv)

    def append_string(self, string):
        self.append_data(string.encode())

    def json(self, index=0):
        """The value that a frame has as JSON. Raises ValueError when it is none."""
        try:
            return json.loads(self[index])
        except ValueError as error:
            raise ValueError(f'frame {index} is not JSON: {error}') from error

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


def _to_json(value):
    return Message(json.dumps(value, separators=(',', ':'), ensure_ascii=False))


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


AuthRequest, Authenticator, Certificate = map(_publish, _security.make_classes(Zmq, _errors, _Closing))


@_publish
class Context(Zmq.Context):
    """As a context manager it is shut down at the end, which ends what still blocks, without waiting."""

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        self.shutdown()

    @classmethod
    def new_for_handle(cls, zmq_ctx):
        return super().new_for_handle(_handles.to_pointer(zmq_ctx))

    terminate_async = _awaitable(Zmq.Context, 'terminate', has_priority=False)

    def terminate(self, cancellable=None):
        terminate = super().terminate
        if not _blocking.is_main_thread():
            return terminate(cancellable)
        try:
            return _blocking_calls.terminate(terminate, super().terminate_async, super().terminate_finish, cancellable)
        except _blocking.NoDescriptor:
            return terminate(cancellable)


def _try_to_receive(self):
    # no exception when there is none, as by try_receive()
    messages = Zmq.Socket.try_receive_many(self, 1)
    return messages[0] if messages else None


def _try_to_send(self, message):
    try:
        return Zmq.Socket.try_send(self, message)
    except GLib.Error as error:
        if _means_again(error):
            return None
        raise


_put_back = _awaiting.PutBack(Zmq.Socket.try_receive_many, Zmq.Socket.put_back)


def _try_to_wait(self, condition):
    return GLib.IOCondition(self.get_condition() & condition) or None


class Socket(_Closing, _EndpointMethods, Zmq.Socket):
    """A socket: Socket(socket_type=Zmq.SocketType.PULL, linger=0). Each option is an attribute."""

    def __init__(self, socket_type=Zmq.SocketType.PAIR, context=None, handle=None, **options):
        super().__init__(socket_type=socket_type, context=context, handle=_handles.to_pointer(handle))
        self.init(None)
        for name, value in options.items():
            setattr(self, name, value)

    def __setattr__(self, name, value):
        # a misspelt option would be lost without a word
        if not name.startswith('_') and not hasattr(type(self), name):
            raise AttributeError(f'a socket has no option “{name}”')
        super().__setattr__(name, value)

    @classmethod
    def new_for_handle(cls, handle):
        return cls(handle=handle)

    @property
    def handle(self):
        """The libzmq handle, as a number."""
        return self.get_handle()

    def bind(self, endpoint):
        return super().bind(_endpoint(endpoint))

    def unbind(self, endpoint):
        return super().unbind(_endpoint(endpoint))

    def get_option_int(self, option):
        _has_value, value = super().get_option_int(option)
        return value

    def try_send(self, message):
        return super().try_send(_to_message(message))

    def try_receive_many(self, limit=0):
        return super().try_receive_many(limit)

    def send(self, message, cancellable=None):
        message = _to_message(message)
        send = super().send
        return self._block(GLib.IOCondition.OUT, lambda: _try_to_send(self, message), self.try_send, 'send-timeout',
                           lambda: send(message, cancellable), cancellable, message)

    def receive(self, cancellable=None):
        if cancellable is None and _blocking.is_main_thread():
            message = _try_to_receive(self)
            if message is not None:
                return message
        receive = super().receive
        return self._block(GLib.IOCondition.IN, lambda: _try_to_receive(self), self.try_receive, 'receive-timeout',
                           lambda: receive(cancellable), cancellable)

    def _block(self, condition, attempt, attempt_or_fail, timeout_name, call, cancellable, *args):
        """Does what call() does, so that signals are handled meanwhile."""
        if not _blocking.is_main_thread() or cancellable is not None and cancellable.is_cancelled():
            return call()
        timeout_ms = self.get_property(timeout_name)
        timeout_us = -1 if timeout_ms < 0 else timeout_ms * 1000
        try:
            result = _blocking_calls.retry(self, condition, attempt, timeout_us, cancellable)
        except _blocking.NoDescriptor:
            return call()
        return attempt_or_fail(*args) if result is None else result

    def wait(self, condition, timeout_us=-1, cancellable=None):
        # PyGObject makes its errors in Python, where a signal's handler raises in vain: so none that nobody gets
        is_wait = timeout_us != 0 and condition & _IN_OR_OUT and not self.get_condition() & (condition | _HUP_OR_NVAL)
        if not is_wait or not _blocking.is_main_thread() or cancellable is not None and cancellable.is_cancelled():
            return super().wait(condition, timeout_us, cancellable)
        try:
            ready = _blocking_calls.retry(self, condition, lambda: _try_to_wait(self, condition), timeout_us, cancellable)
        except _blocking.NoDescriptor:
            return super().wait(condition, timeout_us, cancellable)
        return ready is not None or super().wait(condition, 0, cancellable)

    send_async = _awaitable(Zmq.Socket, 'send', argument=_to_message, attempt=_try_to_send)
    wait_async = _awaitable(Zmq.Socket, 'wait', argument=GLib.IOCondition, attempt=_try_to_wait)
    receive_async = _awaitable(Zmq.Socket, 'receive', attempt=_try_to_receive,
                               undo=_put_back)

    def send_json(self, value, cancellable=None):
        """Sends a value as JSON, in UTF-8."""
        return self.send(_to_json(value), cancellable)

    def subscribe(self, prefix):
        return super().subscribe_bytes(GLib.Bytes.new(_to_bytes(prefix)))

    def unsubscribe(self, prefix):
        return super().unsubscribe_bytes(GLib.Bytes.new(_to_bytes(prefix)))


# What no option can be made of.
_NOTHING = GObject.Value(Zmq.Message.__gtype__)

for _pspec in Zmq.Socket.list_properties():
    if _pspec.owner_type == Zmq.Socket.__gtype__ and _pspec.name != 'handle':
        setattr(Socket, _pspec.name.replace('-', '_'), _options.make_attribute(_pspec, _to_bytes, _check_text, _NOTHING))

Socket = _publish(Socket)


@_publish
class Stream(_Closing, Zmq.Stream):
    """A stream: Stream(socket), or Stream(socket=socket, priority=GLib.PRIORITY_LOW). It lives until it is closed."""

    def __init__(self, socket=None, **properties):
        if not isinstance(socket, Zmq.Socket):
            raise TypeError(f'a stream is made of a socket, not of {type(socket).__name__}')
        # The loop's own reference is also why it need not make one while the collector works.
        with _awaiting.in_running_loop(self):
            super().__init__(**{'socket': socket, 'owned_by_loop': True, **properties})

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in ('do_closed', 'do_rejected', 'do_sent'):
            if name in vars(cls):
                setattr(cls, name, _errors.wrap_function(vars(cls)[name]))

    def connect(self, signal, handler, *args):
        return super().connect(signal, _errors.wrap_handler(signal, handler), *args)

    def connect_after(self, signal, handler, *args):
        return super().connect_after(signal, _errors.wrap_handler(signal, handler), *args)

    @classmethod
    def new(cls, socket):
        return cls(socket)

    def send(self, message):
        return super().send(_to_message(message))

    def send_string(self, string):
        return self.send(string)

    def send_json(self, value):
        """Sends a value as JSON, in UTF-8."""
        return self.send(_to_json(value))

    def send_full(self, message, timeout_us=-1, cancellable=None):
        return super().send_full(_to_message(message), timeout_us, cancellable)

    def flush(self, condition, limit=0):
        return super().flush(condition, limit)

    @classmethod
    def _new_of(cls, socket_type, use, endpoint):
        socket = Socket(socket_type=socket_type)
        try:
            use(socket, endpoint)
        except GLib.Error:
            socket.close()
            raise
        return cls(socket)

    @classmethod
    def new_bound(cls, type, endpoint):
        return cls._new_of(type, Socket.bind, endpoint)

    @classmethod
    def new_connected(cls, type, endpoint):
        return cls._new_of(type, Socket.connect_to, endpoint)

    drain_async = _awaitable(Zmq.Stream, 'drain', has_priority=False)
    receive_async = _awaitable(Zmq.Stream, 'receive', has_priority=False,
                               undo=lambda self, *args: _put_back(self.get_socket(), *args))

    def __aiter__(self):
        """The messages that come in, one at a time, so that leaving the loop loses none.

        It reads as Socket.receive_async() does: who reads at the same time shares.
        """
        return _awaiting.Messages(self, Socket.receive_async.operation, ClosedError)


_service_classes = _services.make_classes(Zmq, _errors, _Closing)
Feed, FeedItem, Monitor, Peer, PeerList, Proxy = map(_publish, _service_classes)
_request_classes = _requests.make_classes(Zmq, _errors, _Closing, _EndpointMethods, _to_message, _endpoint)
Client, Request, Server = map(_publish, _request_classes)


@_publish
class Tracker(Zmq.Tracker):
    """Awaiting wait_async() waits until libzmq no longer uses a message's memory."""

    wait_async = _awaitable(Zmq.Tracker, 'wait', has_priority=False)

    def wait(self, timeout_us=-1, cancellable=None):
        wait = super().wait
        is_brief = timeout_us == 0 or self.is_done()
        if is_brief or not _blocking.is_main_thread() or cancellable is not None and cancellable.is_cancelled():
            return wait(timeout_us, cancellable)
        try:
            is_done = _blocking_calls.complete(super().wait_async, super().wait_finish, timeout_us, cancellable)
        except _blocking.NoDescriptor:
            return wait(timeout_us, cancellable)
        return is_done or wait(0, cancellable)


@_publish
class Poller(Zmq.Poller):
    """A poller, whose wait() lets signals be handled."""

    # An empty one must not wait for ever, and has a descriptor for signals while it waits: so what else it has is
    # known here, too.
    _fds = frozenset()
    _sockets = None

    def add_socket(self, socket, *args):
        result = super().add_socket(socket, *args)
        if self._sockets is None:
            self._sockets = []
        self._sockets.append(socket)
        return result

    def add_fd(self, fd, *args):
        result = super().add_fd(fd, *args)
        self._fds |= {fd}
        return result

    def remove_socket(self, socket):
        result = super().remove_socket(socket)
        if socket in (self._sockets or ()):
            self._sockets.remove(socket)
        return result

    def remove_fd(self, fd):
        result = super().remove_fd(fd)
        self._fds -= {fd}
        return result

    def _is_empty(self):
        # a dead socket is taken out by C when it has been reported
        while self._sockets and self._sockets[-1].get_condition() & _HUP_OR_NVAL:
            self._sockets.pop()
        return not self._fds and not self._sockets

    def wait(self, timeout_us=-1, cancellable=None):
        wait = super().wait
        if not _blocking.is_main_thread() or timeout_us == 0 or cancellable is None and self._is_empty():
            return wait(timeout_us, cancellable)
        try:
            return _blocking_calls.poll(self, timeout_us, cancellable)
        except _blocking.NoDescriptor:
            return wait(timeout_us, cancellable)
