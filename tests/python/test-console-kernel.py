#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels of the example “console”: a real one, of IPython, is a process that none of us wrote."""

import base64
import errno
import importlib.util
import os
import pathlib
import signal
import sys
import tempfile
import unittest
from unittest import mock

import support
import zmq
from support import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'examples' / 'console'))
from kernel import contents, heartbeat, spec, wire  # noqa: E402
from kernel.channels import Channels  # noqa: E402
from kernel.connection import Connection  # noqa: E402
from kernel.kernel import Kernel  # noqa: E402

HAS_KERNEL = importlib.util.find_spec('ipykernel') is not None
HAS_MATPLOTLIB = importlib.util.find_spec('matplotlib') is not None
PNG = b'\x89PNG\r\n\x1a\n'


class WireTest(unittest.TestCase):
    def setUp(self):
        self.session = wire.Session('a key')

    def test_packed(self):
        message = self.session.make('execute_request', {'code': 'π = "\ud800"'})
        frames = self.session.pack(message)
        self.assertEqual(self.session.unpack([b'routing id', b'topic', *frames, b'a', b'b']),
                         wire.Message(message.header, {}, {}, message.content, [b'a', b'b']))
        self.assertEqual((message.kind, message.parent_id), ('execute_request', ''))
        self.assertEqual(self.session.make('input_reply', {}, message).parent_id, message.id)

    def test_signature(self):
        # HMAC-SHA256 with the key “a key” of “{}{}{}{}”, by openssl dgst
        signature = b'e2c27855d41353957c8555d30463a97e6a6ea497e6ebb3f7824503c3b64f2c0b'
        self.assertEqual(self.session.unpack([wire.DELIMITER, signature, *4 * [b'{}']]).content, {})

    def assertBad(self, why, frames):
        with self.assertRaisesRegex(wire.BadMessage, why):
            self.session.unpack(frames)

    def test_changed(self):
        frames = self.session.pack(self.session.make('status', {'execution_state': 'idle'}))
        for index in range(1, len(frames)):
            changed = bytearray(frames[index])
            changed[-2] ^= 1
            self.assertBad('signature', [*frames[:index], bytes(changed), *frames[index + 1:]])
        self.assertBad('signature', wire.Session('another key').pack(self.session.make('status', {})))
        self.assertBad('signature', wire.Session('').pack(self.session.make('status', {})))

    def test_malformed(self):
        self.assertBad('delimiter', [])
        self.assertBad('delimiter', [b'{}', b'{}'])
        self.assertBad('signature', [wire.DELIMITER])
        self.assertBad('signature', [wire.DELIMITER, b'', *4 * [b'{}']])
        for parts in ([], [b'{}'], 3 * [b'{}'], 4 * [b'[]'], [*3 * [b'{}'], b'1']):
            self.assertBad('four dictionaries', [wire.DELIMITER, self.session._sign(parts), *parts])
        for part in (b'', b'{', b'\xff', b'[' * 100_000):
            parts = [*3 * [b'{}'], part]
            self.assertBad('JSON', [wire.DELIMITER, self.session._sign(parts), *parts])
        for parts in ([b'{"msg_type": [1]}', *3 * [b'{}']], [b'{}', b'{"msg_id": [1]}', *2 * [b'{}']]):
            self.assertBad('does not say', [wire.DELIMITER, self.session._sign(parts), *parts])


class ContentsTest(unittest.TestCase):
    @staticmethod
    def complete(kind, content):
        message = wire.Message({'msg_type': kind}, {}, {}, content)
        contents.complete(message)
        return message.content

    def test_completed(self):
        for content in ({}, {'ename': None, 'evalue': 1, 'traceback': 'x'}):
            self.assertEqual(self.complete('error', content), {'ename': '', 'evalue': '', 'traceback': []})
        self.assertEqual(self.complete('display_data', {'data': {'a': 1}, 'metadata': {'b': 2}}),
                         {'data': {'a': 1}, 'metadata': {'b': 2}, 'transient': {}})
        self.assertEqual(self.complete('nobody knows it', {'a': 1}), {'a': 1})
        # each has its own
        self.complete('error', {})['traceback'].append('x')
        self.assertEqual(self.complete('error', {})['traceback'], [])

    def test_refused(self):
        for kind, content in (('stream', {'name': 'stdout'}), ('stream', {'text': 1}), ('execute_input', {}),
                              ('execute_result', {'data': {}}), ('execute_result', {'data': None, 'execution_count': 1})):
            with self.assertRaisesRegex(wire.BadMessage, kind):
                self.complete(kind, content)


class SpecTest(unittest.TestCase):
    def test_found(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {'good': '{"argv": ["python3", "-f", "{connection_file}"], "env": {"A": 1}}', 'bad': '[',
                               'odd': '[]', 'empty': '{"argv": []}', 'words': '{"argv": "python3 -f"}',
                               'list': '{"argv": ["x"], "env": []}'}.items():
                path = pathlib.Path(folder) / 'kernels' / name
                path.mkdir(parents=True)
                (path / 'kernel.json').write_text(text)
            os.environ['JUPYTER_PATH'] = folder
            self.addCleanup(os.environ.pop, 'JUPYTER_PATH')
            found = spec.find_all()
        self.assertIn('python3', found)
        for name in ('bad', 'odd', 'empty', 'words', 'list'):
            self.assertNotIn(name, found)
        self.assertEqual(found['good'].environment, {'A': '1'})
        self.assertEqual(found['good'].get_command('/file'), [sys.executable, '-f', '/file'])
        self.assertFalse(found['good'].is_interrupted_by_message)


class ChannelsTest(support.Case):
    """The sockets, in front of those of pyzmq."""

    def setUp(self):
        super().setUp()
        self.connection = Connection()
        self.addCleanup(self.connection.remove)
        self.session = wire.Session(self.connection.key)
        self.channels = Channels(self.connection, self.session)
        self.addCleanup(self.channels.close)
        self.told = []
        for name in ('connected', 'received', 'rejected', 'finished'):
            self.channels.connect(name, lambda _channels, *args, name=name: self.told.append((name, *args)))

    def bind(self, channel, socket_type=zmq.ROUTER):
        socket = self.peers.socket(socket_type)
        socket.rcvtimeo = 1000 * support.PATIENCE
        socket.bind(self.connection.get_endpoint(channel))
        return socket

    def test_connected(self):
        """It is told when all are, since a question to one that is not would be lost."""
        shell, _control, _iopub = self.bind('shell'), self.bind('control'), self.bind('iopub', zmq.XPUB)
        wait_for(lambda: self.channels.awaited == {'stdin'})
        self.assertEqual(self.told, [])
        stdin = self.bind('stdin')
        wait_for(lambda: self.told)
        self.assertEqual(self.told.pop(), ('connected',))

        request_id = self.channels.send('shell', 'execute_request', {'code': '1'})
        routing_id, *frames = shell.recv_multipart()
        request = wire.Session(self.connection.key).unpack(frames)
        self.assertEqual((request.id, request.content), (request_id, {'code': '1'}))

        # the same who has asked is asked back; and one with another key is nobody
        stdin.send_multipart([routing_id, *wire.Session('other').pack(self.session.make('input_request', {}))])
        question = self.session.make('input_request', {'prompt': '?'}, request)
        stdin.send_multipart([routing_id, *self.session.pack(question)])
        wait_for(lambda: len(self.told) == 2)
        self.assertEqual(self.told, [('rejected', 'stdin', 'its signature is not that of the key'),
                                     ('received', 'stdin', question)])
        self.assertEqual(question.parent_id, request_id)

    def connect_all(self):
        sockets = {channel: self.bind(channel) for channel in ('shell', 'control', 'stdin')}
        sockets['iopub'] = self.bind('iopub', zmq.XPUB)
        wait_for(lambda: self.told)
        self.assertEqual(self.told.pop(), ('connected',))
        self.assertEqual(sockets['iopub'].recv(), b'\1')
        return sockets

    def test_finished(self):
        """What a kernel has said that is no more is heard to its end."""
        sockets = self.connect_all()
        said = [self.session.make('stream', {'name': 'stdout', 'text': str(i)}) for i in range(500)]
        self.channels.finish()
        # as long as it is connected, it may have more to say
        wait_for(lambda: self.channels.n_looks > 2)
        for message in said:
            sockets['iopub'].send_multipart(self.session.pack(message))
        for socket in sockets.values():
            socket.close(linger=1000 * support.PATIENCE)
        wait_for(lambda: ('finished',) in self.told)
        self.assertEqual(self.told, [*(('received', 'iopub', message) for message in said), ('finished',)])

    def test_finished_without_an_end(self):
        """Who has inherited the connections, or was never there, is not waited for."""
        sockets = self.connect_all()
        self.channels.finish()
        wait_for(lambda: self.told == [('finished',)])
        self.assertFalse(sockets['iopub'].closed)
        nobody = Channels(self.connection, self.session)
        nobody.connect('finished', lambda _channels: self.told.append('nobody'))
        nobody.finish()
        wait_for(lambda: self.told[1:] == ['nobody'])


class Asker:
    """A kernel, and what it has said, by the id of what it was asked."""

    def __init__(self, folder, own_spec=None):
        kernel_spec = own_spec or spec.make_own()
        # neither reads nor writes what the user has
        kernel_spec.environment['IPYTHONDIR'] = folder
        self.kernel = Kernel(kernel_spec)
        self.published, self.questions, self.deaths, self.rejected = [], [], [], []
        self.kernel.connect('published', lambda _kernel, *args: self.published.append(args))
        self.kernel.connect('asked', lambda _kernel, *args: self.questions.append(args))
        self.kernel.connect('died', lambda _kernel, why: self.deaths.append(why))
        self.kernel.connect('rejected', lambda _kernel, *args: self.rejected.append(args))

    def start(self):
        self.kernel.start()
        self.wait_for_state('idle', 'dead')

    def wait_for_state(self, *states):
        wait_for(lambda: self.kernel.state in states)

    def stop(self):
        self.kernel.shut_down()
        self.wait_for_state('off')

    def begin(self, code):
        """Executes code; returns the request, and a list that gets its reply."""
        request = self.kernel.execute(code)
        replies = []
        request.connect('finished', lambda _request, reply: replies.append(reply))
        return request, replies

    def run(self, code):
        """Executes code until it has ended; returns the request's id, and the reply."""
        while True:
            request = self.kernel.execute(code)
            reply = self.ask(request)
            # IPython takes what comes within a moment of an error for what has waited behind it
            if reply['status'] != 'aborted':
                return request.id, reply

    def ask(self, request):
        replies = []
        request.connect('finished', lambda _request, reply: replies.append(reply))
        wait_for(lambda: replies)
        return replies[0]

    def contents(self, request_id, kind):
        return [message.content for parent_id, message in self.published
                if parent_id == request_id and message.kind == kind]

    def text(self, request_id, name='stdout'):
        return ''.join(content['text'] for content in self.contents(request_id, 'stream') if content['name'] == name)

    def evaluate(self, expression):
        request_id, _reply = self.run(expression)
        return self.contents(request_id, 'execute_result')[0]['data']['text/plain']


@unittest.skipUnless(HAS_KERNEL, 'python3-ipykernel is not installed')
class KernelCase(support.Case):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.asker = Asker(folder.name)
        self.kernel = self.asker.kernel
        self.asker.start()
        self.addCleanup(self.asker.stop)
        self.assertEqual(self.asker.deaths, [])


class ExecuteTest(KernelCase):
    """What a kernel is asked, one thing after the other."""

    def test_results(self):
        self.assertEqual(self.kernel.info['language_info']['name'], 'python')
        request_id, reply = self.asker.run('6 * 7')
        self.assertEqual((reply['status'], reply['execution_count']), ('ok', 1))
        self.assertEqual(self.asker.contents(request_id, 'execute_result')[0]['data']['text/plain'], '42')
        self.assertEqual(self.asker.contents(request_id, 'execute_input')[0]['code'], '6 * 7')
        self.assertEqual(self.kernel.state, 'idle')

        request_id, reply = self.asker.run('import sys\nfor i in range(3): print(i)\nprint("oh", file=sys.stderr)')
        self.assertEqual(self.asker.text(request_id), '0\n1\n2\n')
        self.assertEqual(self.asker.text(request_id, 'stderr'), 'oh\n')

        # those that wait behind one that fails are not run
        _request, failing = self.asker.begin('import time; time.sleep(0.1); 1 / 0')
        _request, waiting = self.asker.begin('print("never")')
        wait_for(lambda: failing and waiting)
        self.assertEqual((failing[0]['status'], waiting[0]['status']), ('error', 'aborted'))

        request_id, reply = self.asker.run('{}["π"]')
        self.assertEqual((reply['status'], reply['ename']), ('error', 'KeyError'))
        content, = self.asker.contents(request_id, 'error')
        self.assertIn('KeyError', content['traceback'][-1])

        # and all of a flood comes
        request_id, reply = self.asker.run('for i in range(100_000): print(i)')
        self.assertEqual(self.asker.text(request_id), ''.join(f'{i}\n' for i in range(100_000)))

    def test_questions_about_code(self):
        self.asker.run('abundance = abacus = 1')
        reply = self.asker.ask(self.kernel.complete('π = aba', 7))
        self.assertEqual((reply['matches'], reply['cursor_start'], reply['cursor_end']), (['abacus'], 4, 7))
        self.assertEqual(self.asker.ask(self.kernel.check('if x:'))['status'], 'incomplete')
        self.assertEqual(self.asker.ask(self.kernel.check('x'))['status'], 'complete')
        self.assertIn('int', self.asker.ask(self.kernel.inspect('abacus', 2))['data']['text/plain'])

    @unittest.skipUnless(HAS_MATPLOTLIB, 'python3-matplotlib is not installed')
    def test_picture(self):
        request_id, reply = self.asker.run('import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()')
        self.assertEqual(reply['status'], 'ok', reply)
        content, = self.asker.contents(request_id, 'display_data')
        self.assertTrue(base64.b64decode(content['data']['image/png']).startswith(PNG))

    def test_input(self):
        request, replies = self.asker.begin('name = input("Who? ")\nfrom getpass import getpass\nword = getpass("Word? ")')
        wait_for(lambda: self.asker.questions)
        self.assertEqual(self.kernel.state, 'busy')
        self.kernel.answer('Zoë')
        wait_for(lambda: len(self.asker.questions) == 2)
        self.kernel.answer('secret')
        wait_for(lambda: replies)
        self.assertEqual(self.asker.questions, [(request.id, 'Who? ', False), (request.id, 'Word? ', True)])
        self.assertEqual(self.asker.evaluate('name, word'), "('Zoë', 'secret')")

        # one that is interrupted is answered by nobody
        _request, replies = self.asker.begin('input()')
        wait_for(lambda: len(self.asker.questions) == 3)
        self.kernel.interrupt()
        wait_for(lambda: replies)
        self.assertEqual(replies[0]['ename'], 'KeyboardInterrupt')
        self.kernel.answer('too late')
        self.assertEqual(self.asker.evaluate('1'), '1')

    def test_bad_signature(self):
        forged = "[b'stream', b'<IDS|MSG>', b'0' * 64, b'{\"msg_type\": \"stream\"}', b'{}', b'{}', b'{\"text\": \"forged\"}']"
        self.asker.run(f'get_ipython().kernel.iopub_socket.send_multipart({forged})')
        wait_for(lambda: self.asker.rejected)
        self.assertEqual(self.asker.rejected, [('iopub', 'its signature is not that of the key')])
        self.assertEqual([message for _id, message in self.asker.published if message.content.get('text') == 'forged'], [])
        self.assertEqual(self.asker.evaluate('2'), '2')


class LifeTest(KernelCase):
    def test_interrupt(self):
        request, replies = self.asker.begin('print("begun", flush=True)\nwhile True: pass')
        wait_for(lambda: self.asker.text(request.id) == 'begun\n')
        self.assertEqual(self.kernel.state, 'busy')
        self.kernel.interrupt()
        wait_for(lambda: replies)
        self.assertEqual(replies[0]['ename'], 'KeyboardInterrupt')
        self.assertEqual(self.kernel.state, 'idle')
        self.assertEqual(self.asker.evaluate('3'), '3')

    def test_interrupt_of_what_it_waits_for(self):
        """As in a terminal, what the kernel has started is interrupted as well, in which it may ignore that itself."""
        _request, replies = self.asker.begin('import os\nos.system("echo begun; exec sleep 1000")')
        wait_for(lambda: 'begun' in self.kernel.process.get_written())
        self.kernel.interrupt()
        wait_for(lambda: replies)
        self.assertEqual(replies[0]['status'], 'ok')

    def test_left_behind(self):
        """What a kernel has started ends with it, also when it dies."""
        request, _replies = self.asker.begin('import subprocess\nprint(subprocess.Popen(["sleep", "1000"]).pid, flush=True)\n'
                                             'while True: pass')
        wait_for(lambda: self.asker.text(request.id).endswith('\n'))
        child = pathlib.Path('/proc', self.asker.text(request.id).strip())
        self.assertIn('sleep', (child / 'cmdline').read_text())
        os.kill(self.kernel.process.get_pid(), signal.SIGKILL)
        wait_for(lambda: self.asker.deaths)
        # it may still be there for who has to ask how it has ended
        wait_for(lambda: not child.exists() or ') Z ' in (child / 'stat').read_text())

    def test_restart(self):
        pid = self.kernel.process.get_pid()
        self.asker.run('x = 1')
        file = self.kernel.connection.file
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.kernel.restart()
        self.asker.wait_for_state('starting')
        self.asker.wait_for_state('idle')
        self.assertNotEqual(self.kernel.process.get_pid(), pid)
        self.assertFalse(file.parent.exists())
        _request_id, reply = self.asker.run('x')
        self.assertEqual((reply['ename'], reply['execution_count']), ('NameError', 1))
        self.assertEqual(self.asker.deaths, [])

    def test_restart_of_a_busy_one(self):
        # which takes no notice of anything
        request, replies = self.asker.begin('import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n'
                                            'print("begun", flush=True)\nwhile True: pass')
        wait_for(lambda: self.asker.text(request.id))
        self.kernel.restart()
        wait_for(lambda: replies)
        self.assertEqual(replies[0]['status'], 'died')
        self.asker.wait_for_state('idle')
        self.assertEqual(self.asker.evaluate('4'), '4')

    def test_killed(self):
        request, replies = self.asker.begin('print("begun", flush=True)\nwhile True: pass')
        wait_for(lambda: self.asker.text(request.id))
        states = []
        self.kernel.connect('notify::state', lambda *_args: states.append(self.kernel.state))
        os.kill(self.kernel.process.get_pid(), signal.SIGKILL)
        wait_for(lambda: self.asker.deaths)
        # in between, the last that it had said is heard
        self.assertEqual(states, ['ending', 'dead'])
        self.assertEqual(replies, [{'status': 'died'}])
        self.assertEqual(self.asker.deaths, ['it was ended by SIGKILL'])
        self.assertEqual(self.kernel.state, 'dead')
        with self.assertRaisesRegex(RuntimeError, 'dead'):
            self.kernel.execute('1')
        self.kernel.interrupt()
        self.kernel.answer('nothing')
        self.kernel.restart()
        self.asker.wait_for_state('idle')
        self.assertEqual(self.asker.evaluate('5'), '5')

    def test_silent(self):
        """One that has stopped does not respond until it goes on."""
        heartbeat.INTERVAL_MS, before = 50, heartbeat.INTERVAL_MS
        self.addCleanup(setattr, heartbeat, 'INTERVAL_MS', before)
        self.kernel.restart()
        self.asker.wait_for_state('starting')
        self.asker.wait_for_state('idle')
        pid = self.kernel.process.get_pid()
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: not self.kernel.responding)
        os.kill(pid, signal.SIGCONT)
        wait_for(lambda: self.kernel.responding)
        self.assertEqual(self.asker.evaluate('6'), '6')


class StartTest(support.Case):
    def test_no_such_program(self):
        asker = Asker('/', spec.Spec('none', {'argv': ['/nonexistent/kernel', '{connection_file}']}))
        asker.start()
        self.assertEqual(asker.kernel.state, 'dead')
        self.assertRegex(asker.deaths[0], '/nonexistent/kernel')
        self.assertFalse(asker.kernel.connection.folder.exists())
        asker.stop()

    def test_no_room(self):
        asker = Asker('/')
        with mock.patch.object(tempfile, 'mkdtemp', side_effect=OSError(errno.ENOSPC, 'It is full')):
            asker.start()
        self.assertEqual(asker.deaths, ['python3: It is full'])
        asker.stop()

    @unittest.skipUnless(HAS_KERNEL, 'python3-ipykernel is not installed')
    def test_interrupted_before_it_has_begun(self):
        with tempfile.TemporaryDirectory() as folder:
            asker = Asker(folder)
            asker.kernel.start()
            asker.kernel.interrupt()
            asker.wait_for_state('idle', 'dead')
            self.assertEqual(asker.deaths, [])
            asker.stop()

    def test_restarted_before_it_has_begun(self):
        asker = Asker('/', spec.Spec('none', {'argv': ['sleep', '1000']}))
        asker.kernel.start()
        first = asker.kernel.process
        asker.kernel.restart()
        asker.kernel.kill()
        wait_for(lambda: asker.kernel.state == 'starting' and asker.kernel.process is not first)
        asker.kernel.shut_down()
        asker.kernel.kill()
        asker.wait_for_state('off')

    def test_ends_at_once(self):
        asker = Asker('/', spec.Spec('none', {'argv': ['sh', '-c', 'echo of no use >&2; exit 3', '{connection_file}']}))
        asker.start()
        self.assertEqual(asker.deaths, ['it ended with status 3\nof no use'])
        asker.stop()

    def test_shut_down_before_it_has_begun(self):
        asker = Asker('/', spec.Spec('none', {'argv': ['sleep', '1000']}))
        asker.kernel.start()
        asker.kernel.shut_down()
        asker.kernel.kill()
        asker.wait_for_state('off')
        self.assertEqual(asker.deaths, [])


if __name__ == '__main__':
    support.main()
