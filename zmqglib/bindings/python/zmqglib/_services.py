# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the overrides of Zmq have of what is made of sockets."""

from gi.repository import GLib

from . import _awaiting

# PyGObject takes classes of other modules for types of their own.
_MODULE = 'gi.overrides.Zmq'


def _to_gbytes(value):
    if isinstance(value, str):
        value = value.encode()
    return value if value is None or isinstance(value, GLib.Bytes) else GLib.Bytes.new(bytes(value))


def make_classes(namespace, errors, closing):
    """The classes that take the place of those of the namespace; closing is what closes at the end of a “with” block."""

    class Monitor(closing, namespace.Monitor):
        """What happens to a socket's connections: Monitor(socket). It lives until it is closed, or its socket is."""

        __module__ = _MODULE

        def __init__(self, socket=None, **properties):
            if not isinstance(socket, namespace.Socket):
                raise TypeError(f'a monitor is made of a socket, not of {type(socket).__name__}')
            with _awaiting.in_running_loop(self):
                super().__init__(**{'socket': socket, 'owned_by_loop': True, **properties})
                self.init(None)

        @classmethod
        def new(cls, socket):
            return cls(socket)

        wait_async = _awaiting.make_event_wait(namespace.Monitor, errors.convert)

    class Proxy(namespace.Proxy):
        """Forwards between sockets: Proxy(frontend, backend, capture=None). It lives while it runs."""

        __module__ = _MODULE

        def __init__(self, frontend=None, backend=None, capture=None, prefix_in=None, prefix_out=None, **properties):
            sides = {'frontend': frontend, 'backend': backend, 'capture': capture}
            prefixes = {'prefix_in': _to_gbytes(prefix_in), 'prefix_out': _to_gbytes(prefix_out)}
            with _awaiting.in_running_loop():
                super().__init__(**{**sides, **prefixes, 'owned_by_loop': True, **properties})
                self.init(None)

        @classmethod
        def new(cls, frontend, backend, capture=None):
            return cls(frontend, backend, capture)

        def start(self):
            with _awaiting.in_running_loop():
                super().start()

        def connect(self, signal, handler, *args):
            return super().connect(signal, errors.wrap_handler(signal, handler), *args)

        def connect_after(self, signal, handler, *args):
            return super().connect_after(signal, errors.wrap_handler(signal, handler), *args)

    class Feed(closing, namespace.Feed):
        """A list of what a stream receives: Feed(stream, mode=Zmq.FeedMode.LATEST). It lives until it or the stream is closed."""

        __module__ = _MODULE

        def __init__(self, stream=None, **properties):
            super().__init__(**{'stream': stream, 'owned_by_loop': True, **properties})
            self.init(None)

        @classmethod
        def new(cls, stream):
            return cls(stream)

    class FeedItem(namespace.FeedItem):
        """A row of a feed."""

        __module__ = _MODULE

    class Peer(namespace.Peer):
        """Who sends to a ROUTER."""

        __module__ = _MODULE

    class PeerList(closing, namespace.PeerList):
        """A list of those who send to a ROUTER's stream: PeerList(stream). It lives until it or the stream is closed."""

        __module__ = _MODULE

        def __init__(self, stream=None, **properties):
            super().__init__(**{'stream': stream, 'owned_by_loop': True, **properties})
            self.init(None)

        @classmethod
        def new(cls, stream):
            return cls(stream)

        def lookup(self, id):
            return super().lookup(_to_gbytes(id))

    return Feed, FeedItem, Monitor, Peer, PeerList, Proxy
