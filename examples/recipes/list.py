#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A list of prices in a window, a row a fruit, however fast the prices come.

They are made by the program itself. With --demo it tells what the rows say in the end, and closes the window.
"""

import sys

import gi

gi.require_version('Gtk', '4.0')
gi.require_version('Zmq', '1.0')
from gi.repository import Gio, GLib, Gtk, Zmq  # noqa: E402

FRUITS = ['apple', 'banana', 'cherry']
N_PRICES = 3000


def on_setup(_factory, row):
    box = Gtk.Box(spacing=12)
    box.append(Gtk.Label(xalign=0, hexpand=True))
    box.append(Gtk.Label())
    row.set_child(box)


def on_bind(_factory, row):
    """The row is given an item, and shows it from now on."""
    item, box = row.get_item(), row.get_child()
    box.get_first_child().set_text(item.topic)
    row.handler = item.connect('notify::message', show_price, box.get_last_child())
    show_price(item, None, box.get_last_child())


def on_unbind(_factory, row):
    row.get_item().disconnect(row.handler)


def show_price(item, _pspec, label):
    label.set_text(item.message[1].decode())


class Window(Gtk.ApplicationWindow):
    def __init__(self, app, demo):
        super().__init__(application=app, title='Prices', default_width=300, default_height=200)
        self.demo = demo
        self.n_sent = 0
        self.sender, receiver = self.open_streams()
        self.feed = Zmq.Feed(receiver, mode=Zmq.FeedMode.LATEST)
        self.view = self.make_view()
        self.set_child(Gtk.ScrolledWindow(child=self.view))
        self.timer = GLib.timeout_add(1, self.on_due)
        self.connect('close-request', self.on_close_request)

    def open_streams(self):
        receiver = Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'inproc://prices')
        return Zmq.Stream.new_connected(Zmq.SocketType.PUSH, 'inproc://prices'), receiver

    def make_view(self):
        factory = Gtk.SignalListItemFactory()
        factory.connect('setup', on_setup)
        factory.connect('bind', on_bind)
        factory.connect('unbind', on_unbind)
        return Gtk.ListView(model=Gtk.NoSelection(model=self.feed), factory=factory)

    def on_due(self):
        """Thirty prices a millisecond, which nobody could read."""
        for _ in range(30):
            self.sender.send([FRUITS[self.n_sent % len(FRUITS)], str(self.n_sent)])
            self.n_sent += 1
        if self.demo and self.n_sent == N_PRICES:
            self.timer = 0
            GLib.timeout_add(10, self.on_look)
            return GLib.SOURCE_REMOVE
        return GLib.SOURCE_CONTINUE

    def on_look(self):
        """For the demo: the labels of the rows, once they have the last prices."""
        rows = []
        row = self.view.get_first_child()
        while row:
            box = row.get_first_child()
            rows.append(f'{box.get_first_child().get_text()}: {box.get_last_child().get_text()}')
            row = row.get_next_sibling()
        if f'cherry: {N_PRICES - 1}' not in rows:
            return GLib.SOURCE_CONTINUE
        print(*rows, sep='\n')
        self.close()
        return GLib.SOURCE_REMOVE

    def on_close_request(self, _window):
        if self.timer:
            GLib.source_remove(self.timer)
        self.sender.close()
        self.feed.close()
        return False


def main():
    demo = '--demo' in sys.argv
    app = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
    app.connect('activate', lambda app: Window(app, demo).present())
    return app.run()


sys.exit(main())
