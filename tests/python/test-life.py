# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rules of life 1 and 5 as Python knows them: a collector in another thread, and forks."""

import gc
import multiprocessing
import os
import signal
import sys
import threading

import zmq

from support import PATIENCE, Case, main, wait_for
from gi.repository import GLib, Zmq

N_STREAMS = 300


class Owned(Case):
    def test_local_stream_answers(self):
        server = self.bound(Zmq.SocketType.REP)

        def serve():
            stream = Zmq.Stream(server)
            stream.connect('received', lambda stream, message: stream.send(message))

        serve()
        gc.collect()
        peer = self.peer(zmq.REQ, server)
        self.assertEqual(self.talk(lambda: (peer.send(b'there?'), peer.recv())[1]), b'there?')

    def test_closed_stream_is_collected(self):
        gone = []

        def serve():
            stream = Zmq.Stream(self.bound(Zmq.SocketType.PULL))
            stream.weak_ref(lambda: gone.append(True))
            stream.close()

        serve()
        wait_for(lambda: gc.collect() is not None and gone)

    def test_can_be_left_to_its_references(self):
        gone = []
        stream = Zmq.Stream(self.bound(Zmq.SocketType.PULL), owned_by_loop=False)
        stream.weak_ref(lambda: gone.append(True))
        self.assertTrue(Zmq.Stream.new(self.bound(Zmq.SocketType.PULL)).props.owned_by_loop)
        del stream
        gc.collect()
        self.assertEqual(gone, [True])


class Collecting(Case):
    """A wrapper with an attribute has a toggle reference: its strong reference comes and goes, under the
    interpreter's lock, as others take and drop theirs."""

    def setUp(self):
        super().setUp()
        self.stop = False
        self.n_received = 0
        self.loop_context = GLib.MainContext.default()
        signal.alarm(4 * PATIENCE)

    def tearDown(self):
        signal.alarm(0)
        super().tearDown()

    def collect(self):
        while not self.stop:
            gc.collect()

    def dispatch(self):
        while not self.stop:
            self.loop_context.iteration(True)

    def on_received(self, stream, message):
        self.n_received += 1
        stream.seen = message
        if self.n_received % 3 == 0:
            stream.close()

    def make(self, number):
        push, pull = self.pipe(f'inproc://{self.id()}-{number}')
        # before the stream, which another thread may close at once, and the peer with it
        push.send(b'a')
        push.send(b'b')
        stream = Zmq.Stream(pull)
        stream.attribute = [stream]
        stream.connect('received', self.on_received)
        return push

    def test_collector_and_loop_in_threads(self):
        threads = [threading.Thread(target=function) for function in (self.collect, self.dispatch)]
        # streams are made in a thread that does not own their main context
        for thread in threads:
            thread.start()
        kept = [self.make(number) for number in range(N_STREAMS)]
        deadline = GLib.get_monotonic_time() + PATIENCE * 1000000
        while self.n_received < N_STREAMS and GLib.get_monotonic_time() < deadline:
            self.loop_context.wakeup()
        self.stop = True
        self.loop_context.wakeup()
        for thread in threads:
            thread.join()
        self.assertGreaterEqual(self.n_received, N_STREAMS)
        for push in kept:
            push.close()


def in_child(endpoint, inherited):
    """Runs in the child of multiprocessing; what it raises is its exit code."""
    try:
        inherited.try_receive()
    except GLib.Error as error:
        if not error.matches(Zmq.error_quark(), Zmq.Error.CLOSED):
            sys.exit(2)
    push = Zmq.Socket(socket_type=Zmq.SocketType.PUSH, linger=1000 * PATIENCE)
    push.connect(endpoint)
    stream = Zmq.Stream(push)
    reply = Zmq.Socket(socket_type=Zmq.SocketType.PULL)
    reply.bind('tcp://127.0.0.1:*')
    answers = []
    answered = Zmq.Stream(reply)
    answered.connect('received', lambda stream, message: answers.append(message[0]))
    stream.send(reply.last_endpoint)
    wait_for(lambda: answers)
    stream.close()
    answered.close()
    sys.exit(0 if answers == [b'answer'] else 3)


class Forking(Case):
    def test_multiprocessing(self):
        pull = self.bound(Zmq.SocketType.PULL)
        others = [Zmq.Stream(self.bound(Zmq.SocketType.PULL)) for _ in range(8)]
        stream = Zmq.Stream(pull)
        received = []

        def on_received(stream, message):
            received.append(message[0])
            with self.connected(Zmq.SocketType.PUSH, message[0].decode()) as push:
                push.linger = 1000 * PATIENCE
                push.send('answer')

        stream.connect('received', on_received)
        processes = [multiprocessing.get_context('fork').Process(target=in_child, args=(pull.last_endpoint, pull))
                     for _ in range(3)]
        for process in processes:
            process.start()
        wait_for(lambda: len(received) == 3)
        for process in processes:
            process.join(PATIENCE)
            self.assertEqual(process.exitcode, 0)
        # and the parent's others are not disturbed
        for other in others:
            seen = []
            other.connect('received', lambda stream, message: seen.append(message))
            peer = self.peer(zmq.PUSH, other.props.socket)
            peer.send(b'after')
            wait_for(lambda: seen)

    def test_inherited(self):
        push, pull = self.pipe('inproc://inherited')
        stream = Zmq.Stream(pull)
        stream.connect('received', lambda *args: None)

        def run_loop():
            closed = []
            stream.connect('closed', lambda stream, error: closed.append(error))
            wait_for(lambda: closed)
            raise closed[0]

        calls = [pull.try_receive, pull.receive, lambda: push.try_send('a'), lambda: push.send('a'),
                 lambda: stream.send('a'), lambda: push.connect('tcp://127.0.0.1:9'),
                 lambda: pull.wait(GLib.IOCondition.IN, 1000), self.context.terminate, run_loop]
        for number, call in enumerate(calls):
            pid = os.fork()
            if pid == 0:
                signal.alarm(PATIENCE)
                try:
                    call()
                    os._exit(1)
                except GLib.Error as error:
                    os._exit(0 if error.matches(Zmq.error_quark(), Zmq.Error.CLOSED) else 2)
                except BaseException:
                    os._exit(3)
            self.assertEqual(os.waitpid(pid, 0)[1], 0, number)


main()
