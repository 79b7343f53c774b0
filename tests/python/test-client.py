# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients, answered by pyzmq and CZMQ in processes of their own."""

import asyncio
import os
import pathlib
import signal
import subprocess
import sys
import threading
import unittest

from support import Case, main, wait_for
from gi.repository import Gio, GLib, Zmq
from zmqglib import aio

REPLIER = pathlib.Path(__file__).with_name('replier.py')


class Clients(Case):
    def replier(self, kind, how='echo', endpoint='tcp://127.0.0.1:*', program=(sys.executable, REPLIER)):
        process = subprocess.Popen([*program, kind, endpoint, how], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.endpoint = process.stdout.readline().strip()
        return process

    def client(self, *repliers, **properties):
        client = Zmq.Client(self.context, **properties)
        self.addCleanup(client.close)
        for replier in repliers:
            client.connect(replier.endpoint)
        return client

    def ask(self, client, *texts):
        """The answers, each asked for in the main loop."""
        answers = {}

        def on_answer(client, result, text):
            answers[text] = bytes(client.request_finish(result)[0])

        for text in texts:
            client.request_async(text, None, on_answer, text)
        wait_for(lambda: len(answers) == len(texts))
        return [answers[text] for text in texts]

    def try_servers(self, **options):
        for kind in 'REP', 'ROUTER', 'DEALER':
            for how in ('echo',) if kind == 'REP' else ('echo', 'twice', 'reversed'):
                with self.subTest(kind=kind, how=how):
                    client = self.client(self.replier(kind, how, **options))
                    texts = [str(i) for i in range(10)]
                    for _i in range(3):
                        self.assertEqual(self.ask(client, *texts), [f're: {text}'.encode() for text in texts])

    def test_kinds_of_servers(self):
        self.try_servers()

    @unittest.skipUnless('TEST_REPLIER_CZMQ' in os.environ, 'needs CZMQ')
    def test_servers_of_czmq(self):
        self.try_servers(program=(os.environ['TEST_REPLIER_CZMQ'],))

    def test_envelope_none(self):
        for kind in 'REP', 'ROUTER':
            with self.subTest(kind=kind):
                client = self.client(envelope=Zmq.ClientEnvelope.NONE)
                client.connect(self.replier(kind, 'twice' if kind == 'ROUTER' else 'echo').endpoint)
                self.assertEqual(self.ask(client, 'a', 'b', 'c'), [b're: a', b're: b', b're: c'])

    def test_blocking(self):
        client = self.client(self.replier('REP'))
        self.assertEqual(bytes(client.request('here')[0]), b're: here')
        self.assertEqual(list(client.request(['two', 'frames'])), [b'two', b're: frames'])
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(client.request('there')[0])) for _i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [b're: there'] * 4)

    def test_blocking_gives_way_to_signals(self):
        client = self.client(self.replier('REP', 'silent'), timeout_us=-1)

        def on_alarm(_signal, _frame):
            raise InterruptedError

        previous = signal.signal(signal.SIGALRM, on_alarm)
        self.addCleanup(signal.signal, signal.SIGALRM, previous)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        self.assertRaises(InterruptedError, client.request, 'for ever')
        cancellable = Gio.Cancellable()
        threading.Timer(0.2, cancellable.cancel).start()
        with self.assertRaises(GLib.Error) as caught:
            client.request('for ever', cancellable)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_killed_and_stopped(self):
        """kill -9 costs a try at once; one that is stopped costs its time."""
        dead = self.replier('REP', 'silent')
        alive = self.replier('REP')
        client = self.client(dead, alive, timeout_us=-1, max_tries=2)
        wait_for(lambda: client.connected)
        GLib.timeout_add(100, dead.kill)
        self.assertEqual(self.ask(client, 'whom'), [b're: whom'])

        stopped = self.replier('REP')
        client = self.client(stopped, alive, timeout_us=200_000, max_tries=2)
        self.assertEqual(self.ask(client, 'first'), [b're: first'])
        os.kill(stopped.pid, signal.SIGSTOP)
        self.assertEqual(self.ask(client, 'second'), [b're: second'])
        os.kill(stopped.pid, signal.SIGCONT)

    def test_restarted(self):
        first = self.replier('ROUTER', 'silent')
        client = self.client(first, timeout_us=-1, max_tries=2)
        answers = []
        client.request_async('again', None, lambda client, result: answers.append(client.request_finish(result)[0]))
        wait_for(lambda: client.connected)
        first.kill()
        first.wait()
        self.replier('ROUTER', endpoint=first.endpoint)
        wait_for(lambda: answers)
        self.assertEqual(answers, [b're: again'])

    def test_strategies(self):
        repliers = [self.replier('ROUTER') for _i in range(3)]
        for strategy in Zmq.ClientStrategy.FAILOVER, Zmq.ClientStrategy.SPREAD, Zmq.ClientStrategy.ALL:
            client = self.client(*repliers, strategy=strategy)
            self.assertEqual(self.ask(client, 'a', 'b', 'c', 'd'), [b're: a', b're: b', b're: c', b're: d'])

    def test_await(self):
        replier = self.replier('ROUTER')

        async def run():
            client = self.client(replier)
            answers = await asyncio.gather(*(client.request_async(str(i)) for i in range(1000)))
            self.assertEqual([answer[0] for answer in answers], [b're: %d' % i for i in range(1000)])
            silent = self.client(self.replier('ROUTER', 'silent'))
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(silent.request_async('quiet'), 0.1)
            silent.timeout_us, silent.max_tries = 1000, 1
            with self.assertRaises(Zmq.AgainError):
                await silent.request_async('quiet')

        aio.run(run())

    def test_errors(self):
        client = self.client()
        self.assertRaises(Zmq.ZmqError, client.connect, 'nonsense')
        self.assertRaises(Zmq.NotFoundError, client.disconnect, 'tcp://127.0.0.1:1')
        self.assertRaises(Zmq.WrongStateError, client.request, 'whom')
        self.assertRaises(Zmq.InvalidArgumentError, client.request, [])
        self.assertRaises(TypeError, client.request, 5)
        client.close()
        self.assertRaises(Zmq.ClosedError, client.request, 'late')

    def test_client_and_server(self):
        server = Zmq.Server(self.context)
        self.addCleanup(server.close)
        server.bind('tcp://127.0.0.1:*')
        kept = []

        def on_request(_server, request):
            kept.append(request)
            while len(kept) == 10:
                for request in reversed(kept):
                    request.reply(b're: ' + request.get_message()[0])
                kept.clear()

        server.connect('request', on_request)
        client = self.client()
        client.connect(server.last_endpoint)
        texts = [str(i) for i in range(10)]
        self.assertEqual(self.ask(client, *texts), [f're: {text}'.encode() for text in texts])


if __name__ == '__main__':
    main()
