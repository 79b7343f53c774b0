# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the Python tests share."""

import sys
import threading
import traceback
import unittest
import warnings

import gi
import zmq

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

PATIENCE = 20  # seconds

# Forks beside libzmq's threads are what some tests are about.
warnings.filterwarnings('ignore', 'This process .* is multi-threaded', DeprecationWarning)


def wait_for(condition):
    """Runs the main loop until condition() holds."""
    context = GLib.MainContext.default()
    expired = []
    # append() returns None, so that the timeout runs once
    source = GLib.timeout_add_seconds(PATIENCE, expired.append, True)
    while not condition():
        if expired:
            raise AssertionError('waited in vain')
        context.iteration(True)
    if not expired:
        GLib.source_remove(source)


class Case(unittest.TestCase):
    """A test with a context of its own, which fails when a callback raised an exception."""

    def setUp(self):
        self.context = Zmq.Context()
        self.peers = zmq.Context()
        self.raised = []
        sys.excepthook = self.on_exception
        sys.unraisablehook = lambda args: self.on_exception(
            args.exc_type, args.exc_value, args.exc_traceback)

    def tearDown(self):
        sys.excepthook = sys.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        self.peers.destroy(linger=0)
        self.assertEqual(self.raised, [])

    def on_exception(self, exc_type, value, trace):
        self.raised.append(''.join(traceback.format_exception(exc_type, value, trace)))

    def bound(self, socket_type, endpoint='tcp://127.0.0.1:*'):
        socket = Zmq.Socket.new(self.context, socket_type)
        socket.set_property('linger', 0)
        socket.bind(endpoint)
        return socket

    def connected(self, socket_type, endpoint):
        socket = Zmq.Socket.new(self.context, socket_type)
        socket.set_property('linger', 0)
        socket.connect_to(endpoint)
        return socket

    def pipe(self, endpoint):
        """A PUSH and a PULL; what the one was given, the other has at once."""
        pull = self.bound(Zmq.SocketType.PULL, endpoint)
        return self.connected(Zmq.SocketType.PUSH, endpoint), pull

    def peer(self, socket_type, socket):
        """A socket of pyzmq, connected to ours."""
        peer = self.peers.socket(socket_type)
        peer.linger = 0
        peer.rcvtimeo = peer.sndtimeo = 1000 * PATIENCE
        peer.connect(socket.get_property('last-endpoint'))
        return peer

    def talk(self, function, *args):
        """Calls function() in a thread, and runs the main loop until it returns."""
        result = []

        def run():
            try:
                result.append(function(*args))
            except Exception as error:
                result.append(error)
            GLib.idle_add(lambda: GLib.SOURCE_REMOVE)

        thread = threading.Thread(target=run)
        thread.start()
        wait_for(lambda: result)
        thread.join()
        if isinstance(result[0], Exception):
            raise result[0]
        return result[0]

    def assertFails(self, code, function, *args):
        with self.assertRaises(GLib.Error) as caught:
            function(*args)
        self.assertErrorIs(caught.exception, code)
        return caught.exception

    def assertErrorIs(self, error, code):
        self.assertTrue(error.matches(Zmq.error_quark(), code), repr(error))


def contents(message):
    return [frame.get_data() for frame in message.get_frames()]


class TapResult(unittest.TestResult):
    def report(self, test, passed, details=''):
        name = test.id().removeprefix('__main__.')
        print(f'{"ok" if passed else "not ok"} {self.testsRun} - {name}')
        for line in details.splitlines():
            print('#', line)
        sys.stdout.flush()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.report(test, True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f'ok {self.testsRun} - {test.id().removeprefix("__main__.")} # SKIP {reason}')
        sys.stdout.flush()

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.report(test, False, self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.report(test, False, self.errors[-1][1])


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    result = TapResult()
    print(f'1..{suite.countTestCases()}')
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
