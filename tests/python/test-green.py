# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tasks of zmqglib.green: what they wait for, how they end, and that nothing is lost."""

import os
import random
import sys
import time

try:
    import greenlet  # noqa: F401
except ImportError:
    print('1..0 # SKIP greenlet is not installed')
    sys.exit(0)

import zmq
import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Gio, GLib, Zmq  # noqa: E402
from zmqglib import green  # noqa: E402

from support import PATIENCE, Case, contents, main, wait_for  # noqa: E402

IN = GLib.IOCondition.IN


class Green(Case):
    def socket(self, socket_type, **options):
        return green.Socket(socket_type=socket_type, context=self.context, linger=0, **options)

    def pipe(self, endpoint):
        pull, push = self.socket(Zmq.SocketType.PULL), self.socket(Zmq.SocketType.PUSH)
        pull.bind(endpoint)
        push.connect_to(endpoint)
        return push, pull

    def run_task(self, function, *args):
        return green.spawn(function, *args).get(PATIENCE)


class Tasks(Green):
    def test_too_long(self):
        with self.assertRaises(ValueError):
            green.sleep(1e7)

    def test_value_and_exception(self):
        task = green.spawn(lambda *args, **kwargs: (args, kwargs), 1, x=2)
        self.assertFalse(task.done)
        self.assertEqual(task.get(PATIENCE), ((1,), {'x': 2}))
        self.assertTrue(task.ready())
        self.assertIsNone(task.exception)
        with self.assertRaises(ZeroDivisionError):
            self.run_task(lambda: 1 / 0)
        self.assertEqual(green.run(lambda: 3), 3)
        with self.assertRaises(TypeError):
            green.spawn(3)

    def test_begins_in_the_loop(self):
        task = green.spawn(green.current_task)
        wait_for(lambda: task.done)
        self.assertIs(task.get(), task)
        self.assertIsNone(green.current_task())

    def test_unhandled_exceptions_are_reported(self):
        task = green.spawn(lambda: 1 / 0)
        self.assertTrue(task.join(PATIENCE))
        self.assertEqual(len(self.raised), 1)
        self.assertIn('ZeroDivisionError', self.raised.pop())

    def test_times(self):
        task = green.spawn(green.sleep, 1000)
        self.assertFalse(task.join(0.001))
        with self.assertRaises(TimeoutError):
            task.get(0.001)
        others = [green.spawn(green.sleep, 0) for _ in range(3)]
        self.assertEqual(green.joinall(others, PATIENCE), others)
        self.assertEqual(green.joinall([others[0], task], 0.001), others[:1])
        task.kill()
        self.assertTrue(task.join(PATIENCE))

    def test_kill(self):
        seen = []

        def wait():
            try:
                green.sleep(1000)
            except ValueError:
                seen.append('raised')
                green.sleep(0)
                return 'done'

        new, waiting, handles = green.spawn(wait), green.spawn(wait), None
        new.kill()
        green.sleep(0.01)
        handles = green.spawn(wait)
        green.sleep(0.01)
        waiting.kill()
        handles.kill(ValueError('x'))
        self.assertEqual(handles.get(PATIENCE), 'done')
        self.assertEqual(seen, ['raised'])
        for task in (new, waiting):
            self.assertTrue(task.done)
            self.assertIsInstance(task.exception, green.TaskKilled)
        waiting.kill()
        with self.assertRaises(TypeError):
            green.spawn(green.sleep, 0).kill('x')

    def test_timeout(self):
        def wait():
            with green.Timeout(1000):
                with self.assertRaises(TimeoutError):
                    with green.Timeout(0.005):
                        green.sleep(1000)
            with green.Timeout(0.001):
                GLib.usleep(5000)
            green.sleep(0.01)
            return True

        self.assertTrue(self.run_task(wait))
        with self.assertRaises(RuntimeError):
            with green.Timeout(1):
                pass

    def test_join_oneself(self):
        with self.assertRaises(RuntimeError):
            self.run_task(lambda: green.current_task().join())


class Timeouts(Green):
    def test_block(self):
        """What handles errors in the block does not handle its end."""
        def wait():
            with green.Timeout(0.001):
                try:
                    green.sleep(1000)
                except Exception:
                    return 'handled'

        with self.assertRaises(TimeoutError) as caught:
            self.run_task(wait)
        self.assertIsInstance(caught.exception, green.Timeout)

    def test_start_and_cancel(self):
        def wait():
            timeout = green.Timeout(0.001)
            self.assertFalse(timeout.pending)
            timeout.start()
            self.assertTrue(timeout.pending)
            with self.assertRaises(RuntimeError):
                timeout.start()
            with self.assertRaises(TimeoutError) as caught:
                green.sleep(1000)
            self.assertIs(caught.exception, timeout)
            self.assertFalse(timeout.pending)

            # cancelled before it is up, and when it is up but was not raised
            for rest in (lambda: None, lambda: GLib.usleep(5000)):
                timeout.start()
                rest()
                timeout.cancel()
                green.sleep(0.01)
            timeout = green.Timeout.start_new(1000)
            timeout.close()
            return True

        self.assertTrue(self.run_task(wait))
        with self.assertRaises(RuntimeError):
            green.Timeout(1).start()

    def test_up_while_others_run(self):
        """It is up, but the task has not been resumed when it is cancelled."""
        def wait():
            timeout = green.Timeout.start_new(0.001)
            loop = GLib.MainLoop()
            GLib.timeout_add(10, loop.quit)
            loop.run()
            self.assertFalse(timeout.pending)
            timeout.cancel()
            green.sleep(0.001)
            return True

        self.assertTrue(self.run_task(wait))

    def test_exceptions(self):
        def wait(exception):
            with green.Timeout(0.001, exception):
                green.sleep(1000)
            return 'silent'

        for exception in (KeyError, KeyError('x')):
            with self.assertRaises(KeyError):
                self.run_task(wait, exception)
        self.assertEqual(self.run_task(wait, False), 'silent')

    def test_no_limit(self):
        def wait():
            with green.Timeout(None) as timeout:
                self.assertFalse(timeout.pending)
                green.sleep(0.001)
            return True

        self.assertTrue(self.run_task(wait))

    def test_ended_task(self):
        """Whose task has ended, a Timeout does nothing."""
        task = green.spawn(lambda: green.Timeout(0.001).start())
        self.assertTrue(task.join(PATIENCE))
        green.sleep(0.01)


class Turns(Green):
    """What floods leaves others their turn: windows, timers and other tasks."""

    N_TURNS = 20
    # of the processor's time, in which nobody else counts; a share and what is round it
    LONGEST_S = 0.05

    def count(self, name):
        now = time.thread_time()
        self.longest[name] = max(self.longest.get(name, 0), now - self.last.get(name, now))
        self.last[name] = now
        self.turns[name] = self.turns.get(name, 0) + 1

    def has_had_turns(self):
        return all(self.turns.get(name, 0) >= self.N_TURNS for name in self.names)

    def watch(self, flood):
        self.turns, self.last, self.longest = {}, {}, {}
        self.names = ('redraw', 'timer', 'task')

        def on_source(name):
            self.count(name)
            return not self.has_had_turns()

        def sleep():
            while not self.has_had_turns():
                self.count('task')
                green.sleep(0)

        # as GDK redraws
        GLib.idle_add(on_source, 'redraw', priority=GLib.PRIORITY_HIGH_IDLE + 20)
        GLib.timeout_add(1, on_source, 'timer')
        tasks = [green.spawn(function) for function in (sleep, *flood)]
        for task in tasks:
            task.get(PATIENCE)
        self.assertLess(max(self.longest.values()), self.LONGEST_S, self.longest)

    def test_a_task_that_never_waits(self):
        push, pull = self.pipe('inproc://flood')

        def flood():
            while not self.has_had_turns():
                push.send('x')
                pull.receive()

        self.watch([flood])

    def test_tasks_that_wake_each_other(self):
        """None runs for long."""
        one, other = self.socket(Zmq.SocketType.PAIR), self.socket(Zmq.SocketType.PAIR)
        one.bind('inproc://to-and-fro')
        other.connect_to('inproc://to-and-fro')
        one.send('x')

        def echo(socket):
            while not self.has_had_turns():
                socket.send(socket.receive())
            socket.try_send('end')

        self.watch([lambda: echo(one), lambda: echo(other)])

    def test_sources_of_the_same_priority(self):
        """When they leave no turn to lower ones, tasks have theirs all the same."""
        seen = []
        GLib.idle_add(lambda: len(seen) < self.N_TURNS, priority=GLib.PRIORITY_DEFAULT)

        def work():
            while len(seen) < self.N_TURNS:
                GLib.usleep(5000)
                green.sleep(0)
                seen.append(True)

        self.run_task(work)


class Loops(Green):
    def test_a_loop_in_a_task(self):
        """What waits in the callbacks of a task's own loop does not leave that loop."""
        push, pull = self.pipe('inproc://nested')
        order = []

        def callback(loop):
            order.append(contents(pull.receive()))
            loop.quit()
            return GLib.SOURCE_REMOVE

        def nests():
            loop = GLib.MainLoop()
            GLib.idle_add(callback, loop)
            loop.run()
            order.append('left')
            green.sleep(0.001)

        def other():
            green.sleep(0.01)
            push.send('x')
            green.sleep(0.01)
            order.append('other')

        tasks = [green.spawn(nests), green.spawn(other)]
        self.assertEqual(green.joinall(tasks, PATIENCE), tasks)
        self.assertEqual(order, [[b'x'], 'left', 'other'])

    def test_resumed_by_another_loop(self):
        """A task that waits since an outer loop goes on in an inner one, and after it."""
        push, pull = self.pipe('inproc://inner')

        def receive():
            return [contents(pull.receive()) for _ in range(2)]

        receiver = green.spawn(receive)

        def nests():
            loop = GLib.MainLoop()
            push.send('1')
            GLib.timeout_add(10, loop.quit)
            loop.run()

        green.spawn(nests).get(PATIENCE)
        push.send('2')
        self.assertEqual(receiver.get(PATIENCE), [[b'1'], [b'2']])

    def test_outside_of_tasks(self):
        push, pull = self.pipe('inproc://outside')
        sender = green.spawn(push.send, ['a', b'b'])
        self.assertEqual(contents(pull.receive()), [b'a', b'b'])
        self.assertTrue(sender.get(PATIENCE))

    def test_busy_tasks_give_way(self):
        push, pull = self.pipe('inproc://busy')
        ticks = []
        GLib.timeout_add(1, lambda: ticks.append(1) or len(ticks) < 5)

        def flood():
            while len(ticks) < 5:
                push.send('x')
                pull.receive()

        self.run_task(flood)

    def test_window(self):
        if 'DISPLAY' not in os.environ:
            self.skipTest('no display')
        try:
            gi.require_version('Gtk', '4.0')
            from gi.repository import Gtk
        except (ImportError, ValueError):
            self.skipTest('no GTK')
        if not Gtk.init_check():
            self.skipTest('no display')
        push, pull = self.pipe('inproc://window')
        window = Gtk.Window()
        ticks = []
        window.add_tick_callback(lambda *_args: ticks.append(1) or True)
        window.present()

        def talk():
            while len(ticks) < 3:
                push.send('x')
                pull.receive()

        self.run_task(talk)
        window.destroy()


class Sockets(Green):
    def test_refused_options_fail_the_constructor(self):
        for name, value in (('curve_server_key', 'bad'), ('plain_username', 'x' * 300), ('tcp_keepalive', 99)):
            with self.assertRaises(GLib.Error) as caught:
                green.Socket(socket_type=Zmq.SocketType.DEALER, **{name: value})
            self.assertErrorIs(caught.exception, Zmq.Error.INVALID_ARGUMENT)
            self.assertIn(name.replace('_', '-'), caught.exception.message)
        self.assertRaises(AttributeError, green.Socket, nonsense=1)

    def test_options_take_bytes(self):
        socket = green.Socket(socket_type=Zmq.SocketType.DEALER, routing_id=b'me', linger=0)
        self.assertEqual(socket.get_property('routing-id').get_data(), b'me')
        self.assertEqual(socket.get_property('linger'), 0)

    def test_api(self):
        with self.socket(Zmq.SocketType.PULL, receive_timeout=7) as pull:
            self.assertIsInstance(pull, Zmq.Socket)
            self.assertEqual(pull.get_property('receive-timeout'), 7)
            self.assertErrorIs(self.failure(pull.receive), Zmq.Error.AGAIN)
            self.assertErrorIs(self.failure(pull.wait, IN, 1000), Zmq.Error.AGAIN)
            self.assertErrorIs(self.failure(pull.try_receive), Zmq.Error.AGAIN)
            self.assertErrorIs(self.failure(pull.send, 'x'), Zmq.Error.NOT_SUPPORTED)
        self.assertTrue(pull.is_closed())
        for function in (pull.receive, lambda: pull.wait(IN), lambda: pull.send('x')):
            self.assertErrorIs(self.failure(function), Zmq.Error.CLOSED)
        push = green.Context().socket(Zmq.SocketType.PUSH, send_timeout=5)
        self.assertErrorIs(self.failure(push.send, 'x'), Zmq.Error.AGAIN)
        with self.assertRaises(TypeError):
            push.send(3)

    def failure(self, function, *args):
        with self.assertRaises(GLib.Error) as caught:
            self.run_task(function, *args)
        return caught.exception

    def test_pyzmq(self):
        rep = self.socket(Zmq.SocketType.REP)
        rep.bind('tcp://127.0.0.1:*')
        peer = self.peer(zmq.REQ, rep)

        def serve():
            for _ in range(20):
                rep.send(rep.receive())

        def ask():
            for i in range(20):
                peer.send_multipart([b'%d' % i, b''])
                if peer.recv_multipart() != [b'%d' % i, b'']:
                    return False
            return True

        task = green.spawn(serve)
        self.assertTrue(self.talk(ask))
        task.get(PATIENCE)

    def test_handles(self):
        """A socket that somebody else owns, by the number or the type of Zmq.Socket."""
        owner = Zmq.Socket.new(self.context, Zmq.SocketType.PULL)
        owner.bind('tcp://127.0.0.1:*')
        peer = self.peer(zmq.PUSH, owner)
        for number, adopt in enumerate((green.Socket.new_for_handle,
                                        lambda handle: green.Socket(handle=handle))):
            pull = adopt(owner.get_handle())
            self.assertIsInstance(pull, green.Socket)
            self.assertEqual(pull.get_socket_type(), Zmq.SocketType.PULL)
            task = green.spawn(pull.receive)
            green.sleep(0)
            self.talk(peer.send, b'%d' % number)
            self.assertEqual(contents(task.get(PATIENCE)), [b'%d' % number])
            pull.close()
        self.assertFalse(owner.is_closed())
        closed = zmq.Context().socket(zmq.PULL)
        handle = closed.underlying
        adopted = green.Socket.new_for_handle(handle)
        self.assertEqual(adopted.get_socket_type(), Zmq.SocketType.PULL)
        closed.close()
        self.assertErrorIs(self.failure(adopted.receive), Zmq.Error.CLOSED)

    def test_what_is_put_back(self):
        """Nothing is kept here: another reader sees all that no receive() has returned."""
        push, pull = self.pipe('inproc://put-back')
        for text in 'abc':
            push.send(text)
        first = self.run_task(pull.receive)
        self.assertEqual(contents(Zmq.Socket.try_receive(pull)), [b'b'])
        pull.put_back(first)
        self.assertEqual([contents(self.run_task(pull.receive)) for _ in range(2)], [[b'a'], [b'c']])

    def test_order(self):
        push, pull = self.pipe('inproc://order')
        got = []
        tasks = [green.spawn(lambda i=i: got.append((i, contents(pull.receive())[0])))
                 for i in range(5)]
        green.sleep(0.01)
        tasks[0].kill()
        tasks[3].kill()
        for text in 'abc':
            push.send(text)
        self.assertEqual(green.joinall(tasks, PATIENCE), tasks)
        self.assertEqual(got, [(1, b'a'), (2, b'b'), (4, b'c')])

    def test_nobody_overtakes_who_gives_way(self):
        push, pull = self.pipe('inproc://overtake')
        got = []

        def receive(i):
            if i == 1:
                # the others' turn comes in the next call
                end = time.monotonic() + 0.02
                while time.monotonic() < end:
                    pass
            got.append((i, contents(pull.receive())[0]))

        tasks = [green.spawn(receive, i) for i in range(4)]
        green.sleep(0.05)
        for text in 'abcd':
            push.send(text)
        self.assertEqual(green.joinall(tasks, PATIENCE), tasks)
        self.assertEqual(got, [(0, b'a'), (1, b'b'), (2, b'c'), (3, b'd')])

    def test_turns(self):
        """Who receives again waits behind those who have waited."""
        push, pull = self.pipe('inproc://turns')
        got = []

        def receive(i):
            for _ in range(2):
                got.append((i, contents(pull.receive())[0]))

        tasks = [green.spawn(receive, i) for i in range(3)]
        green.sleep(0.01)
        for text in 'abcdef':
            push.try_send(text)
        self.assertEqual(green.joinall(tasks, PATIENCE), tasks)
        self.assertEqual(got, [(0, b'a'), (1, b'b'), (2, b'c'), (0, b'd'), (1, b'e'), (2, b'f')])

    def test_cancellables(self):
        _push, pull = self.pipe('inproc://cancel')
        cancellable = Gio.Cancellable()
        tasks = [green.spawn(pull.receive, cancellable), green.spawn(pull.receive, cancellable),
                 green.spawn(pull.wait, IN, -1, cancellable)]
        GLib.timeout_add(10, lambda: cancellable.cancel())
        for task in tasks:
            with self.assertRaises(GLib.Error) as caught:
                task.get(PATIENCE)
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                     Gio.IOErrorEnum.CANCELLED))
            self.raised.clear()

    def test_close(self):
        _push, pull = self.pipe('inproc://close')
        tasks = [green.spawn(pull.receive) for _ in range(3)]
        GLib.timeout_add(10, lambda: pull.close())
        for task in tasks:
            with self.assertRaises(GLib.Error) as caught:
                task.get(PATIENCE)
            self.assertErrorIs(caught.exception, Zmq.Error.CLOSED)
            self.raised.clear()

    def test_kill_loses_nothing(self):
        """Each message is received once, however many receivers are killed meanwhile."""
        push, pull = self.pipe('inproc://stress')
        n_messages, got, receivers = 2000, [], set()
        chance = random.Random(1)

        def receive():
            while True:
                # no wait between the two: what was received is there
                got.append(int(contents(pull.receive())[0]))

        def send():
            for i in range(n_messages):
                push.send(str(i))
                if chance.random() < 0.3:
                    green.sleep(0)
                for task in list(receivers):
                    if chance.random() < 0.2:
                        task.kill()
                        receivers.remove(task)
                while len(receivers) < 4:
                    receivers.add(green.spawn(receive))

        self.run_task(send)
        wait_for(lambda: len(got) >= n_messages)
        self.assertEqual(sorted(got), list(range(n_messages)))
        for task in receivers:
            task.kill()
        green.joinall(receivers, PATIENCE)


class Pollers(Green):
    def test_sockets_and_descriptors(self):
        push, pull = self.pipe('inproc://poller')
        reader, writer = os.pipe()
        poller = green.Poller()
        poller.register(pull, IN)
        poller.register(reader, IN)

        def use():
            self.assertEqual(poller.poll(0), [])
            self.assertEqual(poller.poll(1), [])
            GLib.timeout_add(5, lambda: push.try_send('x') and False)
            self.assertEqual(poller.poll(), [(pull, IN)])
            self.assertEqual(contents(pull.receive()), [b'x'])
            os.write(writer, b'y')
            self.assertEqual(poller.poll(1000 * PATIENCE), [(reader, IN)])
            poller.modify(reader, GLib.IOCondition(0))
            self.assertEqual(poller.poll(1), [])
            poller.unregister(reader)
            self.assertNotIn(reader, poller)
            with self.assertRaises(KeyError):
                poller.unregister(reader)
            with self.assertRaises(TypeError):
                poller.register('x')

        self.run_task(use)
        os.close(reader)
        os.close(writer)

    def test_kill(self):
        push, pull = self.pipe('inproc://poll-kill')
        poller = green.Poller()
        poller.register(pull, IN)
        task = green.spawn(poller.poll)
        green.sleep(0.005)
        with self.assertRaises(RuntimeError):
            poller.poll()
        task.kill()
        task.join(PATIENCE)
        push.send('x')
        self.assertEqual(poller.poll(), [(pull, IN)])

    def test_closed_while_nobody_waits(self):
        """Who polls next hears of it, also when who polled was killed in that moment."""
        _push, pull = self.pipe('inproc://poll-close')
        poller = green.Poller()
        poller.register(pull, IN)
        task = green.spawn(poller.poll)
        green.sleep(0.005)
        pull.close()
        wait_for(lambda: pull not in poller)
        task.kill()
        task.join(PATIENCE)
        self.assertEqual(poller.poll(), [(pull, GLib.IOCondition.NVAL)])
        self.assertEqual(poller.poll(1), [])

    def test_waiting_for_nothing(self):
        _push, pull = self.pipe('inproc://nothing')
        with self.assertRaises(ValueError):
            pull.wait(GLib.IOCondition(0))
        with self.assertRaises(ValueError):
            green.Poller().poll()
        self.assertEqual(green.Poller().poll(1), [])


main()
