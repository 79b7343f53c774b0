# SPDX-License-Identifier: LGPL-2.1-or-later
"""Awaiting: operations, cancellation, and streams as asynchronous iterators, on GLib's main loop."""

import asyncio
import random
import sys

try:
    import gbulb
except ImportError:
    print('1..0 # SKIP there is no gbulb')
    sys.exit(0)

from support import PATIENCE, Case, main
from gi.repository import Gio, GLib, Zmq

gbulb.install()


class Awaiting(Case):
    def run_async(self, coroutine):
        loop = asyncio.get_event_loop_policy().get_event_loop()
        return loop.run_until_complete(asyncio.wait_for(coroutine, PATIENCE))

    def pair(self):
        return self.pipe(f'inproc://{self.id()}')

    def test_converse(self):
        server = self.bound(Zmq.SocketType.REP)
        client = self.connected(Zmq.SocketType.REQ, server.last_endpoint)

        async def serve():
            request = await server.receive_async()
            await server.send_async([*request, 'answer'])

        async def ask():
            await client.send_async('question')
            self.assertEqual(await client.wait_async(GLib.IOCondition.IN), GLib.IOCondition.IN)
            return list(await client.receive_async())

        async def both():
            return (await asyncio.gather(serve(), ask()))[1]

        self.assertEqual(self.run_async(both()), [b'question', b'answer'])

    def test_callbacks_stay(self):
        push, pull = self.pair()
        outcome = []

        async def run():
            done = asyncio.get_running_loop().create_future()
            pull.receive_async(GLib.PRIORITY_DEFAULT, None, lambda socket, result, data: (
                outcome.append((list(socket.receive_finish(result)), data)), done.set_result(None)), 'data')
            push.send('a')
            await done

        self.run_async(run())
        self.assertEqual(outcome, [([b'a'], 'data')])

    def test_errors(self):
        pull = self.bound(Zmq.SocketType.PULL)
        pull.receive_timeout = 10

        async def run():
            with self.assertRaises(Zmq.AgainError):
                await pull.receive_async()
            pull.receive_timeout = -1
            waiting = pull.receive_async()
            pull.close()
            with self.assertRaises(Zmq.ClosedError):
                await waiting
            with self.assertRaises(Zmq.ClosedError):
                await pull.receive_async()

        self.run_async(run())

    def test_own_cancellable(self):
        pull = self.bound(Zmq.SocketType.PULL)
        cancellable = Gio.Cancellable()

        async def run():
            waiting = pull.receive_async(cancellable=cancellable)
            cancellable.cancel()
            with self.assertRaises(GLib.Error) as caught:
                await waiting
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

        self.run_async(run())

    def test_no_loop(self):
        with self.assertRaises(RuntimeError):
            self.bound(Zmq.SocketType.PULL).receive_async()

    def test_cancel(self):
        push, pull = self.pair()

        async def run():
            task = asyncio.ensure_future(pull.receive_async())
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            push.send('kept')
            self.assertEqual(list(await pull.receive_async()), [b'kept'])

        self.run_async(run())

    def test_cancel_loses_nothing(self):
        push, pull = self.pair()
        n_messages, received = 3000, []
        rng = random.Random(7)

        async def receive():
            received.append(int(bytes((await pull.receive_async())[0])))

        async def feed():
            for i in range(n_messages):
                await push.send_async(str(i))
                if rng.random() < 0.5:
                    await asyncio.sleep(0)

        async def run():
            feeding = asyncio.ensure_future(feed())
            n_cancelled = 0
            while len(received) < n_messages:
                task = asyncio.ensure_future(receive())
                for _ in range(rng.randrange(4)):
                    await asyncio.sleep(0)
                if rng.random() < 0.6:
                    task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    n_cancelled += 1
            await feeding
            return n_cancelled

        self.assertGreater(self.run_async(run()), 100)
        self.assertEqual(received, list(range(n_messages)))

    def test_wait_for_loses_nothing(self):
        push, pull = self.pair()

        async def run():
            for i in range(50):
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(pull.receive_async(), 0.0005)
                push.send(str(i))
                self.assertEqual((await pull.receive_async())[0], str(i).encode())

        self.run_async(run())

    def test_drain_terminate_and_track(self):
        context = Zmq.Context()
        stream = Zmq.Stream(Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=context, linger=0))
        stream.get_socket().bind('tcp://127.0.0.1:*')
        pull = Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=context, linger=0)

        async def run():
            message = Zmq.Message(GLib.Bytes.new(b'x' * 1_000_000))
            tracker = message.track()
            stream.send(message)
            self.assertFalse(tracker.is_done())
            pull.connect(stream.get_socket().last_endpoint)
            self.assertEqual(len((await pull.receive_async())[0]), 1_000_000)
            self.assertTrue(await stream.drain_async())
            self.assertTrue(await tracker.wait_async())
            pull.close()
            stream.close()
            self.assertTrue(await context.terminate_async())

        self.run_async(run())

    def test_iterate(self):
        push, pull = self.pair()
        stream = Zmq.Stream(pull)

        async def run():
            received = []
            for i in range(10):
                push.send(str(i))
            async for message in stream:
                received.append(int(message[0]))
                if len(received) == 4:
                    break
            # the others are still in the socket
            await asyncio.sleep(0)
            self.assertEqual(list(pull.try_receive()), [b'4'])
            async for message in stream:
                received.append(int(message[0]))
                if received[-1] == 9:
                    stream.close()
            return received

        self.assertEqual(self.run_async(run()), [0, 1, 2, 3, 5, 6, 7, 8, 9])

    def test_iterate_until_closed_by_error(self):
        _push, pull = self.pair()
        stream = Zmq.Stream(pull)

        async def run():
            GLib.idle_add(lambda: self.context.shutdown())
            with self.assertRaises(Zmq.TerminatedError):
                async for _message in stream:
                    pass

        self.run_async(run())

    def test_iterate_cancelled_loses_nothing(self):
        push, pull = self.pair()
        stream = Zmq.Stream(pull)
        received = []

        async def iterate():
            async for message in stream:
                received.append(int(message[0]))

        async def run():
            rng = random.Random(3)
            for i in range(500):
                push.send(str(i))
            while len(received) < 500:
                task = asyncio.ensure_future(iterate())
                for _ in range(rng.randrange(6)):
                    await asyncio.sleep(0)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task

        self.run_async(run())
        self.assertEqual(received, list(range(500)))


if __name__ == '__main__':
    main()
