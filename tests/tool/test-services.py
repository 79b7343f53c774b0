# SPDX-License-Identifier: LGPL-2.1-or-later
"""“zmqglib request”, “reply”, “proxy” and “monitor” with peers of pyzmq and CZMQ."""

import os
import subprocess
import unittest

import zmq

import support


class Request(support.Case):
    def test_a_reply(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.REP, endpoint)
        process = self.start('request', '-c', endpoint, 'what', 'else')
        self.assertEqual(peer.recv_multipart(), [b'what', b'else'])
        peer.send_multipart([b'this', b'that'])
        self.assertEqual(process.rest(), b'this\tthat\n')
        self.assertEnds(process)

    def test_exactly_as_req(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.ROUTER, endpoint)
        process = self.start('request', '-c', endpoint, '--exact', 'x')
        client, *frames = peer.recv_multipart()
        self.assertEqual(frames, [b'', b'x'])
        peer.send_multipart([client, b'', b'y'])
        self.assertEqual(process.rest(), b'y\n')
        self.assertEnds(process)

    def test_lines(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.REP, endpoint)
        process = self.start('request', '-j', '-c', endpoint, stdin=subprocess.PIPE)
        for i in range(5):
            process.stdin.write(b'["%d"]\n' % i)
            self.assertEqual(peer.recv(), b'%d' % i)
            peer.send(b'\xff')
            self.assertEqual(process.line(), b'[{"base64": "/w=="}]')
        process.stdin.close()
        self.assertEnds(process)

    def test_tries(self):
        endpoint = self.endpoint()
        process = self.start('request', '-c', endpoint, '-T', '0.2', '-r', 0, 'x')
        peer = self.peer(zmq.ROUTER, endpoint)
        first, second = peer.recv_multipart(), peer.recv_multipart()
        self.assertEqual(first[-2:], second[-2:])
        peer.send_multipart([*second[:-1], b'at last'])
        self.assertEqual(process.rest(), b'at last\n')
        self.assertEnds(process)

    def test_failover(self):
        there = self.endpoint()
        peer = self.peer(zmq.REP, there)
        process = self.start('request', '-c', self.endpoint(), '-c', there, '-T', '0.2', 'x')
        self.assertEqual(peer.recv(), b'x')
        peer.send(b'y')
        self.assertEqual(process.rest(), b'y\n')
        self.assertEnds(process)

    def test_all(self):
        endpoints = [self.endpoint() for _ in range(2)]
        peers = [self.peer(zmq.REP, endpoint) for endpoint in endpoints]
        process = self.start('request', '-c', endpoints[0], '-c', endpoints[1], '--strategy', 'all', 'x')
        self.assertEqual([peer.recv() for peer in peers], 2 * [b'x'])
        peers[1].send(b'y')
        self.assertEqual(process.rest(), b'y\n')
        self.assertEnds(process)


class Reply(support.Case):
    def ask(self, endpoint, *frames):
        peer = self.peer(zmq.REQ, endpoint, binds=False)
        peer.send_multipart(frames)
        return peer.recv_multipart()

    def test_frames(self):
        endpoint = self.endpoint()
        process = self.start('reply', '-b', endpoint, '-n', 2, 'a', '', 'b')
        for _ in range(2):
            self.assertEqual(self.ask(endpoint, b'x'), [b'a', b'', b'b'])
        self.assertEnds(process)

    def test_echo(self):
        endpoint = self.endpoint()
        process = self.start('reply', '-b', endpoint, '-n', 1, '--echo')
        self.assertEqual(self.ask(endpoint, b'\xff', b'', b'x'), [b'\xff', b'', b'x'])
        self.assertEnds(process)

    def test_exec(self):
        endpoint = self.endpoint()
        self.start('reply', '-b', endpoint, '--exec', 'tr', 'a-z', 'A-Z')
        self.assertEqual(self.ask(endpoint, b'hello\n'), [b'HELLO'])
        self.assertEqual(self.ask(endpoint, b'a', b'b\n\n'), [b'AB\n'])
        self.assertEqual(self.ask(endpoint, b''), [b''])

    def test_exec_raw(self):
        endpoint = self.endpoint()
        self.start('reply', '-b', endpoint, '-F', 'raw', '-x', 'cat')
        for frame in (b'hello\n', b'\0\xff\n\n', b'x' * 1000000):
            self.assertEqual(self.ask(endpoint, frame), [frame])

    def test_exec_json(self):
        endpoint = self.endpoint()
        self.start('reply', '-b', endpoint, '-j', '-x', 'cat')
        self.assertEqual(self.ask(endpoint, b'a', b'\xff', b'b\n'), [b'a', b'\xff', b'b\n'])

    def test_exec_does_not_read(self):
        endpoint = self.endpoint()
        self.start('reply', '-b', endpoint, '-x', 'echo', 'busy')
        self.assertEqual(self.ask(endpoint, b'x' * 1000000), [b'busy'])

    def test_exec_fails(self):
        endpoint = self.endpoint()
        process = self.start('reply', '-b', endpoint, '-x', 'sh', '-c', 'read word; echo ${word:?}; exit $word')
        peer = self.peer(zmq.REQ, endpoint, binds=False)
        peer.send(b'7\n')
        self.assertIn(b'zmqglib reply: Child process exited with code 7', process.line(process.stderr))
        # nobody was answered, and the next is
        self.assertEqual(self.ask(endpoint, b'0\n'), [b'0'])
        self.assertEqual(peer.poll(0), 0)

    def test_exec_of_nothing(self):
        endpoint = self.endpoint()
        process = self.start('reply', '-b', endpoint, '-x', self.folder / 'none')
        self.peer(zmq.REQ, endpoint, binds=False).send(b'x')
        self.assertIn(b'zmqglib reply: Failed to execute child process', process.line(process.stderr))
        self.assertIsNone(process.poll())

    def test_exec_is_killed(self):
        endpoint = self.endpoint()
        process = self.start('reply', '-b', endpoint, '-x', 'sh', '-c', 'kill -9 $$')
        self.peer(zmq.REQ, endpoint, binds=False).send(b'x')
        self.assertIn(b'zmqglib reply: The program was ended by signal 9', process.line(process.stderr))

    def test_jobs(self):
        endpoint = self.endpoint()
        # each waits until the others are there as well
        self.start('reply', '-b', endpoint, '-J', 3, '-x', 'sh', '-c',
                   f'read name; >{self.folder}/$name; while [ ! -e {self.folder}/job-0 -o ! -e {self.folder}/job-1 -o ! -e {self.folder}/job-2 ]; do :; done')
        peers = [self.peer(zmq.REQ, endpoint, binds=False) for _ in range(3)]
        for i, peer in enumerate(peers):
            peer.send(b'job-%d\n' % i)
        self.assertEqual([peer.recv() for peer in peers], 3 * [b''])

    def test_end_with_a_job(self):
        endpoint = self.endpoint()
        fifo = self.folder / 'fifo'
        os.mkfifo(fifo)
        process = self.start('reply', '-b', endpoint, '-x', 'sh', '-c', f'exec cat >{fifo}; cat')
        self.peer(zmq.REQ, endpoint, binds=False).send(b'x')
        with open(fifo, 'rb') as reader:
            self.assertEqual(reader.read(), b'x')
        self.assertEnds(process, 0, support.SIGTERM)

    @unittest.skipUnless('TEST_REQUESTER_CZMQ' in os.environ, 'no CZMQ')
    def test_czmq(self):
        endpoint = self.endpoint()
        self.start('reply', '-b', endpoint, '-j', '-x', 'sed', r's/^\[/["to", /')
        requester = self.start(endpoint, 'Ann', 20, command=(os.environ['TEST_REQUESTER_CZMQ'],))
        self.assertEnds(requester)

    def test_request_and_reply(self):
        endpoint = self.endpoint()
        self.start('reply', '-b', endpoint, '-x', 'sed', 's/^/re: /')
        self.assertEqual(self.run_tool('request', '-T', '0', '-c', endpoint, given=b'abc\ndef\n'), b're: abc\nre: def\n')


class Proxy(support.Case):
    def test_requests(self):
        front, back = self.endpoint(), self.endpoint()
        process = self.start('proxy', '-v', front, back)
        client, server = self.peer(zmq.REQ, front, binds=False), self.peer(zmq.REP, back, binds=False)
        client.send(b'question')
        self.assertEqual(server.recv(), b'question')
        server.send(b'answer')
        self.assertEqual(client.recv(), b'answer')
        self.assertEnds(process, 0, support.SIGTERM)
        self.assertRegex(process.rest(process.stderr).decode(),
                         r'zmqglib proxy: Messages to the backend: 1 \(\d+ bytes\), to the frontend: 1 \(\d+ bytes\)\n')

    def test_pipeline(self):
        front, back = self.endpoint(), self.endpoint()
        target = self.peer(zmq.PULL, back)
        self.start('proxy', '-t', 'pull:push', '--connect-backend', front, back)
        self.peer(zmq.PUSH, front, binds=False).send(b'x')
        self.assertEqual(target.recv(), b'x')

    def test_publishing_and_capture(self):
        front, back, capture = self.endpoint(), self.endpoint(), self.endpoint()
        source = self.peer(zmq.XPUB, front)
        self.start('proxy', '-t', 'xsub:xpub', '--connect-frontend', '--capture', capture, front, back)
        copies = self.peer(zmq.SUB, capture, binds=False, subscribe=b'app')
        target = self.peer(zmq.SUB, back, binds=False, subscribe=b'a')
        self.assertEqual(source.recv(), b'\1a')
        # until the capture, too, knows its subscriber
        while copies.poll(50) == 0:
            source.send(b'apple')
        self.assertEqual([copies.recv(), target.recv()], 2 * [b'apple'])

    def test_sub(self):
        front, back = self.endpoint(), self.endpoint()
        source, target = self.peer(zmq.XPUB, front), self.peer(zmq.PULL, back)
        self.start('proxy', '-t', 'sub:push', '--connect-frontend', '--connect-backend', front, back)
        self.assertEqual(source.recv(), b'\1')
        source.send(b'x')
        self.assertEqual(target.recv(), b'x')


class Monitor(support.Case):
    def test_a_server(self):
        endpoint = self.endpoint()
        process = self.start('monitor', '-t', 'pull', '-b', endpoint)
        self.assertEqual(process.line().decode(), f'listening {endpoint}')
        peer = self.peer(zmq.PUSH, endpoint, binds=False)
        self.assertEqual(process.line().decode(), f'accepted {endpoint}')
        self.assertEqual(process.line().decode(), f'handshake-succeeded {endpoint}')
        peer.close()
        self.assertEqual(process.line().decode().split(':')[0], 'disconnected ipc')
        self.assertEnds(process, 0, support.SIGINT)
        self.assertEqual(process.rest(), b'')

    def test_count_of_a_kind(self):
        endpoint = self.endpoint()
        self.peer(zmq.PULL, endpoint)
        self.assertEqual(self.run_tool('monitor', '-t', 'push', '-c', endpoint, '-e', 'handshake-succeeded', '-e', 'connected', '-n', 2).decode(),
                         f'connected {endpoint}\nhandshake-succeeded {endpoint}\n')

    def test_refused(self):
        self.assertEqual(self.run_tool('monitor', '-c', 'tcp://127.0.0.1:1', '-e', 'connect-retried', '-n', 1).split()[0], b'connect-retried')


if __name__ == '__main__':
    unittest.main(verbosity=2)
