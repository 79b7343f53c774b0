# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the command share: it runs as a process, in pipes, and its peers are pyzmq's sockets."""

import json
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import time
import unittest

import zmq

TOOL = os.environ['TEST_TOOL']
PATIENCE = 20 * int(os.environ.get('TEST_PATIENCE', '1'))  # seconds


class Process(subprocess.Popen):
    """A command that runs, whose output is read line by line, and which is waited for within limits."""

    def __init__(self, *args, command=(TOOL,), **options):
        self.buffers = {}
        options = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, **options}
        super().__init__([*command, *args], bufsize=0, **options)

    def read(self, stream, is_enough):
        """What comes on a stream until is_enough (all of it), or it ends."""
        deadline = time.monotonic() + PATIENCE
        data = self.buffers.pop(stream, b'')
        while not is_enough(data):
            if not select.select([stream], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f'waited in vain after {data!r}')
            portion = os.read(stream.fileno(), 65536)
            if not portion:
                break
            data += portion
        return data

    def line(self, stream=None):
        """The next line, without its end."""
        stream = stream or self.stdout
        data = self.read(stream, lambda data: b'\n' in data)
        line, _, self.buffers[stream] = data.partition(b'\n')
        return line

    def rest(self, stream=None):
        return self.read(stream or self.stdout, lambda data: False)

    def end(self, number=None):
        """Waits for the end, after a signal if there is one: the exit code."""
        if number is not None:
            self.send_signal(number)
        return self.wait(PATIENCE)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.peers = zmq.Context()
        self.addCleanup(self.peers.destroy, linger=0)
        self.sockets = []  # pyzmq closes what nobody has any more
        self.n_endpoints = 0

    def endpoint(self):
        """Where nobody is yet."""
        self.n_endpoints += 1
        return f'ipc://{self.folder}/socket-{self.n_endpoints}'

    def start(self, *args, **options):
        process = Process(*map(str, args), **options)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def bound(self, *args):
        """A command at a port of its own, and where that is."""
        process = self.start(args[0], '-v', '-b', 'tcp://127.0.0.1:*', *args[1:])
        line = b''
        while b'Bound to ' not in line:
            line = process.line(process.stderr)
        return process, line.split()[-1].decode()

    def run_tool(self, *args, status=0, given=None):
        """Runs a command to its end: its output. What it complains of is in self.complaint."""
        result = subprocess.run([TOOL, *map(str, args)], input=given if given is not None else b'',
                                capture_output=True, timeout=PATIENCE)
        self.complaint = result.stderr.decode()
        self.assertEqual(result.returncode, status, self.complaint)
        return result.stdout

    def peer(self, socket_type, endpoint, binds=True, **options):
        socket = self.peers.socket(socket_type)
        socket.linger = 0
        socket.rcvtimeo = socket.sndtimeo = 1000 * PATIENCE
        for name, value in options.items():
            setattr(socket, name, value)
        self.sockets.append(socket)
        (socket.bind if binds else socket.connect)(endpoint)
        return socket

    def assertEnds(self, process, status=0, number=None):
        ended = process.end(number)
        if ended != status:
            self.fail(f'exit code {ended}, not {status}: {process.rest(process.stderr)!r}')


def as_json(*frames):
    return json.dumps(frames).encode() + b'\n'


def interrupted(number):
    """What a command exits with that a signal has ended in its work."""
    return 128 + number


SIGINT, SIGTERM = signal.SIGINT, signal.SIGTERM
