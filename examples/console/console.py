#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A console for Jupyter kernels: a GTK window around five ZeroMQ sockets."""

import argparse
import pathlib
import signal
import sys

import gi

gi.require_version('Gdk', '4.0')
gi.require_version('Gtk', '4.0')
gi.require_version('Zmq', '1.0')
from gi.repository import Gdk, Gio, GLib, Gtk  # noqa: E402

from kernel import spec  # noqa: E402
from kernel.kernel import Kernel  # noqa: E402
from ui.window import Window  # noqa: E402

ACCELERATORS = {
    'app.quit': ['<Control>q'],
    'window.close': ['<Control>w'],
    'win.interrupt': ['<Control>i'],
    'win.restart': ['<Control><Shift>r'],
    'win.clear': ['<Control>l'],
    'win.shortcuts': ['<Control>question', 'F1'],
}


class Console(Gtk.Application):
    """The program."""

    def __init__(self, kernel_spec):
        super().__init__(flags=Gio.ApplicationFlags.NON_UNIQUE)
        self.kernel_spec = kernel_spec

    def do_startup(self):  # pylint: disable=arguments-differ
        """Before there is a window."""
        Gtk.Application.do_startup(self)
        provider = Gtk.CssProvider()
        provider.load_from_path(str(pathlib.Path(__file__).parent / 'ui' / 'style.css'))
        Gtk.StyleContext.add_provider_for_display(
            Gdk.Display.get_default(), provider, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
        for action, accelerators in ACCELERATORS.items():
            self.set_accels_for_action(action, accelerators)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, self._on_signal)
        quit_action = Gio.SimpleAction.new('quit', None)
        quit_action.connect('activate', self._on_quit)
        self.add_action(quit_action)

    def do_activate(self):  # pylint: disable=arguments-differ
        """Opens the window."""
        Window(self, Kernel(self.kernel_spec)).present()

    def _on_signal(self):
        self.activate_action('quit', None)
        return GLib.SOURCE_CONTINUE

    def _on_quit(self, _action, _parameter):
        for window in self.get_windows():
            window.close()


def main():
    """Runs the program."""
    specs = spec.find_all()
    parser = argparse.ArgumentParser(description='A console for Jupyter kernels.')
    parser.add_argument('--kernel', default='python3', metavar='NAME', choices=sorted(specs),
                        help=f'the kernel: {", ".join(sorted(specs))}')
    options = parser.parse_args()
    GLib.set_application_name('Console')
    return Console(specs[options.kernel]).run()


if __name__ == '__main__':
    sys.exit(main())
