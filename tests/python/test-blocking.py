# SPDX-License-Identifier: LGPL-2.1-or-later
"""What blocks gives way to signals: a handler runs at once, and what it raises ends the call."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time

from support import PATIENCE, Case, main
from gi.repository import Gio, GLib, Zmq

# each with what a signal's handler could be needed for
CALLS = {
    'receive': 'pull.receive()',
    'send': 'push.send(b"x")',
    'wait': 'pull.wait(GLib.IOCondition.IN)',
    'poller': 'poller.wait()',
    'tracker': 'tracker.wait()',
    'terminate': 'context.terminate()',
}

PROGRAM = '''
import os, signal, threading, time
import gi
gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq

context = Zmq.Context()
pull = Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=context)
pull.bind('inproc://nothing')
push = Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=context)
poller = Zmq.Poller.new()
poller.add_socket(pull, GLib.IOCondition.IN, lambda *args: None)
message = Zmq.Message(GLib.Bytes.new(b'x' * 100000))
tracker = message.track()
if {terminates}:
    pull.close()
    push.connect('tcp://127.0.0.1:1')
    push.linger = -1
    push.send(b'never leaves')
    push.close()

handled = []
# whoever started the tests may ignore it
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGUSR1, lambda *args: (handled.append(1), print('handled', flush=True)))


def kill():
    # what is blocked can't be asked; the other handler shows that it goes on afterwards
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGUSR1)
    while not handled:
        time.sleep(0.01)
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)


threading.Thread(target=kill, daemon=True).start()
try:
    {call}
    print('returned', flush=True)
except KeyboardInterrupt:
    print('interrupted', flush=True)
os._exit(0)
'''


class Blocking(Case):
    def interrupt(self, name):
        program = PROGRAM.format(call=CALLS[name], terminates=name == 'terminate')
        result = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((result.stdout, result.stderr), ('handled\ninterrupted\n', ''))

    def test_what_is_there_is_received(self):
        push, pull = self.pipe('inproc://there')
        threading.Timer(0.05, push.send, ['later']).start()
        self.assertEqual(list(pull.receive()), [b'later'])

    def test_time_limits_hold(self):
        push, pull = self.pipe('inproc://limits')
        pull.receive_timeout = 20
        began = time.monotonic()
        self.assertRaises(Zmq.AgainError, pull.receive)
        self.assertRaises(Zmq.AgainError, pull.wait, GLib.IOCondition.IN, 20000)
        poller = Zmq.Poller.new()
        poller.add_socket(pull, GLib.IOCondition.IN, lambda *_args: None)
        self.assertEqual(poller.wait(20000), 0)
        message = Zmq.Message(GLib.Bytes.new(b'x' * 100000))
        tracker = message.track()
        self.assertRaises(Zmq.AgainError, tracker.wait, 20000)
        self.assertGreater(time.monotonic() - began, 0.075)
        lonely = Zmq.Socket(socket_type=Zmq.SocketType.PUSH, context=self.context, send_timeout=20)
        self.assertRaises(Zmq.AgainError, lonely.send, 'x')

    def test_cancellables_hold(self):
        _push, pull = self.pipe('inproc://cancellables')
        poller = Zmq.Poller.new()
        poller.add_socket(pull, GLib.IOCondition.IN, lambda *_args: None)
        message = Zmq.Message(GLib.Bytes.new(b'x' * 100000))
        tracker = message.track()
        for call in (pull.receive, lambda cancellable: pull.wait(GLib.IOCondition.IN, -1, cancellable),
                     lambda cancellable: poller.wait(-1, cancellable),
                     lambda cancellable: tracker.wait(-1, cancellable)):
            for delay in (None, 0.05):
                cancellable = Gio.Cancellable()
                if delay is None:
                    cancellable.cancel()
                else:
                    threading.Timer(delay, cancellable.cancel).start()
                with self.assertRaises(GLib.Error) as caught:
                    call(cancellable)
                self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_an_empty_poller_does_not_wait_for_ever(self):
        poller = Zmq.Poller.new()
        self.assertRaises(Zmq.InvalidArgumentError, poller.wait)
        _push, pull = self.pipe('inproc://empty')
        poller.add_socket(pull, GLib.IOCondition.IN, lambda *_args: None)
        poller.remove_socket(pull)
        self.assertRaises(Zmq.InvalidArgumentError, poller.wait)

    def test_a_poller_calls_and_counts_what_is_ready(self):
        push, pull = self.pipe('inproc://ready')
        calls = []
        poller = Zmq.Poller.new()
        poller.add_socket(pull, GLib.IOCondition.IN, lambda *_args: calls.append(pull.try_receive()[0]))
        threading.Timer(0.05, push.send, ['x']).start()
        self.assertEqual(poller.wait(), 1)
        self.assertEqual(calls, [b'x'])

    def test_a_poller_may_be_waited_for_in_its_function(self):
        push, pull = self.pipe('inproc://nested')
        other_push, other_pull = self.pipe('inproc://nested-other')
        calls = []
        poller = Zmq.Poller.new()

        def on_ready(*_args):
            calls.append(pull.try_receive()[0])
            calls.append(poller.wait(1000))
            threading.Timer(0.05, other_push.send, ['2']).start()
            calls.append(poller.wait())

        poller.add_socket(pull, GLib.IOCondition.IN, on_ready)
        poller.add_socket(other_pull, GLib.IOCondition.IN, lambda *_args: calls.append(other_pull.try_receive()[0]))
        threading.Timer(0.05, push.send, ['1']).start()
        self.assertEqual(poller.wait(), 1)
        self.assertEqual(calls, [b'1', 0, b'2', 1])
        self.assertEqual(poller.wait(1000), 0)

    def test_a_socket_closed_elsewhere_ends_the_call(self):
        _push, pull = self.pipe('inproc://closed')
        threading.Timer(0.05, pull.close).start()
        self.assertRaises(Zmq.ClosedError, pull.receive)

    def test_the_wake_up_descriptor_of_others_is_told(self):
        _push, pull = self.pipe('inproc://others')
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        before = signal.set_wakeup_fd(writer)
        handler = signal.signal(signal.SIGUSR1, lambda *_args: None)
        try:
            threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGUSR1]).start()
            self.assertRaises(Zmq.AgainError, pull.wait, GLib.IOCondition.IN, 300000)
            self.assertEqual(os.read(reader, 10), bytes([signal.SIGUSR1]))
        finally:
            self.assertEqual(signal.set_wakeup_fd(before), writer)
            signal.signal(signal.SIGUSR1, handler)
            os.close(reader)
            os.close(writer)

    def test_other_threads_block_as_in_c(self):
        push, pull = self.pipe('inproc://threads')
        result = []
        thread = threading.Thread(target=lambda: result.append(list(pull.receive())))
        thread.start()
        push.send('x')
        thread.join(PATIENCE)
        self.assertEqual(result, [[b'x']])

    def test_a_child_waits_for_itself(self):
        _push, pull = self.pipe('inproc://parent')
        self.assertRaises(Zmq.AgainError, pull.wait, GLib.IOCondition.IN, 1000)
        pid = os.fork()
        if pid == 0:
            context = Zmq.Context()
            own = Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=context, receive_timeout=20, linger=0)
            try:
                own.receive()
            except Zmq.AgainError:
                os._exit(0)
            finally:
                os._exit(1)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)

    def test_who_was_interrupted_leaves_nothing_behind(self):
        push, pull = self.pipe('inproc://often')
        poller = Zmq.Poller.new()
        poller.add_socket(pull, GLib.IOCondition.IN, lambda *_args: None)
        tracker = self.keep_tracked()

        class Stop(Exception):
            pass

        def stop(*_args):
            raise Stop

        handler = signal.signal(signal.SIGALRM, stop)
        calls = (pull.receive, lambda: pull.wait(GLib.IOCondition.IN), poller.wait, tracker.wait)
        try:
            for i in range(200):
                with self.assertRaises(Stop):
                    signal.setitimer(signal.ITIMER_REAL, (1 + i % 50) / 20000)
                    calls[i % len(calls)]()
        finally:
            signal.signal(signal.SIGALRM, handler)

        # nothing is ready, nor taken for what it is not
        began = time.process_time()
        self.assertRaises(Zmq.AgainError, pull.wait, GLib.IOCondition.IN, 300000)
        self.assertEqual(poller.wait(300000), 0)
        self.assertLess(time.process_time() - began, 0.2)
        push.send('x')
        self.assertEqual(poller.wait(), 1)
        self.assertEqual(list(pull.receive()), [b'x'])

    def test_a_signal_in_a_function_of_a_poller_is_not_the_poller_s(self):
        push, pull = self.pipe('inproc://function')
        poller = Zmq.Poller.new()
        handled = []

        def on_ready(*_args):
            pull.receive()
            os.kill(os.getpid(), signal.SIGUSR1)

        poller.add_socket(pull, GLib.IOCondition.IN, on_ready)
        handler = signal.signal(signal.SIGUSR1, lambda *_args: handled.append(True))
        timer = threading.Timer(0.05, push.send, ('x',))
        timer.start()
        try:
            self.assertEqual(poller.wait(), 1)
        finally:
            timer.join()
            signal.signal(signal.SIGUSR1, handler)
        self.assertEqual(handled, [True])

    def test_an_emptied_poller_does_not_wait_for_ever(self):
        for i, end in enumerate((Zmq.Socket.close, lambda _socket: self.context.shutdown())):
            _push, pull = self.pipe(f'inproc://emptied-{i}')
            poller = Zmq.Poller.new()
            poller.add_socket(pull, GLib.IOCondition.IN, lambda *_args: None)
            end(pull)
            self.assertEqual(poller.wait(), 1)
            self.assertRaises(Zmq.InvalidArgumentError, poller.wait)

    def test_what_has_no_function_ends_a_wait(self):
        push, pull = self.pipe('inproc://none')
        poller = Zmq.Poller.new()
        poller.add_socket(pull, GLib.IOCondition.IN, None)
        push.send('x')
        self.assertEqual(poller.wait(), 0)

    def keep_tracked(self):
        self.message = Zmq.Message(GLib.Bytes.new(b'x' * 100000))
        return self.message.track()

    def test_without_descriptors_it_blocks_as_in_c(self):
        _push, pull = self.pipe('inproc://descriptors')
        pull.receive_timeout = 20
        poller = Zmq.Poller.new()
        poller.add_socket(pull, GLib.IOCondition.IN, lambda *_args: None)
        tracker = self.keep_tracked()
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        pid = os.getpid()
        taken = []
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir(f'/proc/{pid}/fd')) + 20, limits[1]))
            with self.assertRaises(OSError):
                while True:
                    taken.append(os.open('/dev/null', os.O_RDONLY))
            for call in (pull.receive, lambda: pull.wait(GLib.IOCondition.IN, 20000), lambda: tracker.wait(20000)):
                self.assertRaises(Zmq.AgainError, call)
            self.assertEqual(poller.wait(20000), 0)
        finally:
            for fd in taken:
                os.close(fd)
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    def test_a_huge_limit_is_one(self):
        push, pull = self.pipe('inproc://huge')
        poller = Zmq.Poller.new()
        poller.add_socket(pull, GLib.IOCondition.IN, lambda *_args: None)
        tracker = self.keep_tracked()
        for call in (lambda: pull.wait(GLib.IOCondition.IN, GLib.MAXINT64), lambda: poller.wait(GLib.MAXINT64)):
            timer = threading.Timer(0.05, push.send, ('x',))
            timer.start()
            self.assertTrue(call())
            timer.join()
            pull.receive()
        timer = threading.Timer(0.05, delattr, (self, 'message'))
        timer.start()
        self.assertTrue(tracker.wait(GLib.MAXINT64))
        timer.join()

    def test_terminate(self):
        context = Zmq.Context()
        socket = Zmq.Socket(socket_type=Zmq.SocketType.PULL, context=context)
        self.assertRaises(Zmq.WrongStateError, context.terminate)
        socket.close()
        self.assertTrue(context.terminate())
        self.assertTrue(context.terminate())


for _name in CALLS:
    setattr(Blocking, f'test_ctrl_c_ends_{_name}', lambda self, name=_name: self.interrupt(name))


if __name__ == '__main__':
    main()
