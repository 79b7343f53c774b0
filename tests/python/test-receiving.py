# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams whose next message is awaited, and that are made with their sockets."""

import asyncio
import gc
import random
import sys

from support import PATIENCE, Case, main
from gi.repository import Gio, GLib, Zmq
from zmqglib import aio

try:
    aio.new_event_loop().close()
except RuntimeError as error:
    print(f'1..0 # SKIP {error}')
    sys.exit(0)


class Receiving(Case):
    def run_async(self, coroutine):
        return aio.run(asyncio.wait_for(coroutine, PATIENCE))

    def pair(self):
        push, pull = self.pipe(f'inproc://{self.id()}')
        return push, Zmq.Stream(pull)

    def test_before_handlers(self):
        push, stream = self.pair()
        events = []
        stream.connect('received', lambda _, message: events.append(('received', message[0])))

        async def run():
            waiting = [stream.receive_async() for _ in range(2)]
            for letter in 'abc':
                push.send(letter)
            for operation in waiting:
                events.append(('got', (await operation)[0]))
            while len(events) < 3:
                await asyncio.sleep(0)

        self.run_async(run())
        self.assertEqual(sorted(events), [('got', b'a'), ('got', b'b'), ('received', b'c')])

    def test_paused(self):
        push, stream = self.pair()
        stream.paused = True
        push.send('a')

        async def run():
            return (await stream.receive_async())[0]

        self.assertEqual(self.run_async(run()), b'a')

    def test_callback(self):
        push, stream = self.pair()

        async def run():
            done = asyncio.get_running_loop().create_future()
            stream.receive_async(None, lambda source, result, data: done.set_result(
                (source.receive_finish(result)[0], data)), 'data')
            push.send('a')
            return await done

        self.assertEqual(self.run_async(run()), (b'a', 'data'))

    def test_closed(self):
        _push, stream = self.pair()

        async def run():
            waiting = stream.receive_async()
            stream.close()
            with self.assertRaises(Zmq.ClosedError):
                await waiting
            with self.assertRaises(Zmq.ClosedError):
                await stream.receive_async()

        self.run_async(run())

    def test_cancelled_by_cancellable(self):
        push, stream = self.pair()
        cancellable = Gio.Cancellable()

        async def run():
            waiting = stream.receive_async(cancellable)
            await asyncio.sleep(0)
            cancellable.cancel()
            with self.assertRaises(GLib.Error) as caught:
                await waiting
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
            push.send('kept')
            self.assertEqual((await stream.receive_async())[0], b'kept')

        self.run_async(run())

    def test_cancelling_tasks_loses_nothing(self):
        push, stream = self.pair()
        n_messages, received = 1000, []
        rng = random.Random(7)

        async def receive():
            received.append(int((await stream.receive_async())[0]))

        async def run():
            n_cancelled = 0
            for i in range(n_messages):
                push.send(str(i))
            while len(received) < n_messages:
                task = asyncio.ensure_future(receive())
                for _ in range(rng.randrange(6)):
                    await asyncio.sleep(0)
                if rng.random() < 0.6:
                    task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    n_cancelled += 1
            return n_cancelled

        self.assertGreater(self.run_async(run()), 50)
        self.assertEqual(received, list(range(n_messages)))

    def test_nobody_keeps_the_stream(self):
        push, stream = self.pair()

        async def run():
            waiting = stream.receive_async()
            return waiting

        async def wait(waiting):
            push.send('a')
            return (await waiting)[0]

        async def both():
            nonlocal stream
            waiting = await run()
            stream = None
            gc.collect()
            return await wait(waiting)

        self.assertEqual(self.run_async(both()), b'a')

    def test_made_with_their_sockets(self):
        with Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'tcp://127.0.0.1:*') as pull:
            with Zmq.Stream.new_connected(Zmq.SocketType.PUSH, pull.socket.last_endpoint) as push:
                self.assertIs(type(pull), Zmq.Stream)
                self.assertTrue(pull.owned_by_loop and pull.open)
                self.assertEqual(push.socket.get_context(), Zmq.Context.get_default())

                async def run():
                    push.send('a')
                    return (await pull.receive_async())[0]

                self.assertEqual(self.run_async(run()), b'a')
        self.assertFalse(pull.open)

    def test_bad_endpoints(self):
        with self.assertRaises(Zmq.InvalidArgumentError):
            Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'tcp://nonsense')
        with self.assertRaises(Zmq.ProtocolNotSupportedError):
            Zmq.Stream.new_connected(Zmq.SocketType.PULL, 'nonsense://x')
        with self.assertRaises(Zmq.InvalidArgumentError):
            Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'inproc://a\0b')

    def test_subclass_is_what_is_made(self):
        class Other(Zmq.Stream):
            pass

        with Other.new_bound(Zmq.SocketType.PULL, 'tcp://127.0.0.1:*') as stream:
            self.assertIs(type(stream), Other)


if __name__ == '__main__':
    main()
