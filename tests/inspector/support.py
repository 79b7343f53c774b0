# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the inspector's window share: it runs as a process, is driven by its actions over D-Bus, and its peers
are pyzmq's sockets. To be run by “xvfb-run dbus-run-session”."""

import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import gi
import zmq

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

PROGRAM = os.environ['TEST_INSPECTOR']
PATIENCE = 30 * int(os.environ.get('TEST_PATIENCE', '1'))  # seconds
APP_ID = 'org.zmqglib.Inspector'
APP_PATH = '/org/zmqglib/Inspector'


def until(is_true, what='it'):
    """Waits, while D-Bus goes on, until something holds; its value."""
    context = GLib.MainContext.default()
    deadline = time.monotonic() + PATIENCE
    wake = GLib.timeout_add(10, lambda: True)
    try:
        while not (value := is_true()):
            context.iteration(True)
            if time.monotonic() > deadline:
                raise AssertionError(f'waited in vain for {what}')
        return value
    finally:
        GLib.source_remove(wake)


class Inspector:
    """The program, and the actions of its first window."""

    def __init__(self, *args):
        self.process = subprocess.Popen([PROGRAM, *args])
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        until(self.has_window, 'a window')
        self.window = Gio.DBusActionGroup.get(self.bus, APP_ID, f'{APP_PATH}/window/1')
        self.window.list_actions()
        until(lambda: self.window.has_action('status'), 'the actions')

    def has_window(self):
        if self.process.poll() is not None:
            raise AssertionError(f'the program has ended: {self.process.returncode}')
        try:
            self.bus.call_sync(APP_ID, f'{APP_PATH}/window/1', 'org.gtk.Actions', 'List', None, None,
                               Gio.DBusCallFlags.NO_AUTO_START, 1000, None)
        except GLib.Error:
            return False
        return True

    def do(self, name, parameter=None):
        """Activates an action; answered when it was done."""
        parameters = [parameter] if parameter is not None else []
        self.bus.call_sync(APP_ID, f'{APP_PATH}/window/1', 'org.gtk.Actions', 'Activate',
                           GLib.Variant('(sava{sv})', (name, parameters, {})), None, Gio.DBusCallFlags.NONE,
                           1000 * PATIENCE, None)

    def change(self, name, state):
        self.bus.call_sync(APP_ID, f'{APP_PATH}/window/1', 'org.gtk.Actions', 'SetState',
                           GLib.Variant('(sva{sv})', (name, state, {})), None, Gio.DBusCallFlags.NONE,
                           1000 * PATIENCE, None)

    def describe(self, name):
        """Whether an action is enabled, and its state."""
        reply = self.bus.call_sync(APP_ID, f'{APP_PATH}/window/1', 'org.gtk.Actions', 'Describe',
                                   GLib.Variant('(s)', (name,)), None, Gio.DBusCallFlags.NONE, 1000 * PATIENCE, None)
        enabled, _, states = reply.unpack()[0]
        return enabled, states[0] if states else None

    @property
    def status(self):
        return self.describe('status')[1]

    def until(self, is_true, what='a state'):
        """Waits for a status that a function likes; that status."""
        return until(lambda: (lambda status: status if is_true(status) else None)(self.status), what)

    def until_is(self, **expected):
        expected = {name.replace('_', '-'): value for name, value in expected.items()}
        return self.until(lambda status: all(status.get(name) == value for name, value in expected.items()), expected)

    def make_socket(self, kind, **options):
        description = {'type': GLib.Variant('s', kind)}
        for name, value in options.items():
            name = name.replace('_', '-')
            description[name] = GLib.Variant('as', value) if isinstance(value, list) else GLib.Variant('s', value)
        self.do('make-socket', GLib.Variant('a{sv}', description))

    def make_proxy(self, **options):
        self.do('make-proxy', GLib.Variant('a{sv}', {name.replace('_', '-'): GLib.Variant('s', value)
                                                     for name, value in options.items()}))

    def do_in_application(self, name):
        self.bus.call_sync(APP_ID, APP_PATH, 'org.gtk.Actions', 'Activate', GLib.Variant('(sava{sv})', (name, [], {})),
                           None, Gio.DBusCallFlags.NONE, 1000 * PATIENCE, None)

    @property
    def memory(self):
        """In bytes, of what is in use."""
        with open(f'/proc/{self.process.pid}/statm') as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

    def end(self):
        if self.process.poll() is None:
            self.do_in_application('quit')
        return self.process.wait(PATIENCE)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.peers = zmq.Context()
        self.addCleanup(self.peers.destroy, linger=0)

    def start(self, *args):
        inspector = Inspector(*args)
        self.addCleanup(self.stop, inspector)
        return inspector

    @staticmethod
    def stop(inspector):
        if inspector.process.poll() is None:
            inspector.process.kill()
        inspector.process.wait()

    def peer(self, kind, **options):
        socket = self.peers.socket(kind)
        socket.linger = 0
        socket.rcvtimeo = socket.sndtimeo = 1000 * PATIENCE
        for name, value in options.items():
            setattr(socket, name, value)
        return socket

    def bound_peer(self, kind, **options):
        """A peer, and where it is bound."""
        socket = self.peer(kind, **options)
        port = socket.bind_to_random_port('tcp://127.0.0.1')
        return socket, f'tcp://127.0.0.1:{port}'
