# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certificates, whose files are exchanged with pyzmq and CZMQ, and the sockets that have them."""

import os
import subprocess
import tempfile
import unittest

import zmq
import zmq.auth

from support import Case, main
from gi.repository import Gio, GLib, Zmq

CZMQ = os.environ.get('TEST_CZMQ')
SHORT_WHILE = 300  # milliseconds


@unittest.skipUnless(zmq.has('curve'), 'this libzmq has no CURVE')
class Certificate(Case):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name):
        return Gio.File.new_for_path(self.path(name))

    def path(self, name):
        return os.path.join(self.folder, name)

    def czmq(self, command, name):
        """The keys and the name of a certificate that CZMQ saves or loads."""
        run = subprocess.run([CZMQ, command, self.path(name)], check=True, capture_output=True, text=True)
        return run.stdout.splitlines()

    def test_objects(self):
        certificate = Zmq.Certificate()
        public_key, secret_key = certificate.get_public_key(), certificate.dup_secret_key()
        self.assertEqual(zmq.curve_public(secret_key.encode()).decode(), public_key)
        self.assertNotEqual(Zmq.Certificate.new().get_public_key(), public_key)

        same = Zmq.Certificate.new_from_keys(public_key, secret_key, {'name': 'Ann', 'email': 'a@b'})
        self.assertEqual(same.get_metadata(), {'name': 'Ann', 'email': 'a@b'})
        public = Zmq.Certificate.new_from_keys(public_key)
        self.assertFalse(public.has_secret_key())
        self.assertIsNone(public.dup_secret_key())
        self.assertEqual(public.get_metadata(), {})

    def test_errors(self):
        self.assertRaises(Zmq.InvalidArgumentError, Zmq.Certificate.new_from_keys, 'no key')
        with self.assertRaises(GLib.Error) as caught:
            Zmq.Certificate.load(self.file('missing'))
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND))
        public = Zmq.Certificate.new_from_keys(Zmq.Certificate().get_public_key())
        self.assertRaises(Zmq.WrongStateError, public.save, self.file('a.key'))
        socket = Zmq.Socket(Zmq.SocketType.PULL, context=self.context)
        self.assertRaises(Zmq.InvalidArgumentError, socket.set_curve_server, public)
        self.assertRaises(Zmq.WrongStateError, socket.bind, 'tcp://127.0.0.1:*')

    def test_pyzmq_loads_ours(self):
        certificate = Zmq.Certificate.new_from_keys(*(key.decode() for key in zmq.curve_keypair()),
                                                    {'name': 'Ann', 'odd': ' # '})
        certificate.save(self.file('ours.key'))
        public_key = certificate.get_public_key().encode()
        secret_key = certificate.dup_secret_key().encode()
        self.assertEqual(zmq.auth.load_certificate(self.path('ours.key')), (public_key, None))
        self.assertEqual(zmq.auth.load_certificate(self.path('ours.key_secret')), (public_key, secret_key))
        self.assertEqual(zmq.auth.load_certificates(self.folder), {public_key: True})

    def test_ours_load_pyzmqs(self):
        metadata = {'name': 'Ann "the" 1', 'email': 'ann@example.org'}
        public_path, secret_path = zmq.auth.create_certificates(self.folder, 'theirs', metadata)
        public_key, secret_key = zmq.auth.load_certificate(secret_path)

        public = Zmq.Certificate.load(Gio.File.new_for_path(public_path))
        self.assertEqual(public.get_public_key().encode(), public_key)
        self.assertFalse(public.has_secret_key())
        secret = Zmq.Certificate.load(Gio.File.new_for_path(secret_path))
        self.assertEqual(secret.get_public_key().encode(), public_key)
        self.assertEqual(secret.dup_secret_key().encode(), secret_key)
        self.assertEqual(secret.get_metadata(), metadata)

    @unittest.skipUnless(CZMQ, 'there is no CZMQ')
    def test_czmq_loads_ours(self):
        for name in ('Ann', 'Ann # 1', ' "Ann" ', "Ann's", "'Ann"):
            pair = [key.decode() for key in zmq.curve_keypair()]
            Zmq.Certificate.new_from_keys(*pair, {'name': name}).save(self.file('ours.txt'))
            self.assertEqual(self.czmq('load', 'ours.txt'), [*pair, name])

    @unittest.skipUnless(CZMQ, 'there is no CZMQ')
    def test_ours_load_czmqs(self):
        public_key, secret_key, name = self.czmq('save', 'theirs.txt')
        public = Zmq.Certificate.load(self.file('theirs.txt'))
        self.assertEqual(public.get_public_key(), public_key)
        self.assertFalse(public.has_secret_key())
        secret = Zmq.Certificate.load(self.file('theirs.txt_secret'))
        self.assertEqual(secret.dup_secret_key(), secret_key)
        self.assertEqual(secret.get_metadata(), {'name': name})

    def test_talk(self):
        """A client of pyzmq, with files of ours, and a server of ours with files of pyzmq's."""
        _public_path, secret_path = zmq.auth.create_certificates(self.folder, 'server')
        server = Zmq.Certificate.load(Gio.File.new_for_path(secret_path))
        socket = Zmq.Socket(Zmq.SocketType.PULL, context=self.context, linger=0)
        socket.set_curve_server(server)
        socket.bind('tcp://127.0.0.1:*')

        Zmq.Certificate().save(self.file('client.key'))
        stranger = self.connect_peer(socket, 'client.key')
        stranger.send(b'for another')
        socket.receive_timeout = SHORT_WHILE
        self.assertRaises(Zmq.AgainError, socket.receive)
        socket.receive_timeout = -1
        client = self.connect_peer(socket, 'server.key')
        client.send(b'for the server')
        self.assertEqual(list(socket.receive()), [b'for the server'])
        socket.close()

    def connect_peer(self, socket, server_name):
        peer = self.peers.socket(zmq.PUSH)
        peer.linger = 0
        peer.curve_publickey, peer.curve_secretkey = zmq.auth.load_certificate(self.path('client.key_secret'))
        peer.curve_serverkey, _ = zmq.auth.load_certificate(self.path(server_name))
        peer.connect(socket.last_endpoint)
        return peer

    def test_talk_to_pyzmq(self):
        """The other way round."""
        Zmq.Certificate().save(self.file('server.key'))
        peer = self.peers.socket(zmq.PULL)
        peer.linger = 0
        peer.curve_server = True
        peer.curve_publickey, peer.curve_secretkey = zmq.auth.load_certificate(self.path('server.key_secret'))
        port = peer.bind_to_random_port('tcp://127.0.0.1')

        socket = Zmq.Socket(Zmq.SocketType.PUSH, context=self.context, linger=0)
        server = Zmq.Certificate.load(self.file('server.key'))
        socket.set_curve_client(Zmq.Certificate(), server.get_public_key())
        socket.connect(f'tcp://127.0.0.1:{port}')
        socket.send(b'for the server')
        self.assertEqual(peer.recv(), b'for the server')
        socket.close()


if __name__ == '__main__':
    main()
