# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the commands end: what they exit with, time limits, signals, and output that nobody reads."""

import array
import fcntl
import os
import subprocess
import termios
import time
import unittest

import zmq

import support
from support import SIGINT, SIGTERM, interrupted

DONE, FAILED, USAGE, TIME_UP = range(4)
# in UTF-8
NO_TEXT = b'\xff'.decode(errors='surrogateescape')
COMMANDS = ('send', 'receive', 'request', 'reply', 'proxy', 'monitor', 'keygen')


class Usage(support.Case):
    def test_help(self):
        text = self.run_tool('--help').decode()
        for command in COMMANDS:
            self.assertIn(f'  {command} ', text)
            self.assertIn(f'zmqglib {command} [', self.run_tool(command, '--help').decode())
        self.assertEqual(self.run_tool('help').decode(), text)

    def test_version(self):
        self.assertRegex(self.run_tool('--version').decode(), r'^zmqglib \d+\.\d+\.\d+\n$')

    def test_no_command(self):
        self.assertEqual(self.run_tool(status=USAGE), b'')
        self.assertIn('zmqglib COMMAND', self.complaint)
        self.run_tool('sned', status=USAGE)
        self.assertIn('There is no command “sned”', self.complaint)

    def test_wrong_use(self):
        there = ('-c', self.endpoint())
        for args in (
            ['send', 'x'], ['send', *there, '--no-such-option'], ['send', *there, '-t', 'pull', 'x'], ['send', *there, '-t', 'push2', 'x'],
            ['send', *there, '-F', 'xml'], ['send', *there, '-d', ''], ['send', *there, '-n', '-2'], ['send', *there, '-n', 'many'],
            ['send', *there, '-n', '-1', 'x'], ['send', *there, '-d', '\\'], ['send', *there, '-d', r'\q'], ['send', *there, '-d', r'\x'],
            ['send', *there, '-d', r'\400'], ['send', *there, '-d', r'a\0b'], ['send', *there, '-d', NO_TEXT],
            ['send', *there, '-i', '-1'], ['send', *there, '-i', 'nan'], ['send', *there, '-T', '-1'], ['send', *there, '-w', '-1'],
            ['send', *there, '-o', 'linger'], ['send', *there, '-o', 'lingers=1'], ['send', *there, '-o', 'linger=x'],
            ['send', *there, '-o', 'linger=-7'], ['send', *there, '-o', 'linger=99999999999'], ['send', *there, '-o', 'immediate=maybe'],
            ['send', *there, '-o', 'socket-type=pub'], ['send', *there, '-o', 'last-endpoint=x'], ['send', *there, '-o', 'context=x'],
            ['send', *there, '-o', 'routing-id=' + 300 * 'x'], ['send', *there, '-o', 'bind-to-device=' + 300 * 'x'],
            ['send', *there, '-o', 'affinity=-1'], ['send', *there, '-o', 'max-message-size=x'], ['send', *there, '-o', 'max-frames=-1'],
            ['send', *there, '-o', 'gssapi-principal-name-type=x'], ['send', *there, '-o', 'ZmqSocket::curve-server=yes'],
            ['receive', '-b', NO_TEXT],
            ['receive'], ['receive', *there, 'x'], ['receive', *there, '-t', 'push'], ['receive', *there, '-n', '-1'],
            ['receive', *there, '-t', 'pull', '-s', ''],
            ['request', 'x'], ['request', *there, '-r', '-1', 'x'], ['request', *there, '-T', '-1', 'x'], ['request', *there, '--strategy', 'x', 'x'],
            ['request', *there, '-o', 'linger=x', 'x'],
            ['reply', *there], ['reply', 'x'], ['reply', *there, '-e', '-x', 'true'], ['reply', *there, '-e', 'x'], ['reply', *there, '-x'],
            ['reply', *there, '-J', '0', '-x', 'true'],
            ['proxy'], ['proxy', self.endpoint()], ['proxy', *3 * [self.endpoint()]], ['proxy', '-t', 'router', *2 * [self.endpoint()]],
            ['proxy', '-t', 'router:req', *2 * [self.endpoint()]],
            ['monitor'], ['monitor', *there, '-e', 'connecting'], ['monitor', *there, '-n', '-1'], ['monitor', *there, 'x'],
            ['keygen'], ['keygen', 'a', 'b'], ['keygen', self.folder / 'key', '-m', 'name'],
        ):
            with self.subTest(args=args):
                self.assertEqual(self.run_tool(*args, status=USAGE), b'')
                self.assertRegex(self.complaint, f'^zmqglib {args[0]}: .*\nSee “zmqglib {args[0]} --help”.\n$')

    def test_failures(self):
        for args in (
            ['send', '-b', 'nowhere', 'x'], ['send', '-c', 'tcp://127.0.0.1', 'x'], ['send', '-b', 'tcp://192.0.2.1:1', 'x'],
            ['send', '-c', self.endpoint(), '-f', self.folder / 'none'], ['receive', '-b', f'ipc://{self.folder}/none/x'],
            ['receive', '-c', 'norm://x'], ['request', '-c', 'x', 'x'], ['reply', '-b', 'x', 'x'], ['proxy', 'x', 'y'], ['monitor', '-c', 'x'],
            ['keygen', self.folder / 'none' / 'key'],
        ):
            with self.subTest(args=args):
                self.assertEqual(self.run_tool(*args, status=FAILED), b'')
                self.assertRegex(self.complaint, f'^zmqglib {args[0]}: .*\n$')

    def test_address_in_use(self):
        peer = self.peer(zmq.PULL, 'tcp://127.0.0.1:*')
        endpoint = peer.last_endpoint.decode().rstrip('\0')
        self.run_tool('receive', '-b', endpoint, status=FAILED)
        self.assertEqual(self.complaint, f'zmqglib receive: Could not bind to “{endpoint}”: Address already in use\n')


class Time(support.Case):
    def test_nobody_there(self):
        for args in (['send', '-c', self.endpoint(), 'x'], ['send', '-b', self.endpoint(), '-t', 'pub', 'x'],
                     ['receive', '-b', self.endpoint()], ['receive', '-b', self.endpoint(), '-n', '1'], ['reply', '-b', self.endpoint(), 'x'],
                     ['proxy', self.endpoint(), self.endpoint()], ['monitor', '-e', 'connected', '-c', self.endpoint()]):
            with self.subTest(args=args):
                started = time.monotonic()
                self.assertEqual(self.run_tool(*args, '-T', '0.2', status=TIME_UP) if args[0] != 'reply' else
                                 self.run_tool(*args[:1], '-T', '0.2', *args[1:], status=TIME_UP), b'')
                self.assertGreaterEqual(time.monotonic() - started, 0.19)
                self.assertEqual(self.complaint, f'zmqglib {args[0]}: The time is up\n')

    def test_not_all_was_sent(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint, rcvhwm=1)
        self.run_tool('send', '-c', endpoint, '-T', '0.5', '-o', 'send-high-water-mark=1', '-n', 0, 'x' * 10000, status=TIME_UP)
        self.assertEqual(peer.recv(), b'x' * 10000)

    def test_not_all_has_left(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint, rcvhwm=1)
        self.run_tool('send', '-c', endpoint, '-T', '0.5', '-n', 900, 'x' * 10000, status=TIME_UP)
        self.assertEqual(peer.recv(), b'x' * 10000)

    def test_a_limit_that_nobody_reaches(self):
        endpoint = self.endpoint()
        server = self.start('reply', '-b', endpoint, '-n', '3', 'x')
        for limit in ('1e9', '1e300', 'inf'):
            self.assertEqual(self.run_tool('request', '-c', endpoint, '-r', '1', '-T', limit, 'x'), b'x\n')
        self.assertEnds(server)

    def test_no_reply(self):
        endpoint = self.endpoint()
        started = time.monotonic()
        self.assertEqual(self.run_tool('request', '-c', endpoint, '-T', '0.1', '-r', 3, 'x', status=TIME_UP), b'')
        self.assertGreaterEqual(time.monotonic() - started, 0.29)
        self.assertRegex(self.complaint, '^zmqglib request: .*: The time is up\n$')

    def test_some_came(self):
        endpoint = self.endpoint()
        process = self.start('receive', '-b', endpoint, '-n', 2, '-T', '1')
        self.peer(zmq.PUSH, endpoint, binds=False).send(b'one')
        self.assertEqual(process.rest(), b'one\n')
        self.assertEnds(process, TIME_UP)


class Signals(support.Case):
    def started(self, *args, **options):
        """A command that has bound its socket."""
        process = self.start(args[0], '-v', *args[1:], **options)
        while b'Bound to ' not in process.line(process.stderr):
            pass
        return process

    def test_services(self):
        for args in (['receive', '-b', self.endpoint()], ['reply', '-b', self.endpoint(), 'x'], ['proxy', self.endpoint(), self.endpoint()],
                     ['monitor', '-b', self.endpoint()]):
            for number in (SIGINT, SIGTERM):
                with self.subTest(args=args, number=number):
                    process = self.started(*args)
                    self.assertEnds(process, DONE, number)

    def test_work(self):
        for args in (['send', '-b', self.endpoint(), 'x'], ['receive', '-n', 1, '-b', self.endpoint()],
                     ['reply', '-n', 1, '-b', self.endpoint(), 'x'], ['monitor', '-n', 9, '-b', self.endpoint()]):
            for number in (SIGINT, SIGTERM):
                with self.subTest(args=args, number=number):
                    process = self.started(*args)
                    self.assertEnds(process, interrupted(number), number)

    def test_while_the_output_is_full(self):
        endpoint = self.endpoint()
        process = self.start('receive', '-b', endpoint)
        peer = self.peer(zmq.PUSH, endpoint, binds=False, sndhwm=0)
        peer.send(b'first')
        self.assertEqual(process.line(), b'first')
        for _ in range(100):
            peer.send(b'x' * 10000)
        # nobody reads, so the pipe is full before long
        reader = process.stdout.fileno()
        deadline = time.monotonic() + support.PATIENCE
        while unread(reader) < 50000:
            self.assertLess(time.monotonic(), deadline)
        self.assertEnds(process, DONE, SIGINT)

    def test_a_last_reply_leaves(self):
        endpoint = self.endpoint()
        process = self.started('reply', '-b', endpoint, 'bye')
        peer = self.peer(zmq.REQ, endpoint, binds=False)
        peer.send(b'hello')
        self.assertEqual(peer.recv(), b'bye')
        self.assertEnds(process, DONE, SIGTERM)

    def test_ignored_in_the_background(self):
        endpoint = self.endpoint()
        process = self.started('receive', '-n', 2, '-b', endpoint, command=('sh', '-c', "trap '' INT; exec \"$0\" \"$@\"", support.TOOL))
        process.send_signal(SIGINT)
        self.peer(zmq.PUSH, endpoint, binds=False).send(b'still there')
        self.assertEqual(process.line(), b'still there')
        self.assertEnds(process, interrupted(SIGTERM), SIGTERM)


class Pipes(support.Case):
    def test_reader_has_had_enough(self):
        endpoint = self.endpoint()
        process = self.start('receive', '-b', endpoint)
        peer = self.peer(zmq.PUSH, endpoint, binds=False)
        peer.send(b'one')
        self.assertEqual(process.line(), b'one')
        process.stdout.close()
        # with nothing more to be written
        self.assertEnds(process, DONE)
        self.assertEqual(process.stderr.read(), b'')

    def test_reader_goes_in_a_flood(self):
        endpoint = self.endpoint()
        process = self.start('receive', '-b', endpoint)
        peer = self.peer(zmq.PUSH, endpoint, binds=False, sndhwm=0)
        for _ in range(1000):
            peer.send(b'x' * 1000)
        self.assertEqual(process.line(), b'x' * 1000)
        process.stdout.close()
        self.assertEnds(process, DONE)
        self.assertEqual(process.stderr.read(), b'')

    def test_head(self):
        endpoint = self.endpoint()
        process = self.start('-c', f'"$0" receive -b {endpoint} | head -n 2', support.TOOL, command=('sh',))
        peer = self.peer(zmq.PUSH, endpoint, binds=False)
        for i in range(2):
            peer.send(b'%d' % i)
        self.assertEqual(process.rest(), b'0\n1\n')
        self.assertEnds(process)

    def test_output_closed(self):
        endpoint = self.endpoint()
        process = self.start('-c', f'exec "$0" receive -b {endpoint} >&-', support.TOOL, command=('sh',))
        peer = self.peer(zmq.PUSH, endpoint, binds=False)
        peer.send(b'x')
        self.assertEnds(process, FAILED)

    def test_output_full(self):
        endpoint = self.endpoint()
        with open('/dev/full', 'wb') as full:
            process = self.start('receive', '-b', endpoint, stdout=full)
        peer = self.peer(zmq.PUSH, endpoint, binds=False)
        peer.send(b'x')
        self.assertEnds(process, FAILED)
        self.assertEqual(process.stderr.read().decode(), 'zmqglib receive: Could not write to the standard output: No space left on device\n')

    def test_output_to_a_file(self):
        endpoint = self.endpoint()
        with open(self.folder / 'output', 'wb') as output:
            process = self.start('receive', '-b', endpoint, '-n', 2, stdout=output)
        peer = self.peer(zmq.PUSH, endpoint, binds=False)
        peer.send(b'x')
        peer.send(b'y')
        self.assertEnds(process)
        self.assertEqual((self.folder / 'output').read_bytes(), b'x\ny\n')

    def test_input_from_a_file(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint)
        (self.folder / 'input').write_bytes(b'x\ny')
        with open(self.folder / 'input', 'rb') as given:
            process = self.start('send', '-c', endpoint, stdin=given)
        self.assertEqual([peer.recv(), peer.recv()], [b'x', b'y'])
        self.assertEnds(process)

    def test_input_closed(self):
        endpoint = self.endpoint()
        self.peer(zmq.PULL, endpoint)
        process = self.start('-c', f'exec "$0" send -c {endpoint} <&-', support.TOOL, command=('sh',))
        self.assertEnds(process)

    def test_input_that_waits_costs_nothing(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint)
        process = self.start('send', '-c', endpoint, stdin=subprocess.PIPE)
        process.stdin.write(b'x\n')
        self.assertEqual(peer.recv(), b'x')
        before = cpu_time(process)
        peer.poll(500)
        self.assertLess(cpu_time(process) - before, 0.1)
        process.stdin.close()
        self.assertEnds(process)


def cpu_time(process):
    with open(f'/proc/{process.pid}/stat') as status:
        fields = status.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def unread(fd):
    """How many bytes are in a pipe."""
    number = array.array('i', [0])
    fcntl.ioctl(fd, termios.FIONREAD, number)
    return number[0]


if __name__ == '__main__':
    unittest.main(verbosity=2)
