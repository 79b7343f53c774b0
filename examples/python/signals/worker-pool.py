#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pool of workers, each with the stream of a DEALER, around the stream of a ROUTER."""

from collections import deque

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

N_WORKERS = 3
TASKS = range(1, 13)


class Worker:
    def __init__(self, endpoint, on_stopped):
        socket = Zmq.Socket(Zmq.SocketType.DEALER, linger=0)
        socket.connect(endpoint)
        self.stream = Zmq.Stream(socket)
        self.stream.connect('received', self.on_received)
        self.stream.connect('closed', on_stopped)
        self.stream.send('ready')

    def on_received(self, stream, message):
        if message[0] == b'stop':
            stream.close()
            return
        number = int(message[0])
        GLib.timeout_add(1 + number % 5, self.on_done, number)

    def on_done(self, number):
        self.stream.send(str(number * number))
        return GLib.SOURCE_REMOVE


class Pool:
    """Gives each task to the worker that has been ready for longest."""

    def __init__(self, on_stopped):
        self.tasks = deque(TASKS)
        self.idle = deque()
        self.results = []
        self.took_part = set()
        self.n_stopped = 0
        self.on_stopped = on_stopped

        socket = Zmq.Socket(Zmq.SocketType.ROUTER, linger=0)
        socket.bind('tcp://127.0.0.1:*')
        self.stream = Zmq.Stream(socket)
        self.stream.connect('received', self.on_received)
        self.workers = [Worker(socket.last_endpoint, self.on_worker_stopped) for _ in range(N_WORKERS)]

    def on_received(self, _stream, message):
        worker, text = message
        self.idle.append(worker)
        if text == b'ready':
            if len(self.idle) == N_WORKERS:
                print(N_WORKERS, 'workers are ready')
                self.give_tasks()
            return

        self.results.append(int(text))
        self.took_part.add(worker)
        self.give_tasks()
        if len(self.results) == len(TASKS):
            self.end()

    def give_tasks(self):
        while self.tasks and self.idle:
            self.stream.send([self.idle.popleft(), str(self.tasks.popleft())])

    def end(self):
        print(*sorted(self.results))
        print('the sum is', sum(self.results))
        if len(self.took_part) == N_WORKERS:
            print('all', N_WORKERS, 'workers took part')
        for worker in self.idle:
            self.stream.send([worker, 'stop'])

    def on_worker_stopped(self, _stream, _error):
        self.n_stopped += 1
        if self.n_stopped == N_WORKERS:
            print(N_WORKERS, 'workers have stopped')
            self.stream.close()
            self.on_stopped()


loop = GLib.MainLoop()
pool = Pool(loop.quit)
loop.run()
