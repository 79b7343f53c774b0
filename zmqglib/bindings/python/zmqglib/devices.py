# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proxies by the names that pyzmq has for them, over Zmq.Proxy.

    from gi.repository import Zmq
    from zmqglib import devices

    proxy = devices.ThreadProxy(Zmq.SocketType.ROUTER, Zmq.SocketType.DEALER)
    proxy.bind_in('tcp://127.0.0.1:5555')
    proxy.bind_out('tcp://127.0.0.1:5556')
    proxy.start()

A program with a main loop needs none of this: Zmq.Proxy(frontend, backend).start() forwards in that loop.
"""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

__all__ = ['MonitoredQueue', 'Proxy', 'ThreadDevice', 'ThreadMonitoredQueue', 'ThreadProxy', 'device', 'monitored_queue',
           'proxy']


def _run(made):
    """Runs a proxy in the calling thread until it has stopped; raises why, unless that was asked for."""
    ended = []
    made.connect('stopped', lambda _proxy, error: ended.append(error))
    made.start()
    context = GLib.MainContext.get_thread_default() or GLib.MainContext.default()
    while not ended:
        context.iteration(True)
    if ended[0] is not None:
        raise ended[0]


def proxy(frontend, backend, capture=None):
    """Forwards between sockets, in the calling thread, until their context is shut down: then it raises TerminatedError."""
    context = GLib.MainContext()
    context.push_thread_default()
    try:
        _run(Zmq.Proxy(frontend, backend, capture))
    finally:
        context.pop_thread_default()


def device(frontend, backend):
    """As proxy(), without a capture."""
    proxy(frontend, backend)


def monitored_queue(frontend, backend, monitor, in_prefix=b'in', out_prefix=b'out'):
    """As proxy(), with a frame in front of what the monitor is told."""
    context = GLib.MainContext()
    context.push_thread_default()
    try:
        _run(Zmq.Proxy(frontend, backend, monitor, prefix_in=in_prefix, prefix_out=out_prefix))
    finally:
        context.pop_thread_default()


class Proxy:
    """Two sockets, or three, and a proxy between them, which runs in the thread that calls start()."""

    def __init__(self, in_type, out_type, mon_type=None, context=None):
        self.frontend = Zmq.Socket(in_type, context)
        self.backend = self.frontend if out_type is None else Zmq.Socket(out_type, context)
        self.capture = None if mon_type is None else Zmq.Socket(mon_type, context)
        self._prefixes = {}
        self._proxy = None

    def bind_in(self, endpoint):
        self.frontend.bind(endpoint)

    def connect_in(self, endpoint):
        self.frontend.connect(endpoint)

    def bind_out(self, endpoint):
        self.backend.bind(endpoint)

    def connect_out(self, endpoint):
        self.backend.connect(endpoint)

    def bind_mon(self, endpoint):
        self.capture.bind(endpoint)

    def connect_mon(self, endpoint):
        self.capture.connect(endpoint)

    def _make(self):
        self._proxy = Zmq.Proxy(self.frontend, self.backend, self.capture, **self._prefixes)
        return self._proxy

    def start(self):
        context = GLib.MainContext()
        context.push_thread_default()
        try:
            _run(self._make())
        finally:
            context.pop_thread_default()

    def stop(self):
        """Ends it, from any thread; the sockets stay open."""
        if self._proxy is not None:
            self._proxy.stop()

    def close(self):
        """Ends it, and closes the sockets."""
        self.stop()
        for socket in (self.frontend, self.backend, self.capture):
            if socket is not None:
                socket.close()


class ThreadProxy(Proxy):
    """As Proxy, in a thread of its own."""

    def start(self):
        self._make().start_in_thread()

    def join(self, timeout=None):
        """Waits until it has ended, for at most so many seconds; says whether it has."""
        end = None if timeout is None else GLib.get_monotonic_time() + timeout * GLib.USEC_PER_SEC
        while self._proxy is not None and self._proxy.get_running():
            if end is not None and GLib.get_monotonic_time() >= end:
                return False
            GLib.usleep(10000)
        return True


ThreadDevice = ThreadProxy


class MonitoredQueue(Proxy):
    """As Proxy, with a frame in front of what the monitor is told."""

    def __init__(self, in_type, out_type, mon_type=Zmq.SocketType.PUB, in_prefix=b'in', out_prefix=b'out', context=None):
        super().__init__(in_type, out_type, mon_type, context)
        self._prefixes = {'prefix_in': in_prefix, 'prefix_out': out_prefix}


class ThreadMonitoredQueue(MonitoredQueue, ThreadProxy):
    """As MonitoredQueue, in a thread of its own."""
