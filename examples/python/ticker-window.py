#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A window that shows a ticker live, and can pause.

The stream's handler is blocked meanwhile, and what has been published comes when it goes on.
With --demo it pauses, resumes and ends by itself.
"""

import sys

import gi

gi.require_version('Gtk', '4.0')
gi.require_version('Zmq', '1.0')
from gi.repository import Gio, GLib, Gtk, Pango, Zmq  # noqa: E402

N_DEMO_TICKS = 20


class Publisher:
    """Ticks as soon as somebody has subscribed, which an XPUB socket tells."""

    def __init__(self):
        socket = Zmq.Socket(socket_type=Zmq.SocketType.XPUB, linger=0)
        socket.bind('tcp://127.0.0.1:*')
        self.endpoint = socket.last_endpoint
        self.n_ticks = 0
        self.stream = Zmq.Stream(socket)
        self.stream.connect('received', lambda *_args: GLib.timeout_add(50, self.tick))

    def tick(self):
        if self.stream.is_closed():
            return GLib.SOURCE_REMOVE
        self.n_ticks += 1
        self.stream.send(['tick', str(self.n_ticks)])
        return GLib.SOURCE_CONTINUE


class Window(Gtk.ApplicationWindow):
    def __init__(self, application, publisher, demo):
        super().__init__(application=application, title='Ticker', default_width=360, default_height=240)
        self.publisher = publisher
        self.demo = demo
        self.n_shown = 0
        self.build()

        socket = Zmq.Socket(socket_type=Zmq.SocketType.SUB, linger=0)
        socket.subscribe('tick')
        socket.connect(publisher.endpoint)
        self.stream = Zmq.Stream(socket)
        self.handler = self.stream.connect('received', self.on_tick)

    def build(self):
        self.button = Gtk.ToggleButton(label='Pause')
        self.button.connect('toggled', self.on_toggled)
        header = Gtk.HeaderBar()
        header.pack_start(self.button)
        self.set_titlebar(header)

        attributes = Pango.AttrList()
        attributes.insert(Pango.attr_scale_new(5))
        self.number = Gtk.Label(label='–', vexpand=True, attributes=attributes)
        self.status = Gtk.Label(css_classes=['dim-label'])
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, margin_bottom=18)
        box.append(self.number)
        box.append(self.status)
        self.set_child(box)
        self.add_tick_callback(self.on_frame)

    def on_tick(self, _stream, message):
        self.n_shown += 1
        self.number.set_label(message[1].decode())
        self.go_on_with_demo()

    def on_toggled(self, button):
        paused = button.get_active()
        if paused:
            self.stream.handler_block(self.handler)
        else:
            self.stream.handler_unblock(self.handler)
        button.set_label('Resume' if paused else 'Pause')

    def on_frame(self, _widget, _clock):
        state = 'Paused' if self.button.get_active() else 'Live'
        self.status.set_label(f'{state}: {self.n_shown} of {self.publisher.n_ticks} ticks shown')
        self.go_on_with_demo()
        return GLib.SOURCE_CONTINUE

    def go_on_with_demo(self):
        """Pauses after five ticks, resumes when ten are published, and ends after twenty."""
        paused = self.button.get_active()
        if not self.demo:
            return
        if self.n_shown == 5 and not paused:
            print('paused at', self.n_shown)
            self.button.set_active(True)
        elif paused and self.publisher.n_ticks >= 10:
            print('resumed at', self.n_shown)
            self.button.set_active(False)
        elif self.n_shown == N_DEMO_TICKS:
            self.demo = False
            print('shown', self.n_shown)
            self.get_application().quit()


def main():
    demo = '--demo' in sys.argv
    publisher = Publisher()
    application = Gtk.Application(application_id='org.zmqglib.Ticker', flags=Gio.ApplicationFlags.NON_UNIQUE)
    application.connect('activate', lambda app: Window(app, publisher, demo).present())
    application.run(None)
    publisher.stream.close()


main()
