# SPDX-License-Identifier: LGPL-2.1-or-later
"""“zmqglib keygen”, and CURVE and PLAIN by files, with peers of pyzmq and CZMQ."""

import os
import stat
import unittest

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

import support

CZMQ = os.environ.get('TEST_CZMQ')
TIME_UP = 3


class Secure(support.Case):
    def setUp(self):
        super().setUp()
        self.server, self.server_key = self.keygen('server')
        self.client, self.client_key = self.keygen('client')
        self.stranger, self.stranger_key = self.keygen('stranger')
        self.guests = self.folder / 'guests'
        self.guests.mkdir()
        (self.guests / 'client.key').write_bytes(self.client.read_bytes())

    def keygen(self, name, *args):
        path = self.folder / name
        return path, self.run_tool('keygen', path, *args).decode().strip()

    def secret(self, path):
        return zmq.auth.load_certificate(f'{path}_secret')

    def as_client(self, path=None, server=None):
        """The options of a peer of pyzmq that is a client."""
        public, secret = self.secret(path or self.client)
        return {'curve_publickey': public, 'curve_secretkey': secret, 'curve_serverkey': (server or self.server_key).encode()}

    def as_server(self):
        public, secret = self.secret(self.server)
        return {'curve_publickey': public, 'curve_secretkey': secret, 'curve_server': True}


class Keygen(Secure):
    def test_files(self):
        public, secret = zmq.auth.load_certificate(str(self.server))
        self.assertEqual(public.decode(), self.server_key)
        self.assertIsNone(secret)
        public, secret = self.secret(self.server)
        self.assertEqual(public.decode(), self.server_key)
        self.assertEqual(zmq.curve_public(secret), public)
        self.assertEqual(stat.S_IMODE(os.stat(f'{self.server}_secret').st_mode), 0o600)

    def test_metadata(self):
        path, _ = self.keygen('Ann', '-m', 'name=Ann =', '--metadata', 'email=ann@example.org')
        text = path.read_text()
        self.assertRegex(text, r'(?m)^    name = "?Ann ="?$')
        self.assertRegex(text, r'(?m)^    email = "?ann@example.org"?$')

    def test_replaces_nothing(self):
        before = self.server.read_bytes()
        self.assertEqual(self.run_tool('keygen', self.server, status=1), b'')
        self.assertIn('There is a file', self.complaint)
        self.server.unlink()
        self.run_tool('keygen', self.server, status=1)
        self.assertFalse(self.server.exists())
        self.assertNotEqual(self.keygen('server', '--force')[1], self.server_key)
        self.assertNotEqual(self.server.read_bytes(), before)

    def test_bad_metadata(self):
        self.run_tool('keygen', self.folder / 'new', '-m', 'a name=x', status=1)
        self.assertFalse((self.folder / 'new').exists())


class Curve(Secure):
    def test_send_to_pyzmq(self):
        authenticator = ThreadAuthenticator(self.peers)
        authenticator.start()
        self.addCleanup(authenticator.stop)
        authenticator.configure_curve(domain='global', location=str(self.guests))
        peer = self.peer(zmq.PULL, 'tcp://127.0.0.1:*', **self.as_server(), zap_domain=b'global')
        endpoint = peer.last_endpoint.decode()
        for server in (self.server, f'{self.server}_secret', self.server_key):
            self.run_tool('send', '-c', endpoint, '-C', self.client, '-K', server, 'sealed')
            self.assertEqual(peer.recv(), b'sealed')

        # a stranger, one without a name, and one without keys
        for args in (['-C', self.stranger, '-K', self.server], ['-K', self.server], []):
            self.run_tool('send', '-c', endpoint, '-T', '0.5', *args, 'x', status=TIME_UP)
        self.assertEqual(peer.poll(0), 0)

    def test_send_to_another_server(self):
        peer = self.peer(zmq.PULL, 'tcp://127.0.0.1:*', **self.as_server())
        self.run_tool('send', '-c', peer.last_endpoint.decode(), '-T', '0.5', '-C', self.client, '-K', self.stranger, 'x', status=TIME_UP)
        self.assertEqual(peer.poll(0), 0)

    def test_send_to_anybody(self):
        peer = self.peer(zmq.PULL, 'tcp://127.0.0.1:*', **self.as_server())
        self.run_tool('send', '-c', peer.last_endpoint.decode(), '-K', self.server, 'x')
        self.assertEqual(peer.recv(), b'x')

    def check_only_the_guest(self, *args):
        process, endpoint = self.bound('receive', '-C', self.server, '--curve-server', *args)
        strangers = [self.peer(zmq.PUSH, endpoint, binds=False, **options)
                     for options in (self.as_client(self.stranger), self.as_client(server=self.stranger_key), {})]
        for stranger in strangers:
            stranger.send(b'let me in')
        line = b''
        for _ in strangers:
            while not line.startswith(b'zmqglib receive: handshake-failed'):
                line = process.line(process.stderr)
            line = b''
        guest = self.peer(zmq.PUSH, endpoint, binds=False, **self.as_client())
        guest.send(b'sealed')
        self.assertEqual(process.line(), b'sealed')
        self.assertEnds(process, 0, support.SIGTERM)
        self.assertEqual(process.rest(), b'')

    def test_allow_a_directory(self):
        self.check_only_the_guest('--allow', self.guests)

    def test_allow_a_file(self):
        self.check_only_the_guest('--allow', self.client)
        self.check_only_the_guest('-a', f'{self.client}_secret')

    def test_allow_any(self):
        process, endpoint = self.bound('receive', '-C', self.server, '--curve-server', '--allow-any', '-n', 1)
        plain = self.peer(zmq.PUSH, endpoint, binds=False)
        plain.send(b'in clear')
        self.peer(zmq.PUSH, endpoint, binds=False, **self.as_client(self.stranger)).send(b'sealed')
        self.assertEqual(process.rest(), b'sealed\n')
        self.assertEnds(process)

    def test_commands_together(self):
        secure = ('-C', self.server, '--curve-server', '--allow', self.client)
        as_client = ('-C', self.client, '-K', self.server)
        server, endpoint = self.bound('reply', *secure, '--echo')
        self.assertEqual(self.run_tool('request', '-c', endpoint, *as_client, 'x'), b'x\n')
        self.assertEqual(self.run_tool('request', '-c', endpoint, '--exact', *as_client, 'x'), b'x\n')
        self.run_tool('request', '-c', endpoint, '-T', '0.3', '-r', 1, '-C', self.stranger, '-K', self.server, 'x', status=TIME_UP)
        self.run_tool('request', '-c', endpoint, '-T', '0.3', '-r', 1, 'x', status=TIME_UP)

    def test_user_of_a_request(self):
        self.keygen('Ann', '-m', 'name=Ann')
        server, endpoint = self.bound('reply', '-C', self.server, '--curve-server', '--allow', self.folder / 'Ann',
                                      '--allow', self.client, '-x', 'sh', '-c', 'echo $ZMQGLIB_USER_ID')
        for name, user in (('Ann', 'Ann'), ('client', self.client_key)):
            self.assertEqual(self.run_tool('request', '-c', endpoint, '-C', self.folder / name, '-K', self.server, 'x').decode(), user + '\n')

    def test_proxy_is_a_server_and_a_client(self):
        backend = self.peer(zmq.REP, 'tcp://127.0.0.1:*', **self.as_server())
        back = backend.last_endpoint.decode()
        process = self.start('proxy', '-v', '-C', self.server, '--curve-server', '--allow', self.client, '-K', self.server,
                             '--connect-backend', 'tcp://127.0.0.1:*', back)
        line = b''
        while b'Bound to ' not in line:
            line = process.line(process.stderr)
        client = self.peer(zmq.REQ, line.split()[-1].decode(), binds=False, **self.as_client())
        client.send(b'x')
        self.assertEqual(backend.recv(), b'x')

    def test_hint(self):
        server, endpoint = self.bound('receive', '-C', self.server, '--curve-server', '--allow', self.client)
        self.run_tool('send', '-c', endpoint, '-T', '1', '-C', self.stranger, '-K', self.server, 'x', status=TIME_UP)
        self.assertRegex(self.complaint, r'zmqglib send: handshake-failed-auth .*\nzmqglib send: The time is up\n')

    @unittest.skipUnless(CZMQ, 'no CZMQ')
    def test_send_to_czmq(self):
        peer = self.start('receive', f'{self.server}_secret', self.guests, command=(CZMQ,))
        self.run_tool('send', '-c', peer.line().decode(), '-C', self.client, '-K', self.server, 'to CZMQ')
        self.assertEqual(peer.line(), b'to CZMQ')

    @unittest.skipUnless(CZMQ, 'no CZMQ')
    def test_receive_from_czmq(self):
        process, endpoint = self.bound('receive', '-C', self.server, '--curve-server', '--allow', self.guests, '-n', 1)
        peer = self.start('send', f'{self.client}_secret', self.server_key, endpoint, command=(CZMQ,))
        self.assertEqual(process.rest(), b'from CZMQ\n')
        self.assertEnds(process)
        self.assertEnds(peer)

    @unittest.skipUnless(CZMQ, 'no CZMQ')
    def test_certificate_of_czmq(self):
        path = self.folder / 'czmq'
        self.start('save', path, command=(CZMQ,)).wait()
        peer = self.peer(zmq.PULL, 'tcp://127.0.0.1:*', **self.as_server())
        self.run_tool('send', '-c', peer.last_endpoint.decode(), '-C', path, '-K', self.server, 'x')
        self.assertEqual(peer.recv(), b'x')


class Plain(Secure):
    def test_users(self):
        passwords, right, wrong = (self.folder / name for name in ('passwords', 'right', 'wrong'))
        passwords.write_text('Ann:sesame:1\nBob:\n')
        right.write_text('sesame:1\n')
        wrong.write_text('sesame\n')
        process, endpoint = self.bound('receive', '--passwords', passwords)
        self.run_tool('send', '-c', endpoint, '-u', 'Ann', '--password-file', right, 'x')
        self.assertEqual(process.line(), b'x')
        for user, password in (('Ann', wrong), ('Bob', right), ('Eve', right)):
            self.run_tool('send', '-c', endpoint, '-T', '0.5', '-u', user, '--password-file', password, 'x', status=TIME_UP)
            self.assertNotIn('sesame', self.complaint)
        self.run_tool('send', '-c', endpoint, '-T', '0.5', 'x', status=TIME_UP)

    def test_pyzmq(self):
        passwords = self.folder / 'passwords'
        passwords.write_text('Ann:sesame')
        process, endpoint = self.bound('receive', '--passwords', passwords, '-n', 1)
        self.peer(zmq.PUSH, endpoint, binds=False, plain_username=b'Ann', plain_password=b'sesame').send(b'x')
        self.assertEqual(process.rest(), b'x\n')


class FailsClosed(Secure):
    def test_half_of_it(self):
        path = self.folder / 'file'
        path.write_text('x\n')
        for args in (
            ['-C', self.client], ['--curve-server'], ['--curve-server', '--allow-any'], ['--curve-server', '-C', self.server],
            ['--curve-server', '-C', self.server, '--allow-any', '--allow', self.guests], ['--allow', self.guests], ['--allow-any'],
            ['-C', self.client, '-K', self.server, '--allow', self.guests], ['-u', 'Ann'], ['--password-file', path],
            ['-K', self.server, '-u', 'Ann', '--password-file', path], ['--passwords', path, '-K', self.server],
            ['--curve-server', '-C', self.server, '--allow', self.guests, '--allow', self.folder],
        ):
            with self.subTest(args=args):
                self.run_tool('receive', '-b', self.endpoint(), '-T', '5', *args, status=2)

    def test_files_that_are_none(self):
        empty = self.folder / 'empty'
        empty.write_text('')
        lonely = self.folder / 'lonely'
        lonely.write_bytes(self.client.read_bytes())
        for args in (
            ['-C', self.folder / 'none', '-K', self.server], ['-C', empty, '-K', self.server], ['-C', lonely, '-K', self.server],
            ['-C', self.client, '-K', self.folder / 'none'], ['-C', self.client, '-K', empty], ['-C', self.client, '-K', 40 * ' '],
            ['-C', self.server, '--curve-server', '--allow', self.folder / 'none'],
            ['-C', self.server, '--curve-server', '--allow', self.client, '--allow', empty],
            ['--passwords', self.folder / 'none'], ['-u', 'Ann', '--password-file', self.folder / 'none'],
        ):
            with self.subTest(args=args):
                self.run_tool('receive', '-b', self.endpoint(), '-T', '5', *args, status=1)

    def test_by_option(self):
        secret = self.secret(self.client)[1].decode()
        for assignment in ('curve-secret-key=' + secret, 'curve_server=yes', 'plain-password=' + secret, 'plain-server=1', 'zap-domain=x',
                           'zap-enforce-domain=no'):
            self.run_tool('receive', '-b', self.endpoint(), '-T', '5', '-o', assignment, status=2)
            self.assertNotIn(secret, self.complaint)

    def test_no_secret_is_told(self):
        secret = self.secret(self.client)[1].decode()
        path = self.folder / 'broken'
        (self.folder / 'broken_secret').write_text((self.folder / 'client_secret').read_text().replace('secret-key = "', 'secret-key = "x'))
        path.write_bytes(self.client.read_bytes())
        self.run_tool('send', '-v', '-c', self.endpoint(), '-C', path, '-K', self.server, 'x', status=1)
        self.assertNotIn(secret[:10], self.complaint)
        self.run_tool('send', '-v', '-c', self.endpoint(), '-C', self.client, '-K', secret, '-T', '0.1', 'x', status=TIME_UP)
        self.assertNotIn(secret[:10], self.complaint)


if __name__ == '__main__':
    unittest.main(verbosity=2)
