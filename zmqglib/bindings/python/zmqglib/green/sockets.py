# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sockets whose waiting gives way to the main loop."""

from collections import deque

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Gio, GLib, Zmq  # noqa: E402

from .tasks import Waiter, give_way  # noqa: E402


def _to_message(value):
    if isinstance(value, Zmq.Message):
        return value
    message = Zmq.Message.new()
    for frame in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(frame, str):
            frame = frame.encode()
        if isinstance(frame, (bytes, bytearray, memoryview)):
            frame = GLib.Bytes.new(bytes(frame))
        if not isinstance(frame, GLib.Bytes):
            raise TypeError(f'a frame is bytes or a string, not {type(frame).__name__}')
        message.append_bytes(frame)
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
        self._own = Gio.Cancellable()
        self._given = cancellable
        self._handler = cancellable.connect(self._own.cancel) if cancellable is not None else 0
        begin(self._own, self._on_done)

    def _on_done(self, socket, result):
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
        super().__init__(socket_type=socket_type, context=context, handle=handle)
        self.init(None)
        self._receivers = deque()
        self._n_sending = 0
        for name, value in options.items():
            self.set_property(name.replace('_', '-'), value)

    @classmethod
    def new(cls, context, socket_type):
        """The same as Socket(socket_type, context)."""
        return cls(socket_type=socket_type, context=context)

    @classmethod
    def new_for_handle(cls, handle):
        """As Zmq.Socket.new_for_handle()."""
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
        if self._n_sending == 0 and self._send_at_once(message, cancellable):
            return True

        def begin(own, callback):
            self.send_async(message, GLib.PRIORITY_DEFAULT, own, callback)

        self._n_sending += 1
        try:
            operation = _Operation(begin, self.send_finish, cancellable)
            operation.wait()
        finally:
            self._n_sending -= 1
        if operation.error is not None:
            raise operation.error
        return True

    def _send_at_once(self, message, cancellable):
        if cancellable is not None and cancellable.is_cancelled():
            return False
        try:
            return super().try_send(message)
        except GLib.Error as error:
            if error.matches(Zmq.error_quark(), Zmq.Error.AGAIN):
                return False
            raise

    def receive(self, cancellable=None):
        """Receives a message, and waits for it within the property receive-timeout.

        Fails as Zmq.Socket.receive() does. A message is taken out of the socket in the moment in
        which this returns it: none is lost with a task that is killed.
        """
        give_way()
        timeout_ms = self.get_property('receive-timeout')
        end = None if timeout_ms < 0 else _now() + timeout_ms / 1000
        waiter = Waiter()
        self._receivers.append(waiter)
        try:
            return self._receive_in_turn(waiter, end, cancellable)
        finally:
            was_first = self._receivers[0] is waiter
            self._receivers.remove(waiter)
            if was_first and self._receivers:
                self._receivers[0].wake()

    def _receive_in_turn(self, waiter, end, cancellable):
        is_late = False
        while True:
            if cancellable is not None:
                cancellable.set_error_if_cancelled()
            is_first = self._receivers[0] is waiter
            if is_first or is_late:
                try:
                    return super().try_receive()
                except GLib.Error as error:
                    if is_late or not error.matches(Zmq.error_quark(), Zmq.Error.AGAIN):
                        raise

            left = None if end is None else max(0, end - _now())
            if is_first:
                is_late = not self._wait_for(GLib.IOCondition.IN, left, cancellable)
            else:
                is_late = not self._wait_for_turn(waiter, left, cancellable)

    def _wait_for_turn(self, waiter, timeout, cancellable):
        handler = cancellable.connect(waiter.wake) if cancellable is not None else 0
        try:
            return waiter.wait(timeout)
        finally:
            if handler:
                cancellable.disconnect(handler)

    def _wait_for(self, condition, timeout, cancellable):
        def begin(own, callback):
            self.wait_async(condition, GLib.PRIORITY_DEFAULT, own, callback)

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
