# SPDX-License-Identifier: LGPL-2.1-or-later
"""“zmqglib send” and “zmqglib receive” with peers of pyzmq: what becomes of frames."""

import base64
import json
import random
import subprocess
import time
import unittest

import zmq

import support
from support import as_json

AWKWARD = [
    b'', b'\0', b'\0\0x', b'"', b'\\', b'\\u0041', b'\n', b'\r\n', b'\t', b'\x7f', b'\x1b[31m', b'/',
    b'\xff', b'\xc3', b'\xc3(', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'a\0\xff', bytes(range(256)),
    'ä“”'.encode(), '\u2028\u2029\x85'.encode(), '😀'.encode(), b'x' * 100000,
]


def is_text(frame):
    try:
        return frame.decode() is not None
    except UnicodeDecodeError:
        return False


class Send(support.Case):
    def receive(self, *args, given=None, socket_type=zmq.PULL, n=1):
        """What a peer gets of a command."""
        endpoint = self.endpoint()
        peer = self.peer(socket_type, endpoint, rcvhwm=0)
        self.run_tool('send', '-c', endpoint, *args, given=given)
        messages = [peer.recv_multipart() for _ in range(n)]
        peer.rcvtimeo = 0
        with self.assertRaises(zmq.Again):
            peer.recv()
        return messages

    def test_arguments(self):
        self.assertEqual(self.receive('one', '', b'\xff\xfe'.decode(errors='surrogateescape'), 'ä'),
                         [[b'one', b'', b'\xff\xfe', 'ä'.encode()]])

    def test_arguments_like_options(self):
        self.assertEqual(self.receive('--', '-n', '--help'), [[b'-n', b'--help']])

    def test_count(self):
        self.assertEqual(self.receive('x', 'y', '-n', 3, n=3), 3 * [[b'x', b'y']])

    def test_files_stand_where_they_are_given(self):
        path = self.folder / 'frame'
        path.write_bytes(b'\0all\nof it\n')
        self.assertEqual(self.receive('a', '-f', path, 'b', '--file', path),
                         [[b'a', b'\0all\nof it\n', b'b', b'\0all\nof it\n']])

    def test_lines(self):
        self.assertEqual(self.receive(given=b'one\n\n two\t\r\nlast', n=4), [[b'one'], [b''], [b' two\t\r'], [b'last']])

    def test_no_lines(self):
        self.assertEqual(self.receive(given=b'', n=0), [])

    def test_many_lines(self):
        lines = [b'%d' % i * (i % 50) for i in range(20000)]
        self.assertEqual(self.receive(given=b''.join(line + b'\n' for line in lines), n=len(lines)), [[line] for line in lines])

    def test_a_long_line(self):
        self.assertEqual(self.receive(given=b'x' * 3000000 + b'\ny\n', n=2), [[b'x' * 3000000], [b'y']])

    def test_lines_up_to_a_count(self):
        self.assertEqual(self.receive('-n', 2, given=b'1\n2\n3\n', n=2), [[b'1'], [b'2']])

    def test_lines_with_a_delimiter(self):
        self.assertEqual(self.receive('-d', r'\t', given=b'a\tb\t\n\t\n', n=2), [[b'a', b'b', b''], [b'', b'']])
        self.assertEqual(self.receive('-d', ', ', given=b'a, b,c\n'), [[b'a', b'b,c']])

    def test_delimiters_with_escapes(self):
        for text, character in ((r'\x1f', b'\x1f'), (r'\x1F.', b'\x1f.'), (r'\37', b'\x1f'), (r'\0071', b'\x071'), (r'\a', b'\a'), (r'\\', b'\\'),
                                (r'\xff', b'\xff'), (r'\"', b'"')):
            with self.subTest(text=text):
                self.assertEqual(self.receive('-d', text, given=b'a' + character + b'b\n'), [[b'a', b'b']])

    def test_hex(self):
        self.assertEqual(self.receive('-F', 'hex', given=b'00ff\tAb\n\t\n', n=2), [[b'\0\xff', b'\xab'], [b'', b'']])

    def test_raw(self):
        self.assertEqual(self.receive('-F', 'raw', given=b'\0a\nb\n'), [[b'\0a\nb\n']])
        self.assertEqual(self.receive('--format=raw', given=b''), [[b'']])

    def test_json(self):
        self.assertEqual(
            self.receive('-j', given=rb'["a", "\u00e4\ud83d\ude00\u0000\/\b\f\n\r\t\"\\", {"base64": "/wA="}, {"hex":"00fF"}, {"base64": ""}]'
                         + b'\n [ "b" ] \r\n["c"]', n=3),
            [[b'a', 'ä😀\0/\b\f\n\r\t"\\'.encode(), b'\xff\0', b'\0\xff', b''], [b'b'], [b'c']])

    def test_lines_are_sent_as_they_come(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint)
        process = self.start('send', '-c', endpoint, stdin=subprocess.PIPE)
        for i in range(10):
            process.stdin.write(b'%d\n' % i)
            self.assertEqual(peer.recv(), b'%d' % i)
        process.stdin.close()
        self.assertEnds(process)

    def test_interval(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint)
        started = time.monotonic()
        self.run_tool('send', '-c', endpoint, '-n', 4, '-i', '0.1', 'x')
        self.assertGreaterEqual(time.monotonic() - started, 0.29)
        self.assertEqual([peer.recv() for _ in range(4)], 4 * [b'x'])

    def test_waits_for_a_peer(self):
        endpoint = self.endpoint()
        process = self.start('send', '-c', endpoint, 'patient')
        self.assertEqual(self.peer(zmq.PULL, endpoint).recv(), b'patient')
        self.assertEnds(process)

    def test_waits_for_peers(self):
        endpoint = self.endpoint()
        process = self.start('send', '-b', endpoint, '-w', 3, '-n', 3, 'fair')
        peers = [self.peer(zmq.PULL, endpoint, binds=False) for _ in range(3)]
        self.assertEqual([peer.recv() for peer in peers], 3 * [b'fair'])
        self.assertEnds(process)

    def test_waits_for_subscribers(self):
        for socket_type in ('pub', 'xpub'):
            endpoint = self.endpoint()
            process = self.start('send', '-t', socket_type, '-b', endpoint, '-w', 2, 'news')
            peers = [self.peer(zmq.SUB, endpoint, binds=False, subscribe=b'') for _ in range(2)]
            self.assertEqual([peer.recv() for peer in peers], 2 * [b'news'])
            self.assertEnds(process)

    def test_publishes_to_nobody(self):
        self.run_tool('send', '-t', 'pub', '-b', self.endpoint(), '-w', 0, 'x')

    def test_router(self):
        endpoint = self.endpoint()
        process = self.start('send', '-t', 'router', '-b', endpoint, 'Ann', 'hello')
        peer = self.peer(zmq.DEALER, endpoint, binds=False, routing_id=b'Ann')
        self.assertEqual(peer.recv_multipart(), [b'hello'])
        self.assertEnds(process)

    def test_router_without_a_way(self):
        endpoint = self.endpoint()
        process = self.start('send', '-t', 'router', '-b', endpoint, 'Bob', 'hello')
        self.peer(zmq.DEALER, endpoint, binds=False, routing_id=b'Ann')
        self.assertEnds(process, 1)

    def test_dealer_and_pair(self):
        self.assertEqual(self.receive('-t', 'dealer', 'a', 'b', socket_type=zmq.DEALER), [[b'a', b'b']])
        self.assertEqual(self.receive('-t', 'pair', 'a', 'b', socket_type=zmq.PAIR), [[b'a', b'b']])

    def test_options(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.ROUTER, endpoint)
        self.run_tool('send', '-t', 'dealer', '-c', endpoint, '-o', 'routing-id=me', '-o', 'linger=10000',
                      '-o', 'probe_router=no', '-o', 'max-frames=7', 'x')
        self.assertEqual(peer.recv_multipart(), [b'me', b'x'])

    def test_options_of_64_bits(self):
        process, endpoint = self.bound('receive', '-t', 'pull', '-o', 'max-message-size=100', '-o', 'affinity=1', '-n', '1')
        peers = [self.peer(zmq.PUSH, endpoint, binds=False) for _ in range(2)]
        monitor = peers[0].get_monitor_socket(zmq.EVENT_DISCONNECTED)
        monitor.rcvtimeo = 1000 * support.PATIENCE
        # who sends what is too long is cut off, and others are not
        peers[0].send(100 * b'too long')
        monitor.recv_multipart()
        peers[0].disable_monitor()
        peers[1].send(b'short')
        self.assertEqual(process.line(), b'short')
        self.assertEnds(process)

    def test_several_endpoints(self):
        endpoints = [self.endpoint() for _ in range(2)]
        peers = [self.peer(zmq.PULL, endpoint) for endpoint in endpoints]
        self.run_tool('send', '-c', endpoints[0], '-c', endpoints[1], '-w', 2, '-n', 2, 'x')
        self.assertEqual([peer.recv() for peer in peers], 2 * [b'x'])

    def test_tells_the_endpoint(self):
        process = self.start('send', '-v', '-b', 'tcp://127.0.0.1:*', 'x')
        line = process.line(process.stderr)
        while b'Bound to ' not in line:
            line = process.line(process.stderr)
        peer = self.peer(zmq.PULL, line.split()[-1].decode(), binds=False)
        self.assertEqual(peer.recv(), b'x')
        self.assertEnds(process)

    def test_bad_json(self):
        for line in (b'', b'[]', b'[', b'"x"', b'x', b'[1]', b'[null]', b'[[]]', b'["a"', b'["a" "b"]', b'["a",]', b'[,"a"]', b'["a"] x',
                     b'["a"],', b'["\xff"]', b'["\t"]', b'["a\0"]', b'["a"]\0', b'\0', rb'["\x"]', rb'["\u12"]', rb'["\ud800"]',
                     rb'["\udc00"]', rb'["\ud800\u0041"]', rb'["\ud800\ud800"]', rb'["\u+123"]', b'["\\', b'["a', b'{"hex": "00"}',
                     b'[{}]', b'[{"hex": "0"}]', b'[{"hex": "0g"}]', b'[{"hex": 0}]', b'[{"base64": "/w="}]', b'[{"base64": "?"}]',
                     b'[{"base64": "/w==x"}]', b'[{"base64": "/x=="}]', b'[{"base64": "/w\\u0000=="}]', b'[{"text": "x"}]',
                     b'[{"hex\\u0000": "00"}]', b'[{"base64\\u0000x": "/w=="}]',
                     b'[{"hex": "00", "hex": "00"}]', b'[{"hex": "00"]', b'\xef\xbb\xbf["a"]', b'[' * 100000):
            with self.subTest(line=line[:20]):
                endpoint = self.endpoint()
                peer = self.peer(zmq.PULL, endpoint)
                self.run_tool('send', '-j', '-c', endpoint, status=1, given=b'["before"]\n' + line + b'\n["after"]\n')
                self.assertIn('zmqglib send: Line 2: ', self.complaint)

    def test_bad_hex(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint)
        for line in (b'0', b'0g', b'00 11', b' 00', b'0x00'):
            self.run_tool('send', '-F', 'hex', '-c', endpoint, status=1, given=line + b'\n')
            self.assertIn('Line 1: ', self.complaint)
        peer.close()

    def test_garbage_is_no_crash(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint)
        rng = random.Random(1)
        words = [b'[', b']', b'"', b'\\', b'u', b'd8', b'00', b'{', b'}', b':', b',', b'base64', b'hex', b' ', b'\xff', b'\0', b'a']
        for _ in range(100):
            line = b''.join(rng.choice(words) for _ in range(rng.randrange(12)))
            result = subprocess.run([support.TOOL, 'send', '-j', '-c', endpoint], input=line, capture_output=True, timeout=support.PATIENCE)
            self.assertIn(result.returncode, (0, 1), line)
        peer.close()


class Receive(support.Case):
    def printed(self, messages, *args, n=None):
        """What a command prints of a peer's messages."""
        endpoint = self.endpoint()
        process = self.start('receive', '-b', endpoint, '-n', n or len(messages), *args)
        peer = self.peer(zmq.PUSH, endpoint, binds=False, sndhwm=0)
        for message in messages:
            peer.send_multipart(message)
        output = process.rest()
        self.assertEnds(process)
        return output

    def test_text(self):
        self.assertEqual(self.printed([[b'a', b'', b'b c'], [b'']]), b'a\t\tb c\n\n')

    def test_text_is_one_line_each(self):
        messages = [[frame] for frame in AWKWARD]
        lines = self.printed(messages).decode().split('\n')
        self.assertEqual(len(lines), len(messages) + 1)
        for line in lines:
            self.assertTrue(line.isprintable(), line)
        self.assertEqual(lines[:3], ['', r'\x00', r'\x00\x00x'])
        self.assertIn(r'\r\n', lines)
        self.assertIn('ä“”', lines)
        self.assertIn(r'\xc3(', lines)
        self.assertIn(r'\u2028\u2029\x85', lines)

    def test_delimiter(self):
        self.assertEqual(self.printed([[b'a', b'b']], '-d', ' | '), b'a | b\n')

    def test_hex(self):
        self.assertEqual(self.printed([[b'\0\xff', b'', b'a']], '-F', 'hex'), b'00ff\t\t61\n')

    def test_raw(self):
        self.assertEqual(self.printed([[b'\0\xff', b'a\n'], [b'b']], '-F', 'raw'), b'\0\xffa\nb')

    def test_json_is_json(self):
        messages = [[frame, b'x'] for frame in AWKWARD]
        for message, line in zip(messages, self.printed(messages, '-j').splitlines()):
            frames = [frame.encode() if isinstance(frame, str) else base64.b64decode(frame['base64']) for frame in json.loads(line)]
            self.assertEqual(frames, message)
            # text is text, whatever characters it has
            self.assertEqual(isinstance(json.loads(line)[0], str), is_text(message[0]))

    def test_each_at_once(self):
        endpoint = self.endpoint()
        process = self.start('receive', '-b', endpoint)
        peer = self.peer(zmq.PUSH, endpoint, binds=False)
        for i in range(10):
            peer.send(b'%d' % i)
            self.assertEqual(process.line(), b'%d' % i)

    def test_many(self):
        messages = [[b'%d' % i] for i in range(20000)]
        self.assertEqual(self.printed(messages), b''.join(message[0] + b'\n' for message in messages))

    def test_subscribe(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.XPUB, endpoint)
        process = self.start('receive', '-c', endpoint, '-s', 'a', '-s', 'b', '-n', 2)
        self.assertEqual(sorted([peer.recv(), peer.recv()]), [b'\1a', b'\1b'])
        for text in (b'cold', b'apple', b'dog', b'bee'):
            peer.send(text)
        self.assertEqual(process.rest(), b'apple\nbee\n')
        self.assertEnds(process)

    def test_subscribe_to_all(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.XPUB, endpoint)
        process = self.start('receive', '-t', 'sub', '-c', endpoint, '-n', 1)
        self.assertEqual(peer.recv(), b'\1')
        peer.send(b'anything')
        self.assertEqual(process.rest(), b'anything\n')
        self.assertEnds(process)

    def test_router(self):
        endpoint = self.endpoint()
        process = self.start('receive', '-t', 'router', '-b', endpoint, '-n', 1)
        self.peer(zmq.DEALER, endpoint, binds=False, routing_id=b'Ann').send(b'hello')
        self.assertEqual(process.rest(), b'Ann\thello\n')
        self.assertEnds(process)

    def test_xpub(self):
        endpoint = self.endpoint()
        process = self.start('receive', '-t', 'xpub', '-b', endpoint, '-n', 1, '-F', 'hex')
        self.peer(zmq.SUB, endpoint, binds=False, subscribe=b'a')
        self.assertEqual(process.rest(), b'0161\n')
        self.assertEnds(process)


class RoundTrip(support.Case):
    def test_random_frames(self):
        rng = random.Random(7)
        messages = [[frame] for frame in AWKWARD]
        for _ in range(500):
            messages.append([rng.choice(AWKWARD[:-1]) + rng.randbytes(rng.randrange(4)) for _ in range(rng.randrange(1, 6))])

        # pyzmq → receive → a pipe → send → pyzmq
        first, second = self.endpoint(), self.endpoint()
        source, target = self.peer(zmq.PUSH, first, sndhwm=0), self.peer(zmq.PULL, second, rcvhwm=0)
        receive = self.start('receive', '-j', '-c', first, '-n', len(messages))
        send = self.start('send', '--json', '-c', second, stdin=receive.stdout)
        for message in messages:
            source.send_multipart(message)
        for message in messages:
            self.assertEqual(target.recv_multipart(), message)
        self.assertEnds(receive)
        self.assertEnds(send)

    def test_between_commands(self):
        # not by ipc, where libzmq loses what is on its way when one side goes and the other is slow
        lines = b''.join(b'%d\n' % i for i in range(50000))
        receive, endpoint = self.bound('receive', '-n', 50000)
        self.run_tool('send', '-c', endpoint, given=lines)
        self.assertEqual(receive.rest(), lines)
        self.assertEnds(receive)

    def test_json_of_python(self):
        endpoint = self.endpoint()
        peer = self.peer(zmq.PULL, endpoint)
        texts = ['', '\0', '\u2028', '😀', 'ä"\\/', ''.join(map(chr, range(300)))]
        self.run_tool('send', '-j', '-c', endpoint, given=as_json(*texts))
        self.assertEqual([frame.decode() for frame in peer.recv_multipart()], texts)


if __name__ == '__main__':
    unittest.main(verbosity=2)
