#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pool of threads that work for a main loop: primes are counted, a thousand numbers a job."""

import threading

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

N_WORKERS = 4
N_JOBS = 20
STEP = 1000


def count_primes(first):
    numbers = range(max(first, 2), first + STEP)
    return sum(all(n % divisor for divisor in range(2, int(n**0.5) + 1)) for n in numbers)


def work(context, on_failed):
    """In a thread, with sockets of its own, and calls that block."""
    try:
        # one job at a time, so that the next one goes to who has time
        with Zmq.Socket(Zmq.SocketType.PULL, context=context, receive_high_water_mark=1) as jobs, \
                Zmq.Socket(Zmq.SocketType.PUSH, context=context) as results:
            jobs.connect('inproc://jobs')
            results.connect('inproc://results')
            while True:
                job = jobs.receive()
                results.send(str(count_primes(int(job[0]))))
    except Zmq.TerminatedError:
        # the end, which may have come before the thread has begun
        pass
    except Exception as error:
        # who waits for the result would wait for ever
        GLib.idle_add(on_failed, error)


class Pool:
    def __init__(self, on_done):
        self.on_done = on_done
        self.counts = []
        self.error = None
        # of its own, so that its end is that of the threads
        self.context = Zmq.Context()
        self.jobs = self.open(Zmq.SocketType.PUSH, 'inproc://jobs', send_high_water_mark=1)
        self.results = self.open(Zmq.SocketType.PULL, 'inproc://results')
        self.results.connect('received', self.on_result)
        self.threads = [threading.Thread(target=work, args=(self.context, self.on_failed)) for _ in range(N_WORKERS)]
        for thread in self.threads:
            thread.start()
        for i in range(N_JOBS):
            self.jobs.send(str(i * STEP))

    def open(self, socket_type, endpoint, **options):
        socket = Zmq.Socket(socket_type, context=self.context, **options)
        socket.bind(endpoint)
        return Zmq.Stream(socket)

    def on_result(self, _stream, message):
        self.counts.append(int(message[0]))
        if len(self.counts) == N_JOBS:
            self.on_done()

    def on_failed(self, error):
        self.error = error
        self.on_done()
        return GLib.SOURCE_REMOVE

    def close(self):
        self.jobs.close()
        self.results.close()
        self.context.terminate()
        for thread in self.threads:
            thread.join()
        if self.error is not None:
            raise self.error


loop = GLib.MainLoop()
pool = Pool(loop.quit)
try:
    loop.run()
finally:
    # also by Ctrl-C: Python waits for threads
    pool.close()
print(sum(pool.counts), 'primes below', N_JOBS * STEP)
print('all threads have ended')
