# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio on GLib's main loop.

    import asyncio
    from gi.repository import Zmq
    from zmqglib import aio

    async def main():
        with Zmq.Socket(Zmq.SocketType.REP) as socket:
            socket.bind('tcp://127.0.0.1:5555')
            while True:
                await socket.send_async(await socket.receive_async())

    aio.run(main())

The loop is that of PyGObject, gi.events, where PyGObject has it (from 3.50 on), and else that of gbulb.
Timers, windows and signals of GLib go on while coroutines wait.
"""

import asyncio
import threading

from gi.repository import GLib

__all__ = ['new_event_loop', 'run']


def _get_context():
    """The main context that belongs to this thread, or a new one."""
    context = GLib.MainContext.get_thread_default()
    if context is not None:
        return context
    if threading.current_thread() is threading.main_thread():
        return GLib.MainContext.default()
    return GLib.MainContext.new()


def new_event_loop():
    """Makes a loop that runs the thread's main context: in the main thread the default one, with its windows.

    Another thread that has none gets a new one. Raises RuntimeError where neither gi.events nor gbulb is
    installed. For asyncio.Runner, and unittest.IsolatedAsyncioTestCase, as a loop factory.
    """
    try:
        from gi.events import GLibEventLoop
    except ImportError:
        try:
            from gbulb.glib_events import GLibEventLoop
        except ImportError:
            raise RuntimeError('there is no asyncio loop for GLib: it takes PyGObject 3.50 or gbulb') from None
        return GLibEventLoop(context=_get_context())
    return GLibEventLoop(_get_context())


def run(main, *, debug=None):
    """Runs the coroutine and returns its result, as asyncio.run() does, on GLib's main loop."""
    with asyncio.Runner(debug=debug, loop_factory=new_event_loop) as runner:
        return runner.run(main)
