# SPDX-License-Identifier: LGPL-2.1-or-later
"""Awaiting: operations, cancellation, and streams as asynchronous iterators, on GLib's main loop."""

import asyncio
import gc
import random
import sys
import threading
import time
import unittest

from support import PATIENCE, Case, main
from gi.repository import Gio, GLib, Zmq
from zmqglib import aio

try:
    aio.new_event_loop().close()
except RuntimeError as error:
    print(f'1..0 # SKIP {error}')
    sys.exit(0)


class Awaiting(Case):
    def run_async(self, coroutine):
        return aio.run(asyncio.wait_for(coroutine, PATIENCE))

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

    def test_cancelling_is_seen_at_once(self):
        _push, pull = self.pair()

        async def run():
            operation = pull.receive_async()
            self.assertTrue(operation.cancel('because'))
            self.assertTrue(operation.done() and operation.cancelled())
            self.assertFalse(operation.cancel())

            async def receive():
                await pull.receive_async()

            task = asyncio.ensure_future(receive())
            await asyncio.sleep(0)
            task.cancel('why')
            with self.assertRaises(asyncio.CancelledError) as caught:
                await task
            self.assertEqual(caught.exception.args, ('why',))

        self.run_async(run())

    def test_cancelling_what_is_done_changes_nothing(self):
        push, pull = self.pair()

        async def run():
            push.send('there')
            operation = pull.receive_async()
            self.assertFalse(operation.cancel())
            self.assertEqual(list(await operation), [b'there'])
            self.assertEqual(list(operation.result()), [b'there'])

        self.run_async(run())

    def test_message_of_a_cancelled_task_goes_to_the_next_reader(self):
        readers = {
            'receiver': lambda pull, stream: pull.receive_async(),
            'try': lambda pull, stream: asyncio.sleep(0, pull.try_receive()),
            'blocking': lambda pull, stream: asyncio.sleep(0, pull.receive()),
            'iteration': lambda pull, stream: anext(aiter(stream)),
        }

        async def receive(operation):
            return await operation

        async def run(push, pull, stream, read):
            operation = pull.receive_async()
            task = asyncio.ensure_future(receive(operation))
            # it is cancelled between the message's coming and its going on
            operation.add_done_callback(lambda _operation: task.cancel())
            await asyncio.sleep(0)
            push.send('1')
            push.send('2')
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(pull.get_condition() & GLib.IOCondition.IN, GLib.IOCondition.IN)
            return [list(await read(pull, stream)), list(await read(pull, stream))]

        for name, read in readers.items():
            push, pull = self.pipe(f'inproc://{self.id()}-{name}')
            stream = Zmq.Stream(pull)
            with self.subTest(name):
                self.assertEqual(self.run_async(run(push, pull, stream, read)), [[b'1'], [b'2']])
            stream.close()

    def test_those_who_wait_come_first(self):
        push, pull = self.pair()

        async def run():
            waiting = pull.receive_async()
            push.send('1')
            push.send('2')
            later = pull.receive_async()
            self.assertEqual([list(message) for message in (await later, await waiting)], [[b'2'], [b'1']])

        self.run_async(run())

    def test_a_cancellable_is_let_go(self):
        push, pull = self.pair()
        cancellable = Gio.Cancellable()

        async def run():
            for _ in range(50):
                GLib.idle_add(lambda: push.send('x') and GLib.SOURCE_REMOVE)
                await pull.receive_async(cancellable=cancellable)

        self.run_async(run())
        gc.collect()
        own = [o for o in gc.get_objects() if isinstance(o, Gio.Cancellable)]
        self.assertLessEqual(len(own), 2)

    def test_what_was_begun_in_vain_is_not_waited_for(self):
        """Neither a call that raises nor a loop that ends leaves the socket with somebody who waits."""
        push, pull = self.pair()

        async def run():
            with self.assertRaises(TypeError):
                pull.receive_async(io_priority='high')
            operation = pull.receive_async()
            asyncio.get_running_loop().call_soon(operation.cancel)
            with self.assertRaises(asyncio.CancelledError):
                await operation
            push.send('there')
            self.assertTrue(pull.receive_async().done())

        self.run_async(run())

    def test_iterates_a_socket_with_methods_of_its_own(self):
        class Own(Zmq.Socket):
            # the type is final: there is none of its own
            __gtype__ = Zmq.Socket.__gtype__

            async def receive_async(self):
                return await super().receive_async()

        pull = Own(socket_type=Zmq.SocketType.PULL, context=self.context, linger=0)
        pull.bind(f'inproc://{self.id()}')
        push = self.connected(Zmq.SocketType.PUSH, f'inproc://{self.id()}')

        async def run():
            asyncio.get_running_loop().call_later(0.01, push.send, 'x')
            async for message in Zmq.Stream(pull):
                return list(message)

        self.assertEqual(self.run_async(run()), [b'x'])

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

    def test_cancelled_together_they_leave_messages_in_order(self):
        push, pull = self.pair()
        tasks = []

        async def receive():
            message = await pull.receive_async()
            if message[0] == b'0':
                for task in tasks[1:]:
                    task.cancel()
            return message

        async def run():
            tasks.extend(asyncio.ensure_future(receive()) for _ in range(6))
            await asyncio.sleep(0.01)
            for i in range(6):
                push.send(str(i))
            await asyncio.gather(*tasks, return_exceptions=True)
            push.send('6')

        self.run_async(run())
        n_received = sum(not task.cancelled() for task in tasks)
        self.assertEqual([message[0] for message in pull.try_receive_many()],
                         [str(i).encode() for i in range(n_received, 7)])

    async def use_up_share(self, push, pull):
        await asyncio.sleep(0.001)
        await push.send_async('first')
        pull.receive()
        end = time.monotonic() + 0.006
        while time.monotonic() < end:
            pass

    def test_nobody_overtakes_who_was_paused(self):
        push, pull = self.pair()

        async def run():
            await self.use_up_share(push, pull)
            sending = [push.send_async('0')]
            for i in range(1, 4):
                await asyncio.sleep(0)
                sending.append(push.send_async(str(i)))
            await asyncio.gather(*sending)
            self.assertEqual([message[0] for message in pull.try_receive_many()], [b'0', b'1', b'2', b'3'])

            await self.use_up_share(push, pull)
            for i in range(4):
                push.send(str(i))
            receiving = [pull.receive_async()]
            for _ in range(3):
                await asyncio.sleep(0)
                receiving.append(pull.receive_async())
            self.assertEqual([message[0] for message in await asyncio.gather(*receiving)], [b'0', b'1', b'2', b'3'])

        self.run_async(run())

    def test_what_a_loop_has_left_holds_up_no_other(self):
        push, pull = self.pair()

        async def leave():
            await self.use_up_share(push, pull)
            return push.send_async('left')

        loop = aio.new_event_loop()
        try:
            left = loop.run_until_complete(leave())
        finally:
            loop.close()
        self.assertFalse(left.done())
        self.run_async(self.send_one(push))
        self.assertEqual([message[0] for message in pull.try_receive_many()], [b'used'])

    def test_what_a_loop_has_left_takes_no_message(self):
        push, pull = self.pair()
        stream_push, stream_pull = self.pipe(f'inproc://{self.id()}-stream')
        stream = Zmq.Stream(stream_pull)

        async def leave():
            # an Operation is no task, which asyncio would cancel at the end
            return [pull.receive_async(), stream.receive_async()]

        async def receive():
            waiting = [pull.receive_async(), stream.receive_async()]
            push.send('x')
            stream_push.send('y')
            return [message[0] for message in await asyncio.gather(*waiting)]

        left = self.run_async(leave())
        self.assertEqual(self.run_async(receive()), [b'x', b'y'])
        self.assertFalse(any(operation.done() for operation in left))
        stream.close()

    async def send_one(self, push):
        await push.send_async('used')

    def test_an_exception_does_not_hold_up_who_was_paused(self):
        push, pull = self.pair()
        operation = Zmq.Socket.send_async.operation
        attempt = operation._attempt

        def fail(*_args):
            operation._attempt = attempt
            raise ValueError('on purpose')

        async def run():
            await self.use_up_share(push, pull)
            _lost, last = push.send_async('lost'), push.send_async('last')
            operation._attempt = fail
            await last

        try:
            self.run_async(run())
        finally:
            operation._attempt = attempt
        self.assertEqual(len(self.raised), 1)
        self.assertIn('on purpose', self.raised.pop())
        self.assertEqual([message[0] for message in pull.try_receive_many()], [b'last'])

    def test_who_was_paused_can_be_cancelled(self):
        push, pull = self.pair()

        async def run():
            await self.use_up_share(push, pull)
            cancellable = Gio.Cancellable()
            operation = push.send_async('unwanted', GLib.PRIORITY_DEFAULT, cancellable)
            task = asyncio.ensure_future(self.wait_for_operation(push.send_async('unwanted, too')))
            last = push.send_async('wanted')
            await asyncio.sleep(0)
            cancellable.cancel()
            task.cancel()
            await last
            with self.assertRaises(GLib.Error) as caught:
                await operation
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
            self.assertEqual([message[0] for message in pull.try_receive_many()], [b'wanted'])

        self.run_async(run())

    async def wait_for_operation(self, operation):
        return await operation

    def test_cancelled_in_advance_nothing_is_sent(self):
        push, pull = self.pair()
        cancellable = Gio.Cancellable()
        cancellable.cancel()

        async def run():
            with self.assertRaises(GLib.Error):
                await push.send_async('unwanted', GLib.PRIORITY_DEFAULT, cancellable)
            self.assertEqual(pull.try_receive_many(), [])

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

    def test_iterations_share(self):
        push, pull = self.pair()
        stream = Zmq.Stream(pull)
        received = [[], [], []]

        async def iterate(numbers):
            async for message in stream:
                numbers.append(int(message[0]))
                if sum(map(len, received)) == 300:
                    stream.close()
                await asyncio.sleep(0)

        async def run():
            tasks = [asyncio.ensure_future(iterate(numbers)) for numbers in received]
            for i in range(300):
                push.send(str(i))
                if i % 7 == 0:
                    await asyncio.sleep(0)
            await asyncio.gather(*tasks)

        self.run_async(run())
        self.assertEqual(sorted(sum(received, [])), list(range(300)))
        for numbers in received:
            self.assertEqual(numbers, sorted(numbers))
            self.assertGreater(len(numbers), 0)

    def test_who_never_waits_gives_way(self):
        """A timer, a window that draws and another task have turns beside a task that always has a message."""
        push, pull = self.pair()
        pull.receive_high_water_mark = push.send_high_water_mark = 0
        turns = {'window': 0, 'timer': 0, 'task': 0}

        def count(name):
            turns[name] += 1
            return GLib.SOURCE_CONTINUE

        async def others():
            while True:
                turns['task'] += 1
                # not so short that asyncio itself would have no rest: its clock on GLib counts milliseconds
                await asyncio.sleep(0.01)

        async def run():
            other = asyncio.ensure_future(others())
            sources = [GLib.timeout_add(1, count, 'timer'), GLib.idle_add(count, 'window', priority=GLib.PRIORITY_HIGH_IDLE + 20)]
            n_received = 0
            while min(turns.values()) < 5 and n_received < 10_000_000:
                push.send('x')
                await pull.receive_async()
                n_received += 1
            for source in sources:
                GLib.source_remove(source)
            other.cancel()

        self.run_async(run())
        self.assertGreaterEqual(min(turns.values()), 5, turns)


class Loops(Case):
    """The running loop's main context is the one in which an operation ends."""

    async def converse(self):
        push, pull = self.pipe(f'inproc://{self.id()}-{threading.get_ident()}-{id(asyncio.get_running_loop())}')
        asyncio.get_running_loop().call_later(0.01, push.send, 'x')
        threads = []

        async def iterate():
            async for message in Zmq.Stream(pull):
                return list(message)

        self.assertEqual(list(await asyncio.wait_for(pull.receive_async(), PATIENCE)), [b'x'])
        asyncio.get_running_loop().call_later(0.01, push.send, 'y')
        self.assertEqual(await asyncio.wait_for(iterate(), PATIENCE), [b'y'])

        done = asyncio.get_running_loop().create_future()
        pull.receive_async(GLib.PRIORITY_DEFAULT, None, lambda socket, result: (
            socket.receive_finish(result), threads.append(threading.current_thread()), done.set_result(None)))
        asyncio.get_running_loop().call_later(0.01, push.send, 'z')
        await asyncio.wait_for(done, PATIENCE)
        self.assertEqual(threads, [threading.current_thread()])
        pull.close()
        push.close()

    def test_one_after_the_other(self):
        for _ in range(3):
            aio.run(self.converse())

    def test_in_a_second_thread(self):
        failures = []

        def run():
            try:
                aio.run(self.converse())
            except BaseException as error:
                failures.append(error)

        for runs_main_loop in (False, True):
            thread = threading.Thread(target=run)
            thread.start()
            while runs_main_loop and thread.is_alive():
                GLib.MainContext.default().iteration(False)
            thread.join(PATIENCE)
            self.assertFalse(thread.is_alive())
        self.assertEqual(failures, [])

    def test_a_loop_for_each_test(self):
        outer = self

        class Inner(unittest.IsolatedAsyncioTestCase):
            loop_factory = staticmethod(aio.new_event_loop)

            def _setupAsyncioRunner(self):
                self._asyncioRunner = asyncio.Runner(loop_factory=aio.new_event_loop)

            async def test_first(self):
                await outer.converse()

            async def test_second(self):
                await outer.converse()

        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(Inner).run(result)
        self.assertEqual((result.testsRun, result.errors, result.failures), (2, [], []))

    def test_a_loop_without_a_main_context(self):
        pull = self.bound(Zmq.SocketType.PULL)

        async def run():
            for call in (pull.receive_async, lambda: pull.send_async('x'), lambda: pull.wait_async(GLib.IOCondition.IN)):
                with self.assertRaisesRegex(RuntimeError, 'zmqglib.aio.run'):
                    await call()

        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(run())

    def run_on_a_context_of_its_own(self, coroutine):
        context = GLib.MainContext.new()
        context.push_thread_default()
        try:
            return aio.run(asyncio.wait_for(coroutine, PATIENCE))
        finally:
            context.pop_thread_default()

    def make_things(self):
        push, pull = self.pipe(f'inproc://{self.id()}')
        return Zmq.Stream(pull), Zmq.Monitor(push), Zmq.Client(self.context)

    async def await_things(self, stream, monitor, client):
        for call in (stream.receive_async, stream.drain_async, monitor.wait_async, lambda: client.request_async('x')):
            with self.assertRaisesRegex(RuntimeError, 'main context, which nobody runs'):
                await call()

    def test_what_was_made_before_on_another_main_context(self):
        things = self.make_things()
        self.run_on_a_context_of_its_own(self.await_things(*things))
        # which another thread may run as well
        loop = GLib.MainLoop()
        thread = threading.Thread(target=loop.run)
        thread.start()
        while not loop.is_running():
            time.sleep(0.001)

        async def drain():
            return await things[0].drain_async()

        self.assertTrue(self.run_on_a_context_of_its_own(drain()))
        loop.quit()
        thread.join()
        for thing in things:
            thing.close()

    def test_what_was_made_in_a_loop_that_has_ended(self):
        async def make():
            return self.make_things()

        things = self.run_on_a_context_of_its_own(make())
        self.run_on_a_context_of_its_own(self.await_things(*things))
        for thing in things:
            thing.close()


class Anyio(Case):
    def test_scopes_know_their_own_cancelling(self):
        try:
            import anyio
        except ImportError:
            self.skipTest('there is no anyio')
        push, pull = self.pipe(f'inproc://{self.id()}')
        stream = Zmq.Stream(pull)

        async def run():
            for call in (pull.receive_async, lambda: anext(aiter(stream)), lambda: pull.wait_async(GLib.IOCondition.IN)):
                with anyio.move_on_after(0.02) as scope:
                    await call()
                self.assertTrue(scope.cancel_called)
                with self.assertRaises(TimeoutError):
                    with anyio.fail_after(0.02):
                        await call()
                async def wait(call=call):
                    await call()

                async with anyio.create_task_group() as group:
                    group.start_soon(wait)
                    await anyio.sleep(0.01)
                    group.cancel_scope.cancel()
            push.send('kept')
            self.assertEqual(list(await pull.receive_async()), [b'kept'])

        aio.run(run())


if __name__ == '__main__':
    main()
