#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A progress bar that a thread moves, and that ends the thread when its window is closed.

With --demo it tells each quarter, and closes the window itself.
"""

import sys
import threading

import gi

gi.require_version('Gtk', '4.0')
gi.require_version('Zmq', '1.0')
from gi.repository import Gio, GLib, Gtk, Zmq  # noqa: E402

N_STEPS = 100


def work(context, cancellable):
    """In a thread, which knows nothing of the window."""
    with Zmq.Socket(Zmq.SocketType.PUSH, context=context) as socket:
        socket.connect('inproc://progress')
        for step in range(1, N_STEPS + 1):
            sum(n * n for n in range(100_000))
            try:
                # blocks when the window is far behind, and fails when it was closed
                socket.send(str(step), cancellable)
            except GLib.Error as error:
                if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                    return
                raise


class Window(Gtk.ApplicationWindow):
    def __init__(self, app, demo):
        super().__init__(application=app, title='Progress', default_width=360)
        self.demo = demo
        self.bar = Gtk.ProgressBar(
            show_text=True, margin_top=24, margin_bottom=24, margin_start=24, margin_end=24
        )
        self.set_child(self.bar)
        # the one by whoever uses it, the other by Ctrl-C
        self.connect('close-request', self.end)
        app.connect('shutdown', self.end)

        context = Zmq.Context.get_default()
        self.stream = Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'inproc://progress')
        self.stream.connect('received', self.on_progress)
        self.cancellable = Gio.Cancellable()
        self.thread = threading.Thread(target=work, args=(context, self.cancellable))
        self.thread.start()

    def on_progress(self, _stream, message):
        step = int(message[0])
        self.bar.set_fraction(step / N_STEPS)
        if not self.demo:
            return
        if step % (N_STEPS // 4) == 0:
            print(f'{self.bar.get_fraction():.0%}')
        if step == N_STEPS:
            self.close()

    def end(self, _emitter):
        self.cancellable.cancel()
        self.thread.join()
        self.stream.close()
        return False


def main():
    demo = '--demo' in sys.argv
    app = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
    app.connect('activate', lambda app: Window(app, demo).present())
    return app.run()


sys.exit(main())
