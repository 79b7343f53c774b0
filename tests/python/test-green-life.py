# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tasks of zmqglib.green in a world of forks, signals and exceptions that nobody handles."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import traceback

try:
    import greenlet  # noqa: F401
except ImportError:
    print('1..0 # SKIP greenlet is not installed')
    sys.exit(0)

import zmq
import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402
from zmqglib import green  # noqa: E402

from support import PATIENCE, Case, contents, main, wait_for  # noqa: E402

IN = GLib.IOCondition.IN


class Green(Case):
    def socket(self, socket_type, endpoint='tcp://127.0.0.1:*'):
        socket = green.Socket(socket_type=socket_type, context=self.context, linger=0)
        socket.bind(endpoint)
        return socket


def ask(endpoint, text):
    """Asks a server from a task and with a context of this process."""
    with green.Socket(socket_type=Zmq.SocketType.REQ, linger=0) as req:
        req.connect_to(endpoint)
        req.send(text)
        return contents(req.receive())


def ask_and_exit(endpoint):
    """What multiprocessing runs in the child."""
    sys.exit(0 if green.run(ask, endpoint, 'child') == [b'child'] else 1)


class Forks(Green):
    def fork(self, function):
        """Calls function() in a child, and fails unless it returns there."""
        pid = os.fork()
        if pid == 0:
            self.end_child(function)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)

    def end_child(self, function):
        signal.alarm(PATIENCE)
        try:
            function()
            self.assertEqual(self.raised, [])
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def serve(self, rep):
        while True:
            rep.send(rep.receive())

    def test_inherited_sockets(self):
        """They fail at once, also where a task of the parent waits; the parent's go on."""
        pull, waited = self.socket(Zmq.SocketType.PULL), self.socket(Zmq.SocketType.PULL)
        push = self.socket(Zmq.SocketType.PUSH)
        poller = green.Poller()
        poller.register(pull, IN)
        tasks = [green.spawn(waited.receive), green.spawn(waited.receive),
                 green.spawn(push.send, 'x'), green.spawn(poller.poll)]
        wait_for(lambda: all('waiting' in repr(task) for task in tasks))
        calls = [pull.receive, waited.receive, lambda: pull.wait(IN), lambda: waited.wait(IN),
                 lambda: push.send('y'), lambda: push.try_send('y')]

        def fail():
            for call in calls:
                for run in (lambda function: function(), green.run):
                    error = self.assertFails(Zmq.Error.CLOSED, run, call)
                    self.assertIn('fork', error.message)
            self.assertEqual(poller.poll(1000 * PATIENCE), [(pull, GLib.IOCondition.NVAL)])

        self.fork(fail)
        peers = [self.peer(zmq.PUSH, waited), self.peer(zmq.PULL, push), self.peer(zmq.PUSH, pull)]
        for text in (b'1', b'2'):
            peers[0].send(text)
        self.assertEqual([contents(task.get(PATIENCE)) for task in tasks[:2]], [[b'1'], [b'2']])
        tasks[2].get(PATIENCE)
        self.assertEqual(peers[1].recv(), b'x')
        peers[2].send(b'3')
        self.assertEqual(tasks[3].get(PATIENCE), [(pull, IN)])

    def test_inherited_tasks(self):
        """In the child the tasks of the parent neither go on nor can be waited for."""
        went_on = []

        def sleep():
            green.sleep(0.02)
            went_on.append(True)

        def begin():
            went_on.append(True)

        def child():
            green.run(green.sleep, 0.1)
            self.assertEqual(went_on, [])
            for task in tasks:
                for wait in (task.join, task.get):
                    with self.assertRaises(RuntimeError):
                        wait()
                task.kill()
                self.assertTrue(task.join())

        tasks = [green.spawn(sleep)]
        wait_for(lambda: 'waiting' in repr(tasks[0]))
        tasks.append(green.spawn(begin))
        self.fork(child)
        self.assertEqual(green.joinall(tasks, PATIENCE), tasks)
        self.assertEqual(went_on, [True, True])

    def test_in_a_task(self):
        """What forked goes on in the child, and so does who waits for it outside of tasks."""
        rep = self.socket(Zmq.SocketType.REP)
        serving = green.spawn(self.serve, rep)
        endpoint = rep.get_property('last-endpoint')
        served = []

        def fork():
            pid = os.fork()
            if pid == 0:
                signal.alarm(PATIENCE)
                served.append(ask(endpoint, 'from the task'))
            return pid

        pid = green.run(fork)
        if pid == 0:
            served.append(green.run(ask, endpoint, 'from outside'))
            os._exit(0 if served == [[b'from the task'], [b'from outside']] else 1)
        exited = []
        GLib.child_watch_add(GLib.PRIORITY_DEFAULT, pid, lambda _pid, status: exited.append(status))
        wait_for(lambda: exited)
        self.assertEqual(exited, [0])
        serving.kill()
        serving.join(PATIENCE)

    def test_multiprocessing(self):
        rep = self.socket(Zmq.SocketType.REP)
        serving = green.spawn(self.serve, rep)
        endpoint = rep.get_property('last-endpoint')

        def start_children():
            fork = multiprocessing.get_context('fork')
            children = [fork.Process(target=ask_and_exit, args=(endpoint,)) for _ in range(3)]
            poller = green.Poller()
            for child in children:
                child.start()
                poller.register(child.sentinel, IN)
            while any(child.is_alive() for child in children):
                poller.poll(1000)
            return [child.exitcode for child in children]

        self.assertEqual(green.spawn(start_children).get(PATIENCE), [0, 0, 0])
        serving.kill()
        serving.join(PATIENCE)


# a program that says “go” when its main loop runs
PROGRAM = '''
import signal, sys
import gi
gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq
from zmqglib import green

pull = green.Socket(socket_type=Zmq.SocketType.PULL)
pull.bind('inproc://interrupted')
push = green.Socket(socket_type=Zmq.SocketType.PUSH)
push.connect_to('inproc://interrupted')

def go():
    print('go', flush=True)
'''


class Signals(Case):
    def interrupt(self, code, *signals):
        """Sends the signals to a program, each after a “go”, and returns what else it prints."""
        printed = []
        with subprocess.Popen([sys.executable, '-c', PROGRAM + textwrap.dedent(code)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            for number in signals or [signal.SIGINT]:
                for line in iter(process.stdout.readline, 'go\n'):
                    self.assertNotEqual(line, '', process.poll())
                    printed.append(line)
                process.send_signal(number)
            try:
                output, errors = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        self.assertEqual(errors, '')
        return ''.join(printed + [output]).split()

    def test_run(self):
        """It is raised in the task, which tidies up, and then by run()."""
        self.assertEqual(self.interrupt('''
            def wait():
                GLib.idle_add(go)
                try:
                    pull.receive()
                finally:
                    green.sleep(0.001)
                    print('tidy')
            try:
                green.run(wait)
            except KeyboardInterrupt:
                print('interrupted')
            '''), ['tidy', 'interrupted'])

    def test_handled(self):
        self.assertEqual(self.interrupt('''
            def wait():
                GLib.idle_add(go)
                try:
                    pull.receive()
                except KeyboardInterrupt:
                    return 'handled'
            print(green.run(wait))
            '''), ['handled'])

    def test_twice(self):
        """Who does not end is left behind the second time."""
        self.assertEqual(self.interrupt('''
            def wait():
                GLib.idle_add(go)
                try:
                    pull.receive()
                except KeyboardInterrupt:
                    GLib.idle_add(go)
                    pull.receive()
            try:
                green.run(wait)
            except KeyboardInterrupt:
                print('interrupted')
            ''', signal.SIGINT, signal.SIGINT), ['interrupted'])

    def test_busy_task(self):
        self.assertEqual(self.interrupt('''
            def work():
                green.sleep(0.001)
                go()
                while True:
                    pass
            try:
                green.run(work)
            except KeyboardInterrupt:
                print('interrupted')
            '''), ['interrupted'])

    def test_another_task_is_busy(self):
        self.assertEqual(self.interrupt('''
            def work():
                green.sleep(0.001)
                go()
                while True:
                    pass
            green.spawn(work)
            try:
                green.run(pull.receive)
            except KeyboardInterrupt:
                print('interrupted')
            '''), ['interrupted'])

    def test_outside_of_tasks(self):
        """A task that waits goes on when the main loop runs again."""
        self.assertEqual(self.interrupt('''
            task = green.spawn(pull.receive)
            for wait in (lambda: green.sleep(1000), task.get, lambda: pull.wait(GLib.IOCondition.IN)):
                GLib.idle_add(go)
                try:
                    wait()
                except KeyboardInterrupt:
                    print('interrupted')
            push.send('received')
            print(task.get().get_string(0))
            print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
            ''', *[signal.SIGINT] * 3), ['interrupted'] * 3 + ['received', 'True'])

    def test_in_a_callback_of_another_loop(self):
        self.assertEqual(self.interrupt('''
            def receive():
                GLib.idle_add(go)
                try:
                    pull.receive()
                except KeyboardInterrupt:
                    print('inside')
            GLib.idle_add(receive)
            try:
                GLib.MainLoop().run()
            except KeyboardInterrupt:
                print('outside')
            '''), ['inside', 'outside'])

    def test_nested(self):
        self.assertEqual(self.interrupt('''
            def receive():
                GLib.idle_add(go)
                try:
                    pull.receive()
                except KeyboardInterrupt:
                    print('inside')
            GLib.idle_add(receive)
            try:
                green.sleep(1000)
            except KeyboardInterrupt:
                print('outside')
            '''), ['inside', 'outside'])

    def test_other_handlers(self):
        self.assertEqual(self.interrupt('''
            def on_signal(number, frame):
                push.try_send('received')
            signal.signal(signal.SIGUSR1, on_signal)
            signal.signal(signal.SIGINT, on_signal)
            for _ in range(2):
                GLib.idle_add(go)
                print(green.run(pull.receive).get_string(0))
            ''', signal.SIGUSR1, signal.SIGINT), ['received'] * 2)

    def test_handlers_of_glib(self):
        self.assertEqual(self.interrupt('''
            def on_signal():
                push.send('received')
                return GLib.SOURCE_REMOVE
            try:
                gi.require_version('GLibUnix', '2.0')
                from gi.repository import GLibUnix
                add = GLibUnix.signal_add
            except (ValueError, AttributeError):
                add = GLib.unix_signal_add
            add(GLib.PRIORITY_DEFAULT, signal.SIGINT, on_signal)
            GLib.idle_add(go)
            print(green.run(pull.receive).get_string(0))
            '''), ['received'])

    def test_again_and_again(self):
        """Wherever it comes in what a task does, it comes to the task, and its socket stays usable."""
        self.assertEqual(self.interrupt('''
            def receive():
                green.spawn(go)
                while True:
                    push.send('x')
                    pull.receive()
            for _ in range(10):
                try:
                    green.run(receive)
                except KeyboardInterrupt:
                    print('interrupted')
            while True:
                try:
                    pull.try_receive()
                except GLib.Error:
                    break
            push.send('received')
            print(green.run(pull.receive).get_string(0))
            ''', *[signal.SIGINT] * 10), ['interrupted'] * 10 + ['received'])


class Exceptions(Green):
    def test_shown_once(self):
        task = green.spawn(lambda: 1 / 0)
        self.assertTrue(task.join(PATIENCE))
        self.assertEqual(len(self.raised), 1)
        self.assertIn('ZeroDivisionError', self.raised.pop())
        for _ in range(2):
            self.assertTrue(task.join())
            with self.assertRaises(ZeroDivisionError):
                task.get()
        self.assertEqual(self.raised, [])

    def test_not_shown_to_who_gets_it(self):
        task = green.spawn(lambda: 1 / 0)
        with self.assertRaises(ZeroDivisionError):
            task.get(PATIENCE)
        self.assertEqual(self.raised, [])

    def test_shown_when_who_gets_it_is_killed(self):
        def fail():
            green.sleep(0)
            getting.kill()
            1 / 0

        task = green.spawn(fail)
        getting = green.spawn(task.get)
        getting.join(PATIENCE)
        self.assertEqual(len(self.raised), 1)
        self.assertIn('ZeroDivisionError', self.raised.pop())

    def test_interrupt_in_a_task(self):
        """Nobody gets it, but it ends who runs the main loop."""
        def interrupt():
            raise KeyboardInterrupt

        green.spawn(interrupt)
        with self.assertRaises(KeyboardInterrupt):
            green.run(green.sleep, PATIENCE)


main()
