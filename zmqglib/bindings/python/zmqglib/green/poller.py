# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waiting for several sockets and file descriptors at once."""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

from .tasks import Waiter, get_generation, give_way  # noqa: E402


class Poller:
    """Waits for any of the registered sockets and file descriptors, and gives way meanwhile.

    A file descriptor is a number or what has a fileno(). One task at a time may poll().
    """

    def __init__(self):
        self._poller = Zmq.Poller.new()
        self._registered = {}  # by socket or number: as it was registered
        self._ready = []
        self._waiter = None
        self._generation = get_generation()

    @staticmethod
    def _key(what):
        if isinstance(what, (Zmq.Socket, int)):
            return what
        if hasattr(what, 'fileno'):
            return what.fileno()
        raise TypeError(f'{what!r} is neither a socket nor a file descriptor')

    def __contains__(self, what):
        return self._key(what) in self._registered

    def register(self, what, flags=GLib.IOCondition.IN | GLib.IOCondition.OUT):
        """Adds a socket or file descriptor, or changes what it is watched for."""
        key = self._key(what)
        if key in self._registered:
            self.modify(what, flags)
            return
        add = self._poller.add_socket if isinstance(key, Zmq.Socket) else self._poller.add_fd
        add(key, GLib.IOCondition(flags), self._on_ready)
        self._registered[key] = what

    def modify(self, what, flags):
        """Changes what something registered is watched for; raises KeyError when it is not."""
        key = self._key(what)
        self._registered[key]
        is_socket = isinstance(key, Zmq.Socket)
        modify = self._poller.modify_socket if is_socket else self._poller.modify_fd
        modify(key, GLib.IOCondition(flags))

    def unregister(self, what):
        """Takes something out; raises KeyError when it is not registered."""
        key = self._key(what)
        del self._registered[key]
        is_socket = isinstance(key, Zmq.Socket)
        remove = self._poller.remove_socket if is_socket else self._poller.remove_fd
        remove(key)

    def poll(self, timeout_ms=None):
        """Waits until something is ready, for at most so many milliseconds (None: no limit).

        Returns a list of pairs of what is ready, as it was registered, and its condition; it is
        empty when the time is up. A socket that was closed, or whose context was shut down, is
        there a last time, with GLib.IOCondition.NVAL or HUP, and is then no longer registered.
        """
        if self._generation != get_generation():
            # who waited has stayed in the process that this one was forked from
            self._generation, self._waiter = get_generation(), None
        if self._waiter is not None:
            raise RuntimeError('somebody else waits in poll() already')
        # what ended while nobody waited is still to be told
        self._ready = [pair for pair in self._ready if pair[0] not in self]
        if not self._registered and not self._ready and (timeout_ms is None or timeout_ms < 0):
            raise ValueError('nothing is registered, and this would wait for ever')
        give_way()
        self._waiter = Waiter()
        try:
            self._poller.wait(0, None)
            if not self._ready and timeout_ms != 0:
                self._wait(None if timeout_ms is None or timeout_ms < 0 else timeout_ms / 1000)
        finally:
            self._waiter = None
        ready, self._ready = self._ready, []
        return ready

    def _wait(self, timeout):
        source = self._poller.create_source()
        source.attach(GLib.MainContext.ref_thread_default())
        try:
            self._waiter.wait(timeout)
        finally:
            source.destroy()

    def _on_ready(self, _poller, socket, fd, condition):
        key = fd if socket is None else socket
        what = self._registered.get(key)
        # until the task is resumed, the source may call again
        self._ready = [pair for pair in self._ready if pair[0] is not what]
        self._ready.append((what, condition))
        if condition & GLib.IOCondition.NVAL or (socket and condition & GLib.IOCondition.HUP):
            self._registered.pop(key, None)
        if self._waiter is not None:
            self._waiter.wake()
