# SPDX-License-Identifier: LGPL-2.1-or-later
"""The inspector's window: what it shows, sends, saves and sends again."""

import os
import shutil
import struct
import unittest

import zmq
from gi.repository import GLib
from support import Case, until


class Messages(Case):
    def subscribed(self):
        """An inspector that subscribes to everything of a peer."""
        publisher, endpoint = self.bound_peer(zmq.XPUB)
        inspector = self.start()
        inspector.make_socket('sub', connect=[endpoint], subscribe=[''])
        self.assertEqual(publisher.recv(), b'\x01')
        return inspector, publisher

    def test_shows(self):
        inspector, publisher = self.subscribed()
        publisher.send_multipart([b'weather.rome', b'{"degrees": [20, 21]}'])
        publisher.send(b'\x00\xff')
        inspector.until_is(received=2, shown=2, held=2, title='SUB', detail='')

        inspector.do('select-message', GLib.Variant('u', 0))
        inspector.change('show', GLib.Variant('s', 'json'))
        inspector.until(lambda status: '"degrees": [\n    20,' in status['detail'])
        inspector.change('show', GLib.Variant('s', 'text'))
        inspector.until(lambda status: '{"degrees": [20, 21]}' in status['detail'])
        inspector.do('select-message', GLib.Variant('u', 1))
        inspector.change('show', GLib.Variant('s', 'hex'))
        inspector.until(lambda status: status['detail'].startswith('00000000  00 ff '))
        inspector.change('show', GLib.Variant('s', 'frames'))
        inspector.until(lambda status: status['detail'].split() == ['1', '2', '0x00ff'])

    def test_filters(self):
        inspector, publisher = self.subscribed()
        for n in range(100):
            publisher.send(b'message %d' % n)
        inspector.until_is(shown=100)
        inspector.do('filter', GLib.Variant('s', '"message 7"'))
        inspector.until_is(shown=11)
        publisher.send(b'MESSAGE 77777')
        publisher.send(b'nothing')
        inspector.until_is(shown=12, received=102)
        # what is wrong leaves what there was
        inspector.do('filter', GLib.Variant('s', 'size>many'))
        publisher.send(b'message 7')
        inspector.until_is(shown=13, received=103)
        inspector.do('filter', GLib.Variant('s', ''))
        inspector.until_is(shown=103)
        inspector.do('clear')
        inspector.until_is(shown=0, held=0, received=103)

    def test_pauses(self):
        pusher, endpoint = self.bound_peer(zmq.PUSH)
        inspector = self.start()
        inspector.make_socket('pull', connect=[endpoint])
        inspector.until_is(endpoints=[(endpoint, 'Ready')])
        inspector.change('pause', GLib.Variant('b', True))
        for _ in range(10):
            pusher.send(b'later')
        n_frames = inspector.status['frames']
        # time to receive them, were it not for the pause
        inspector.change('page', GLib.Variant('s', 'rates'))
        inspector.until(lambda status: status['frames'] > n_frames)
        self.assertEqual(inspector.status['received'], 0)
        inspector.change('pause', GLib.Variant('b', False))
        inspector.until_is(received=10)

    def test_flood(self):
        """All is counted, what is held is bounded, and the window is drawn meanwhile."""
        pusher, endpoint = self.bound_peer(zmq.PUSH)
        inspector = self.start()
        inspector.make_socket('pull', connect=[endpoint])
        frames = inspector.status['frames']
        for n in range(150000):
            pusher.send(b'%d' % n)
        inspector.until_is(received=150000, held=100000, shown=100000)
        self.assertGreater(inspector.status['frames'], frames + 10)
        inspector.do('select-message', GLib.Variant('u', 99999))
        inspector.until_is(detail='149999\n')
        self.assertFalse(inspector.describe('follow')[1])


class Sending(Case):
    def test_sends(self):
        puller, endpoint = self.bound_peer(zmq.PULL)
        inspector = self.start()
        inspector.make_socket('push', connect=[endpoint])
        for kind, text, frames in (('lines', 'one\n\nthree', [b'one', b'', b'three']),
                                   ('text', 'one\ntwo', [b'one\ntwo']),
                                   ('json', '{"a":\n1}', [b'{"a":\n1}']),
                                   ('hex', '00 ff\n0a', [b'\x00\xff', b'\n'])):
            with self.subTest(kind):
                inspector.do('compose', GLib.Variant('(ss)', (kind, text)))
                inspector.do('send')
                self.assertEqual(puller.recv_multipart(), frames)
        inspector.until_is(sent=4, shown=4)

        inspector.do('select-message', GLib.Variant('u', 3))
        inspector.do('send-again')
        self.assertEqual(puller.recv_multipart(), [b'\x00\xff', b'\n'])
        inspector.do('edit-again')
        inspector.do('send')
        self.assertEqual(puller.recv_multipart(), [b'\x00\xff', b'\n'])

    def test_refuses(self):
        inspector = self.start()
        inspector.make_socket('push', bind=['tcp://127.0.0.1:*'])
        inspector.do('compose', GLib.Variant('(ss)', ('json', '{"a"')))
        inspector.do('send')
        inspector.until(lambda status: 'JSON' in status['complaint'])
        # what goes well takes the complaint away, and what nobody gets waits
        inspector.do('compose', GLib.Variant('(ss)', ('json', '{}')))
        inspector.do('send')
        inspector.until_is(complaint='', queued=1, sent=0)
        puller = self.peer(zmq.PULL)
        puller.connect(inspector.status['endpoints'][0][0])
        self.assertEqual(puller.recv(), b'{}')
        inspector.until_is(queued=0, sent=1)

    def test_answers(self):
        inspector = self.start()
        inspector.make_socket('rep', bind=['tcp://127.0.0.1:*'])
        asker = self.peer(zmq.REQ)
        asker.connect(inspector.status['endpoints'][0][0])
        asker.send(b'question')
        inspector.until_is(received=1)
        inspector.do('compose', GLib.Variant('(ss)', ('text', 'answer')))
        inspector.do('send')
        self.assertEqual(asker.recv(), b'answer')

    def test_cannot(self):
        inspector = self.start()
        self.assertFalse(inspector.describe('close-session')[0])
        inspector.make_socket('pull', bind=['tcp://127.0.0.1:*'])
        self.assertFalse(inspector.describe('send')[0])
        inspector.make_socket('push', bind=['tcp://127.0.0.1:*'])
        self.assertTrue(inspector.describe('send')[0])
        inspector.do('previous')
        self.assertFalse(inspector.describe('send')[0])
        inspector.do('close-session')
        inspector.until_is(sessions=1, title='PUSH')
        inspector.do('close-session')
        inspector.until_is(sessions=0, selected=-1)
        self.assertFalse(inspector.describe('send')[0])
        self.assertEqual(inspector.end(), 0)


class Recordings(Case):
    def recorded(self, *messages):
        """An inspector that has received these, and the file that it has saved."""
        path = self.folder / 'recording.zmqrec'
        pusher, endpoint = self.bound_peer(zmq.PUSH)
        inspector = self.start()
        inspector.make_socket('pull', connect=[endpoint])
        for message in messages:
            pusher.send_multipart(message)
        inspector.until_is(received=len(messages), shown=len(messages))
        inspector.do('save-file', GLib.Variant('s', str(path)))
        # it is there before it is written
        size = 12 + sum(20 + sum(4 + len(frame) for frame in message) for message in messages)
        until(lambda: path.exists() and path.stat().st_size >= size, 'the recording')
        self.assertEqual(path.stat().st_size, size)
        return inspector, path

    def test_saves(self):
        """What is in the file is what the man page says."""
        _, path = self.recorded([b'topic', b''], [b'\x00'])
        data = path.read_bytes()
        self.assertEqual(data[:12], b'\x89ZMQREC\n' + struct.pack('<I', 1))
        size, _, direction, n_frames = struct.unpack_from('<IqB3xI', data, 12)
        self.assertEqual((size, direction, n_frames), (29, 0, 2))
        self.assertEqual(data[32:45], struct.pack('<I5sI', 5, b'topic', 0))
        self.assertEqual(len(data), 12 + 4 + 29 + 4 + 21)

    def test_loads_and_replays(self):
        inspector, path = self.recorded([b'one'], [b'two', b'2'], [b'three'])
        inspector.do('open-file', GLib.Variant('s', str(path)))
        inspector.until_is(title='recording.zmqrec', shown=3, sessions=2)
        self.assertFalse(inspector.describe('pause')[0])
        # it is read from its beginning
        self.assertFalse(inspector.describe('follow')[1])

        puller, endpoint = self.bound_peer(zmq.PULL)
        inspector.make_socket('push', connect=[endpoint])
        inspector.do('select', GLib.Variant('i', 1))
        inspector.do('filter', GLib.Variant('s', 't'))
        inspector.until_is(shown=2)
        inspector.do('replay-to', GLib.Variant('(id)', (2, 1.0)))
        self.assertEqual(puller.recv_multipart(), [b'two', b'2'])
        self.assertEqual(puller.recv_multipart(), [b'three'])
        inspector.until_is(replaying=False)
        inspector.do('replay-to', GLib.Variant('(id)', (0, 1.0)))
        inspector.until(lambda status: 'can send' in status['complaint'])

    def test_damaged(self):
        inspector, path = self.recorded([b'one'], [b'two'])
        data = path.read_bytes()
        for name, content, complaint in (('cut', data[:-1], 'in the middle'),
                                         ('damaged', data[:24] + b'\xff' + data[25:], 'damaged at byte 16'),
                                         ('strange', b'something else', 'no recording'),
                                         ('empty', b'', 'no recording')):
            with self.subTest(name):
                other = self.folder / name
                other.write_bytes(content)
                inspector.do('open-file', GLib.Variant('s', str(other)))
                inspector.until(lambda status: complaint in status['complaint'])
        inspector.until_is(sessions=2)
        inspector.do('open-file', GLib.Variant('s', str(self.folder / 'missing')))
        inspector.until(lambda status: 'missing' in status['complaint'])

    def test_several(self):
        """What is wrong with one of several files is told, whatever comes after it."""
        inspector, path = self.recorded([b'one'], [b'two'])
        inspector.do('save-file', GLib.Variant('s', str(self.folder / 'missing' / 'recording')))
        inspector.until(lambda status: status['complaint'])
        inspector.do('save-file', GLib.Variant('s', str(path)))
        inspector.until_is(complaint='')
        self.assertEqual(inspector.end(), 0)

        (self.folder / 'strange').write_bytes(b'something else')
        (self.folder / 'truncated').write_bytes(path.read_bytes()[:-1])
        again = self.start(*(str(self.folder / name) for name in ('strange', 'absent', 'truncated', path.name)))
        again.until(lambda status: status['sessions'] == 2 and
                    all(name in status['complaint'] for name in ('strange', 'absent', 'truncated')))

    def test_names(self):
        """A name that is no text."""
        inspector, path = self.recorded([b'one'])
        other = os.fsencode(self.folder) + b'/\xff.zmqrec'
        shutil.copy(path, other)
        inspector.do('open-file', GLib.Variant('s', GLib.filename_to_uri(os.fsdecode(other))))
        inspector.until_is(sessions=2, title='\ufffd.zmqrec', shown=1)

    def test_end_while_saving(self):
        """What is saved is whole, though the window is closed before."""
        path = self.folder / 'recording.zmqrec'
        pusher, endpoint = self.bound_peer(zmq.PUSH)
        inspector = self.start()
        inspector.make_socket('pull', connect=[endpoint])
        for _ in range(64):
            pusher.send(bytes(1 << 20))
        inspector.until_is(received=64, shown=64)
        inspector.do('save-file', GLib.Variant('s', str(path)))
        self.assertEqual(inspector.end(), 0)
        self.assertEqual(path.stat().st_size, 12 + 64 * (24 + (1 << 20)))

    def test_opens(self):
        """A file that is given on the command line."""
        inspector, path = self.recorded([b'one'])
        self.assertEqual(inspector.end(), 0)
        again = self.start(str(path))
        again.until_is(title='recording.zmqrec', shown=1)


class Connections(Case):
    def test_endpoints(self):
        pusher, endpoint = self.bound_peer(zmq.PUSH)
        inspector = self.start()
        inspector.make_socket('pull')
        inspector.do('connect', GLib.Variant('s', endpoint))
        inspector.until_is(endpoints=[(endpoint, 'Ready')])
        inspector.do('bind', GLib.Variant('s', 'tcp://127.0.0.1:*'))
        inspector.until(lambda status: len(status['endpoints']) == 2)
        bound = inspector.status['endpoints'][1][0]
        other = self.peer(zmq.PUSH)
        other.connect(bound)
        inspector.until_is(endpoints=[(endpoint, 'Ready'), (bound, 'Listening, 1 peer')])
        other.close()
        inspector.until_is(endpoints=[(endpoint, 'Ready'), (bound, 'Listening, 0 peers')])
        inspector.do('leave', GLib.Variant('s', bound))
        inspector.until_is(endpoints=[(endpoint, 'Ready')])
        pusher.close()
        inspector.until_is(endpoints=[(endpoint, 'Nobody is there yet')])

        inspector.do('connect', GLib.Variant('s', 'nowhere'))
        inspector.until(lambda status: 'nowhere' in status['complaint'])
        inspector.make_socket('nonsense')
        inspector.until(lambda status: 'nonsense' in status['complaint'])

    def test_tries_are_one_event(self):
        inspector = self.start()
        inspector.make_socket('push', connect=['tcp://127.0.0.1:1'])
        inspector.until_is(endpoints=[('tcp://127.0.0.1:1', 'Nobody is there yet')])
        n = inspector.status['events']
        deadline = GLib.get_monotonic_time() + 1000000
        inspector.until(lambda status: GLib.get_monotonic_time() > deadline)
        self.assertEqual(inspector.status['events'], n)

    def test_subscriptions(self):
        publisher, endpoint = self.bound_peer(zmq.XPUB)
        inspector = self.start()
        inspector.make_socket('sub', connect=[endpoint], subscribe=['a'])
        self.assertEqual(publisher.recv(), b'\x01a')
        inspector.do('subscribe', GLib.Variant('s', 'b'))
        self.assertEqual(publisher.recv(), b'\x01b')
        inspector.do('unsubscribe', GLib.Variant('s', 'a'))
        self.assertEqual(publisher.recv(), b'\x00a')
        inspector.until_is(subscriptions=['b'])

    def test_proxy(self):
        replier, endpoint = self.bound_peer(zmq.REP)
        inspector = self.start()
        inspector.make_proxy(pattern='requests', frontend_bind='tcp://127.0.0.1:*', backend_connect=endpoint)
        inspector.until(lambda status: len(status.get('endpoints', [])) == 2)
        asker = self.peer(zmq.REQ)
        asker.connect(inspector.status['endpoints'][0][0])
        for n in range(1, 4):
            asker.send(b'question')
            self.assertEqual(replier.recv(), b'question')
            replier.send(b'answer')
            self.assertEqual(asker.recv(), b'answer')
            inspector.until_is(**{'to-backend': n, 'to-frontend': n, 'shown': 2 * n})
        inspector.change('pause', GLib.Variant('b', True))
        asker.send(b'question')
        self.assertFalse(replier.poll(200))
        inspector.change('pause', GLib.Variant('b', False))
        self.assertEqual(replier.recv(), b'question')

        inspector.make_proxy(pattern='requests', frontend_bind='tcp://127.0.0.1:*')
        inspector.until(lambda status: 'two sides' in status['complaint'])

    def test_curve(self):
        from zmq import auth
        for name in ('server', 'client', 'stranger'):
            auth.create_certificates(self.folder, name)
        public, secret = auth.load_certificate(self.folder / 'server.key_secret')
        pusher, endpoint = self.bound_peer(zmq.PUSH, curve_server=True, curve_publickey=public, curve_secretkey=secret)
        inspector = self.start()
        inspector.make_socket('pull', connect=[endpoint], certificate=str(self.folder / 'client.key_secret'),
                              server_certificate=str(self.folder / 'server.key'))
        inspector.until_is(endpoints=[(endpoint, 'Ready')])
        pusher.send(b'for your eyes only')
        inspector.until_is(received=1)
        # the file for others means the pair
        inspector.make_socket('pull', connect=[endpoint], certificate=str(self.folder / 'client.key'),
                              server_certificate=str(self.folder / 'server.key'))
        inspector.until_is(sessions=2, endpoints=[(endpoint, 'Ready')])
        # a key that is made for it will do; that of another server will not
        inspector.make_socket('pull', connect=[endpoint], server_certificate=str(self.folder / 'server.key'))
        inspector.until_is(endpoints=[(endpoint, 'Ready')])
        inspector.make_socket('pull', connect=[endpoint], server_certificate=str(self.folder / 'stranger.key'))
        inspector.until(lambda status: status['endpoints'][0][1] != 'Connecting')
        self.assertNotEqual(inspector.status['endpoints'][0][1], 'Ready')
        # a file may be named by a URI, which a name that is no text has to be
        other = os.fsencode(self.folder) + b'/\xff.key'
        shutil.copy(self.folder / 'server.key', other)
        inspector.make_socket('pull', connect=[endpoint], server_certificate=GLib.filename_to_uri(os.fsdecode(other)))
        inspector.until_is(sessions=5, endpoints=[(endpoint, 'Ready')])
        inspector.make_socket('pull', connect=[endpoint], server_certificate=str(self.folder / 'missing.key'))
        inspector.until(lambda status: 'missing.key' in status['complaint'] and status['sessions'] == 5)


if __name__ == '__main__':
    unittest.main(verbosity=2)
