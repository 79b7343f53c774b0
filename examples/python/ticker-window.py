#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A window that shows a live ticker.

While it is paused the stream's handler is blocked: the ticks wait in ZeroMQ's queue, and come, all
of them, when the window goes on. The ticks are published by the program itself, or at the endpoint
that is its argument.
"""

import argparse
import sys

import gi

gi.require_version("Gdk", "4.0")
gi.require_version("Gtk", "4.0")
gi.require_version("Zmq", "1.0")
from gi.repository import Gdk, Gio, GLib, Gtk, Pango, Zmq  # noqa: E402

N_LATEST = 5


class Publisher:
    """Ticks ten times a second as soon as somebody has subscribed."""

    def __init__(self, on_published):
        self.on_published = on_published
        self.n_ticks = 0
        self.timer = 0
        self.socket = Zmq.Socket(Zmq.SocketType.XPUB)
        self.socket.linger = 0
        self.socket.bind("tcp://127.0.0.1:*")
        self.stream = Zmq.Stream(self.socket)
        self.stream.connect("received", self.on_subscription)

    def on_subscription(self, _stream, message):
        if not self.timer and message.get_frame(0).get_data()[:1] == b"\1":
            self.timer = GLib.timeout_add(100, self.on_tick_due)

    def on_tick_due(self):
        self.n_ticks += 1
        self.stream.send(Zmq.Message.new_from_strv(["tick", str(self.n_ticks)]))
        self.on_published()
        return GLib.SOURCE_CONTINUE

    def close(self):
        if self.timer:
            GLib.source_remove(self.timer)
        self.stream.close()


class Window(Gtk.ApplicationWindow):
    def __init__(self, app, endpoint, demo):
        super().__init__(application=app, title="Ticker", default_width=340, default_height=440)
        self.demo = demo
        self.n_received = 0
        self.resume_at = 0  # demo: when so many ticks have been published
        self.lost = False
        self.build()

        self.publisher = None if endpoint else Publisher(self.on_published)
        socket = Zmq.Socket(Zmq.SocketType.SUB)
        socket.linger = 0
        socket.subscribe("tick")
        socket.connect(endpoint or self.publisher.socket.last_endpoint)
        self.stream = Zmq.Stream(socket)
        self.handler = self.stream.connect("received", self.on_tick)
        self.connect("close-request", self.on_close_request)
        self.update_status()

    def build(self):
        self.toggle = Gtk.ToggleButton(label="Pause")
        self.toggle.connect("toggled", self.on_toggled)
        header = Gtk.HeaderBar()
        header.pack_start(self.toggle)
        self.set_titlebar(header)

        large = Pango.AttrList.from_string("0 -1 scale 5, 0 -1 weight bold")
        self.last = Gtk.Label(label="–", attributes=large)
        self.latest = Gtk.ListBox(
            selection_mode=Gtk.SelectionMode.NONE, css_classes=["rich-list", "frame"], vexpand=True
        )
        self.status = Gtk.Label(css_classes=["dim-label"])

        box = Gtk.Box(
            orientation=Gtk.Orientation.VERTICAL,
            spacing=18,
            margin_top=18,
            margin_bottom=18,
            margin_start=18,
            margin_end=18,
        )
        for widget in (self.last, self.latest, self.status):
            box.append(widget)
        self.set_child(box)

    def update_status(self):
        text = f"{self.n_received} received"
        if self.publisher:
            text += f", {self.publisher.n_ticks - self.n_received} waiting"
        self.status.set_text(text)

    def on_toggled(self, toggle):
        paused = toggle.get_active()
        toggle.set_label("Resume" if paused else "Pause")
        if paused:
            self.stream.handler_block(self.handler)
        else:
            self.stream.handler_unblock(self.handler)
        if self.demo:
            print("paused" if paused else "resumed")

    def on_published(self):
        self.update_status()
        if self.publisher.n_ticks == self.resume_at:
            self.toggle.emit("clicked")

    def on_tick(self, _stream, message):
        number = message.get_string(1)
        self.n_received += 1
        if self.publisher and int(number) != self.n_received:
            self.lost = True
        self.show_tick(number)
        if self.demo:
            self.go_on_with_demo()

    def show_tick(self, number):
        self.last.set_text(number)
        time = GLib.DateTime.new_now_local().format("%T")
        self.latest.prepend(Gtk.Label(label=f"tick {number} at {time}"))
        oldest = self.latest.get_row_at_index(N_LATEST)
        if oldest:
            self.latest.remove(oldest)
        self.update_status()

    def go_on_with_demo(self):
        print("tick", self.last.get_text())
        if self.n_received == 3:
            self.resume_at = self.publisher.n_ticks + 5
            self.toggle.emit("clicked")
        elif self.n_received == 8:
            self.close()

    def on_close_request(self, _window):
        self.stream.close()
        if self.publisher:
            self.publisher.close()
        if self.demo:
            print("lost some" if self.lost else "nothing was lost")
        return Gdk.EVENT_PROPAGATE


def main():
    parser = argparse.ArgumentParser(description="Shows a live ticker.")
    parser.add_argument("--demo", action="store_true", help="show eight ticks with a pause, and end")
    parser.add_argument("endpoint", nargs="?", help="where the ticks are published")
    options = parser.parse_args()
    if options.demo and options.endpoint:
        parser.error("the demo publishes its ticks itself")

    app = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
    app.connect("activate", lambda app: Window(app, options.endpoint, options.demo).present())

    return app.run()


if __name__ == "__main__":
    sys.exit(main())
