# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the overrides of Zmq have of requests and their answers."""

import threading

from gi.repository import Gio, GLib, GObject

from . import _awaiting, _blocking

# PyGObject takes classes of other modules for types of their own.
_MODULE = 'gi.overrides.Zmq'


def make_endpoint_methods(check):
    """What connects and disconnects by one string, and handlers of signals by what GObject takes.

    @check says what is wrong with an endpoint.
    """

    class EndpointMethods:
        def connect_to(self, endpoint):
            return super().connect_to(check(endpoint))

        def disconnect_from(self, endpoint):
            return super().disconnect_from(check(endpoint))

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

    return EndpointMethods


class _BlockedCall:
    """A call that blocks in a thread of its own, so that Python's handlers of signals run meanwhile."""

    def __init__(self, call, cancellable):
        self._call = call
        self._own = Gio.Cancellable()
        self._cancellable = cancellable
        self._outcome = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            self._outcome = (self._call(self._own), None)
        except GLib.Error as error:
            self._outcome = (None, error)

    def wait(self):
        handler = None
        if self._cancellable is not None:
            handler = GObject.Object.connect(self._cancellable, 'cancelled', lambda _cancellable: self._own.cancel())
            if self._cancellable.is_cancelled():
                self._own.cancel()
        try:
            self._thread.start()
            self._thread.join()
        finally:
            self._own.cancel()
            if handler is not None:
                GObject.Object.disconnect(self._cancellable, handler)
        result, error = self._outcome
        if error is not None:
            raise error
        return result


def make_classes(namespace, errors, closing, endpoint_methods, to_message, to_endpoint):
    """The classes that take the place of those of the namespace; closing is what closes at the end of a “with” block."""

    class Client(closing, endpoint_methods, namespace.Client):
        """Sends requests and gets their answers: Client(context=None, timeout_us=…). It lives until it is closed."""

        __module__ = _MODULE

        def __init__(self, context=None, **properties):
            with _awaiting.in_running_loop(self):
                super().__init__(**{'context': context, 'owned_by_loop': True, **properties})
                self.init(None)

        @classmethod
        def new(cls, context=None):
            return cls(context)

        def request(self, message, cancellable=None):
            message = to_message(message)
            request = super().request
            if not _blocking.is_main_thread():
                return request(message, cancellable)
            return _BlockedCall(lambda own: request(message, own), cancellable).wait()

        request_async = _awaiting.make_awaitable(namespace.Client, 'request', errors.convert, has_priority=False,
                                                 argument=to_message)

    class Request(namespace.Request):
        """What a client has asked, and the way back: reply() takes what send() does."""

        __module__ = _MODULE

        def reply(self, message):
            return super().reply(to_message(message))

    class Server(closing, namespace.Server):
        """Answers requests: Server(context, max_pending=100). It lives until it is closed."""

        __module__ = _MODULE

        def __init__(self, context=None, **properties):
            with _awaiting.in_running_loop():
                super().__init__(**{'context': context, 'owned_by_loop': True, **properties})
                self.init(None)

        @classmethod
        def new(cls, context=None):
            return cls(context)

        def bind(self, endpoint):
            return super().bind(to_endpoint(endpoint))

    return Client, Request, Server
