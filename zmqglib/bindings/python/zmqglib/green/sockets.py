# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sockets whose waiting gives way to the main loop."""

from collections import deque

import gi

gi.require_version('Zmq', '1.0')
from gi.module import get_introspection_module  # noqa: E402
from gi.repository import Gio, GLib, GObject, Zmq  # noqa: E402

from .._handles import to_pointer  # noqa: E402
from .tasks import Waiter, get_generation, give_way, has_to_give_way, sleep  # noqa: E402

# What is done for each message goes past the overrides, which would ask anew what is known here.
_Message = Zmq.Message
_CSocket = get_introspection_module('Zmq').Socket
_try_receive_many = _CSocket.try_receive_many
_try_send = _CSocket.try_send

# Cancellables whose operations have ended by themselves.
_spare = []
_N_SPARE = 16


def _set_option(socket, name, value):
    """Sets it in a way that tells of a refusal, which a property does not."""
    pspec = socket.find_property(name)
    if pspec is None:
        raise AttributeError(f'a socket has no option “{name}”')
    if pspec.value_type == GLib.Bytes.__gtype__ and isinstance(value, (bytes, str)):
        value = GLib.Bytes.new(value.encode() if isinstance(value, str) else value)
    socket.set_option(name, GObject.Value(pspec.value_type, value))


def _to_message(value):
    if isinstance(value, _Message):
        return value
    message = _Message.new()
    for frame in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(frame, bytes):
            message.append_data(frame)
        elif isinstance(frame, str):
            message.append_data(frame.encode())
        elif isinstance(frame, (bytearray, memoryview)):
            message.append_data(bytes(frame))
        elif isinstance(frame, GLib.Bytes):
            message.append_bytes(frame)
        else:
            raise TypeError(f'a frame is bytes or a string, not {type(frame).__name__}')
    return message


def _now():
    return GLib.get_monotonic_time() / GLib.USEC_PER_SEC


class _Operation:
    """An asynchronous method of a socket under way, from begin(cancellable, callback) on."""

    def __init__(self, begin, finish, cancellable, waiter=None):
        self.result = None
        self.error = None
        self.waiter = waiter or Waiter()
        self._finish = finish
        self._own = _spare.pop() if _spare else Gio.Cancellable()
        self._given = cancellable
        self._handler = cancellable.connect(self._cancel) if cancellable is not None else 0
        begin(self._own, self._on_done)

    def _cancel(self, *_args):
        self._own.cancel()

    def _on_done(self, _socket, result, *_data):
        try:
            self.result = self._finish(result)
        except GLib.Error as error:
            self.error = error
        self.waiter.wake()

    def wait(self, timeout=None):
        """Waits for the end; says whether it came in time. If not, there will be none."""
        try:
            return self.waiter.wait(timeout)
        finally:
            if self._handler:
                self._given.disconnect(self._handler)
            if not self.waiter.woken:
                self._own.cancel()
            elif self._given is None and len(_spare) < _N_SPARE:
                _spare.append(self._own)


class Socket(Zmq.Socket):
    """A Zmq.Socket, whose send(), receive() and wait() give way to the main loop.

    Socket(socket_type=Zmq.SocketType.PULL, context=None, **options), where the options are the
    properties with underscores, as linger=0. It is closed at the end of a “with” block. Everything
    else is as Zmq.Socket has it, and so are the errors.

    Any number of tasks may wait for one socket: each message goes to one, in the order asked.
    """

    # to GObject it is a socket as any other
    __gtype__ = Zmq.Socket.__gtype__

    def __init__(self, socket_type=Zmq.SocketType.PAIR, context=None, handle=None, **options):
        properties = {'socket_type': socket_type, 'context': context}
        if handle is not None:
            # It knows whether that is a socket, and of which type. PyGObject takes a number for an
            # argument, but for a property a capsule.
            adopted = _CSocket.new_for_handle(handle)
            properties = {'socket_type': adopted.get_socket_type(), 'handle': to_pointer(handle)}
        GObject.Object.__init__(self, **properties)
        self.init(None)
        self._receivers = deque()
        self._n_sending = 0
        self._generation = get_generation()
        for name, value in options.items():
            _set_option(self, name.replace('_', '-'), value)

    @classmethod
    def new(cls, context, socket_type):
        """The same as Socket(socket_type, context)."""
        return cls(socket_type=socket_type, context=context)

    @classmethod
    def new_for_handle(cls, handle):
        """Adopts what get_handle() gives, of which another Socket or library remains the owner."""
        return cls(handle=handle)

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        self.close()

    def try_send(self, message):
        """As Zmq.Socket.try_send(), with what send() takes."""
        return super().try_send(_to_message(message))

    def send(self, message, cancellable=None):
        """Sends a message: a Zmq.Message, bytes, a string, or a list of these, a frame each.

        Waits within the property send-timeout, and fails as Zmq.Socket.send() does. When the
        waiting task is killed, the message may have been sent.
        """
        message = _to_message(message)
        give_way()
        if self._n_sending == 0 and cancellable is None:
            try:
                return _try_send(self, message)
            except GLib.Error as error:
                if not error.matches(Zmq.error_quark(), Zmq.Error.AGAIN):
                    # raises the same, of the class for its code
                    return super().try_send(message)
        return self._send_waiting(message, cancellable)

    def _send_waiting(self, message, cancellable):
        def begin(own, callback):
            _CSocket.send_async(self, message, GLib.PRIORITY_DEFAULT, own, callback)

        self._n_sending += 1
        try:
            operation = _Operation(begin, self.send_finish, cancellable)
            operation.wait()
        finally:
            self._n_sending -= 1
        if operation.error is not None:
            raise operation.error
        return True

    def receive(self, cancellable=None):
        """Receives a message, and waits for it within the property receive-timeout.

        Fails as Zmq.Socket.receive() does. A message is taken out of the socket in the moment in
        which this returns it: none is lost with a task that is killed.
        """
        gives_way = has_to_give_way()
        if not gives_way and cancellable is None and not self._receivers:
            message = self._take()
            if message is not None:
                return message
        return self._receive_waiting(gives_way, cancellable)

    def _take(self):
        """The next message, or None: there is no exception for what is no failure."""
        try:
            messages = _try_receive_many(self, 1)
        except GLib.Error:
            # raises the same, of the class for its code
            return super().try_receive()
        return messages[0] if messages else None

    def _receive_waiting(self, gives_way, cancellable):
        if self._generation != get_generation():
            # who waits for it does so in another process, and this one has no turn
            return super().try_receive()
        timeout_ms = self.get_property('receive-timeout')
        end = None if timeout_ms < 0 else _now() + timeout_ms / 1000
        waiter = Waiter()
        self._receivers.append(waiter)
        try:
            # others may run meanwhile, but not receive before
            if gives_way:
                sleep(0)
                if cancellable is None and self._receivers[0] is waiter:
                    message = self._take()
                    if message is not None:
                        return message
            return self._receive_in_turn(waiter, end, cancellable)
        finally:
            was_first = self._receivers[0] is waiter
            self._receivers.remove(waiter)
            if was_first and self._receivers:
                self._receivers[0].wake()

    def _receive_in_turn(self, waiter, end, cancellable):
        while True:
            if cancellable is not None:
                cancellable.set_error_if_cancelled()
            left = None if end is None else max(0, end - _now())
            if self._receivers[0] is not waiter:
                in_time = self._wait_for_turn(waiter, left, cancellable)
            else:
                # it is told at once when there is a message already
                in_time = self._wait_for(GLib.IOCondition.IN, left, cancellable)
            if not in_time:
                # there may be something just now; else this has the error
                return super().try_receive()
            if self._receivers[0] is waiter:
                message = self._take()
                if message is not None:
                    return message

    def _wait_for_turn(self, waiter, timeout, cancellable):
        handler = cancellable.connect(waiter.wake) if cancellable is not None else 0
        try:
            return waiter.wait(timeout)
        finally:
            if handler:
                cancellable.disconnect(handler)

    def _wait_for(self, condition, timeout, cancellable):
        def begin(own, callback):
            _CSocket.wait_async(self, condition, GLib.PRIORITY_DEFAULT, own, callback)

        operation = _Operation(begin, self.wait_finish, cancellable)
        if not operation.wait(timeout):
            return False
        if operation.error is not None:
            raise operation.error
        return True

    def wait(self, condition, timeout_us=-1, cancellable=None):
        """Waits until the socket can receive or send; for at most so many microseconds.

        Fails as Zmq.Socket.wait() does.
        """
        if not condition & (GLib.IOCondition.IN | GLib.IOCondition.OUT):
            raise ValueError('a socket can be waited for with IN, OUT or both')
        timeout = None if timeout_us < 0 else timeout_us / GLib.USEC_PER_SEC
        give_way()
        if self._wait_for(condition, timeout, cancellable):
            return True
        # there may be something just now; else this has the error
        return super().wait(condition, 0, cancellable)


class Context(Zmq.Context):
    """A Zmq.Context whose socket() makes sockets of this module."""

    __gtype__ = Zmq.Context.__gtype__

    def socket(self, socket_type, **options):
        """The same as Socket(socket_type, context, **options)."""
        return Socket(socket_type=socket_type, context=self, **options)
