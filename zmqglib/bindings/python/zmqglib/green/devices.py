# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proxies that a task waits for."""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402

from .tasks import Waiter  # noqa: E402


def device(frontend, backend, capture=None):
    """Forwards between sockets in the main loop, and gives way until that has ended.

    It raises what ends it, as TerminatedError when the context is shut down; a task that is killed meanwhile stops it.
    """
    proxy = Zmq.Proxy(frontend, backend, capture)
    waiter = Waiter()
    errors = []

    def on_stopped(_proxy, error):
        errors.append(error)
        waiter.wake()

    proxy.connect('stopped', on_stopped)
    proxy.start()
    try:
        waiter.wait()
    finally:
        proxy.stop()
    if errors and errors[0] is not None:
        raise errors[0]
