# SPDX-License-Identifier: LGPL-2.1-or-later
"""Authenticators, with peers of pyzmq and CZMQ, and pyzmq's and CZMQ's own with ours."""

import os
import subprocess
import sys
import tempfile
import unittest

import zmq
import zmq.auth

from support import Case, main, wait_for
from gi.repository import Gio, GLib, Zmq

CZMQ = os.environ.get('TEST_CZMQ')

# A client in a process of its own: ENDPOINT NAME=VALUE…, the names of options of pyzmq.
CLIENT = '''
import sys, zmq
socket = zmq.Context().socket(zmq.PUSH)
socket.reconnect_ivl = 10
for option in sys.argv[2:]:
    name, _, value = option.partition('=')
    setattr(socket, name, value.encode())
socket.connect(sys.argv[1])
socket.send(b'from pyzmq')
sys.stdin.read()
socket.close(linger=0)
'''

# A server in a process of its own, with pyzmq's authenticator: SECRET-FILE DIRECTORY.
SERVER = '''
import sys, zmq, zmq.auth
from zmq.auth.thread import ThreadAuthenticator
context = zmq.Context()
authenticator = ThreadAuthenticator(context)
authenticator.start()
authenticator.configure_curve(domain='*', location=sys.argv[2])
socket = context.socket(zmq.PULL)
socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(sys.argv[1])
socket.curve_server = True
port = socket.bind_to_random_port('tcp://127.0.0.1')
print(f'tcp://127.0.0.1:{port}', flush=True)
frame = socket.recv(copy=False)
print(frame.bytes.decode(), frame.get('User-Id'), flush=True)
socket.close()
authenticator.stop()
'''


class Authenticator(Case):
    def setUp(self):
        super().setUp()
        self.authenticator = Zmq.Authenticator(self.context)
        self.addCleanup(self.authenticator.close)
        self.received = []

    def serve(self, **options):
        socket = Zmq.Socket(Zmq.SocketType.PULL, context=self.context, linger=0, **options)
        socket.bind('tcp://127.0.0.1:*')
        stream = Zmq.Stream(socket)
        self.addCleanup(stream.close)
        stream.connect('received', lambda _stream, message: self.received.append(message))
        return socket.last_endpoint

    def run_client(self, endpoint, **options):
        arguments = [f'{name}={value}' for name, value in options.items()]
        process = subprocess.Popen([sys.executable, '-c', CLIENT, endpoint, *arguments], stdin=subprocess.PIPE)
        self.addCleanup(process.communicate)
        return process

    def assert_in(self, user_id):
        wait_for(lambda: self.received)
        self.assertEqual(self.received.pop().get_user_id(), user_id)

    def assert_out(self, n_denied=1):
        wait_for(lambda: self.authenticator.props.n_denied >= n_denied)
        self.assertEqual(self.received, [])

    def test_plain(self):
        self.authenticator.add_password(None, 'anna', 'sesame')
        endpoint = self.serve(plain_server=True)
        self.run_client(endpoint, plain_username='anna', plain_password='guessed')
        self.assert_out()
        self.run_client(endpoint, plain_username='anna', plain_password='sesame')
        self.assert_in('anna')

    def test_null(self):
        self.authenticator.allow_address('127.0.0.0/8')
        socket = Zmq.Socket(Zmq.SocketType.PULL, context=self.context, linger=0)
        self.authenticator.protect(socket, 'here')
        self.assertEqual(socket.zap_domain, 'here')
        self.run_client(self.serve(zap_domain='here'))
        self.assert_in(None)
        socket.close()

    @unittest.skipUnless(zmq.has('curve'), 'this libzmq has no CURVE')
    def test_curve(self):
        server = Zmq.Certificate()
        public_key, secret_key = (key.decode() for key in zmq.curve_keypair())
        self.authenticator.allow_key(None, public_key, 'a friend')
        endpoint = self.serve(curve_server=True, curve_secret_key=server.dup_secret_key())
        keys = {'curve_serverkey': server.get_public_key()}
        strangers = [key.decode() for key in zmq.curve_keypair()]
        self.run_client(endpoint, **keys, curve_publickey=strangers[0], curve_secretkey=strangers[1])
        self.assert_out()
        self.run_client(endpoint, **keys, curve_publickey=public_key, curve_secretkey=secret_key)
        self.assert_in('a friend')

    def test_handler(self):
        def on_authenticate(_authenticator, request):
            self.assertEqual(request.props.address, '127.0.0.1')
            self.assertEqual(request.mechanism, Zmq.SecurityMechanism.PLAIN)
            GLib.timeout_add(50, lambda: request.accept(request.user.title(), {'X-Row': '1'}) and False)
            return True

        self.authenticator.connect('authenticate', on_authenticate)
        self.run_client(self.serve(plain_server=True), plain_username='anna', plain_password='x')
        wait_for(lambda: self.received)
        message = self.received.pop()
        self.assertEqual(message.get_user_id(), 'Anna')
        self.assertEqual(message.get_metadata('X-Row'), '1')

    def test_handler_raises(self):
        def on_authenticate(_authenticator, _request):
            raise ValueError('expected')

        self.authenticator.connect('authenticate', on_authenticate)
        self.run_client(self.serve(plain_server=True), plain_username='anna', plain_password='x')
        self.assert_out()
        self.assertTrue(self.raised and all('expected' in text for text in self.raised))
        self.raised.clear()

    def test_closed(self):
        self.authenticator.add_password(None, 'anna', 'sesame')
        endpoint = self.serve(plain_server=True)
        with Zmq.Monitor(Zmq.Socket(Zmq.SocketType.PUSH, context=self.context, linger=0)):
            self.authenticator.close()
        self.assertTrue(self.authenticator.is_closed())
        with self.assertRaises(Zmq.ClosedError):
            self.authenticator.protect(Zmq.Socket(Zmq.SocketType.PULL, context=self.context))
        self.run_client(endpoint, plain_username='anna', plain_password='sesame')

        # another one, and only then they are asked about again
        authenticator = Zmq.Authenticator.new(self.context)
        self.addCleanup(authenticator.close)
        authenticator.add_password(None, 'anna', 'sesame')
        self.assert_in('anna')

    def test_errors(self):
        with self.assertRaisesRegex(Zmq.AddressInUseError, 'one already'):
            Zmq.Authenticator(self.context)
        with self.assertRaisesRegex(Zmq.InvalidArgumentError, 'localhost'):
            self.authenticator.allow_address('localhost')
        with self.assertRaisesRegex(Zmq.InvalidArgumentError, '10.0.0.0/99'):
            self.authenticator.deny_address('10.0.0.0/99')
        self.assertRaises(Zmq.InvalidArgumentError, self.authenticator.allow_key, None, 'no key')
        self.assertRaises(Zmq.InvalidArgumentError, self.authenticator.deny_key, None, 'no key')
        with self.assertRaises(GLib.Error):
            self.authenticator.set_certificate_directory(None, Gio.File.new_for_path('/nonexistent'))


@unittest.skipUnless(zmq.has('curve'), 'this libzmq has no CURVE')
class Directories(Case):
    """Whole ways in: with the certificates that each has made, and each one's authenticator."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.known = os.path.join(self.folder, 'known')
        os.mkdir(self.known)
        self.server = Zmq.Certificate()
        self.server.save(self.file('server.key'))

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name):
        return Gio.File.new_for_path(self.path(name))

    def receive(self):
        """The endpoint of a server of ours that knows the directory, and where what it receives goes."""
        authenticator = Zmq.Authenticator(self.context)
        self.addCleanup(authenticator.close)
        authenticator.set_certificate_directory(None, self.file('known'))
        socket = Zmq.Socket(Zmq.SocketType.PULL, context=self.context, linger=0)
        socket.set_curve_server(self.server)
        socket.bind('tcp://127.0.0.1:*')
        stream = Zmq.Stream(socket)
        self.addCleanup(stream.close)
        received = []
        stream.connect('received', lambda _stream, message: received.append(message))
        return socket.last_endpoint, received

    def test_pyzmq_comes(self):
        public_path, secret_path = zmq.auth.create_certificates(self.folder, 'client')
        public_key, secret_key = zmq.auth.load_certificate(secret_path)
        endpoint, received = self.receive()
        peer = self.peers.socket(zmq.PUSH)
        peer.curve_publickey, peer.curve_secretkey = public_key, secret_key
        peer.curve_serverkey = self.server.get_public_key().encode()
        peer.reconnect_ivl = 10
        os.rename(public_path, os.path.join(self.known, 'client.key'))
        peer.connect(endpoint)
        peer.send(b'from pyzmq')
        wait_for(lambda: received)
        self.assertEqual(received[0].get_user_id(), public_key.decode())

    @unittest.skipUnless(CZMQ, 'there is no CZMQ')
    def test_czmq_comes(self):
        certificate = Zmq.Certificate()
        certificate.save(self.file('client'))
        certificate.save_public(Gio.File.new_for_path(os.path.join(self.known, 'client')))
        endpoint, received = self.receive()
        client = subprocess.Popen([CZMQ, 'send', self.path('client'), self.server.get_public_key(), endpoint])
        wait_for(lambda: received)
        self.assertEqual(list(received[0]), [b'from CZMQ'])
        self.assertEqual(received[0].get_user_id(), certificate.get_public_key())
        self.assertEqual(client.wait(), 0)

    def send_to(self, server):
        endpoint = server.stdout.readline().strip()
        certificate = Zmq.Certificate()
        certificate.save_public(Gio.File.new_for_path(os.path.join(self.known, 'ours.key')))
        socket = Zmq.Socket(Zmq.SocketType.PUSH, context=self.context, linger=1000, reconnect_interval=10)
        socket.set_curve_client(certificate, self.server.get_public_key())
        socket.connect(endpoint)
        socket.send('from zmqglib')
        output, _ = server.communicate()
        socket.close()
        return output.split(), certificate.get_public_key()

    def test_to_pyzmqs(self):
        # it reads its directory once
        certificate = Zmq.Certificate()
        certificate.save_public(Gio.File.new_for_path(os.path.join(self.known, 'ours.key')))
        server = subprocess.Popen([sys.executable, '-c', SERVER, self.path('server.key_secret'), self.known],
                                  stdout=subprocess.PIPE, text=True)
        endpoint = server.stdout.readline().strip()
        socket = Zmq.Socket(Zmq.SocketType.PUSH, context=self.context, linger=1000)
        socket.set_curve_client(certificate, self.server.get_public_key())
        socket.connect(endpoint)
        socket.send('from zmqglib')
        output, _ = server.communicate()
        self.assertEqual(output.split(), ['from', 'zmqglib', certificate.get_public_key()])
        socket.close()

    @unittest.skipUnless(CZMQ, 'there is no CZMQ')
    def test_to_czmqs(self):
        server = subprocess.Popen([CZMQ, 'receive', self.path('server.key_secret'), self.known],
                                  stdout=subprocess.PIPE, text=True)
        output, public_key = self.send_to(server)
        self.assertEqual(output, ['from', 'zmqglib', public_key])


if __name__ == '__main__':
    main()
