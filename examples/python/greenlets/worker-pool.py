#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pool that gives tasks out to workers, each to the one that has been ready for longest."""

from collections import deque

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402
from zmqglib import green  # noqa: E402

N_WORKERS = 3
NUMBERS = range(1, 13)


def work(name, endpoint):
    """A worker: says that it is ready, and then squares the numbers that it is given."""
    with green.Socket(Zmq.SocketType.DEALER) as socket:
        socket.connect(endpoint)
        socket.send('ready')
        while (text := socket.receive().get_string(0)) != 'stop':
            number = int(text)
            green.sleep((1 + (number + name) % 5) / 1000)
            socket.send([text, str(number * number)])


def receive(pool):
    """What a worker sends: who it is, and its frames."""
    message = pool.receive()
    worker = message.pop_frame().get_data()
    return worker, [message.get_string(i) for i in range(message.get_n_frames())]


def wait_for_workers(pool):
    ready = deque()
    while len(ready) < N_WORKERS:
        worker, _frames = receive(pool)
        ready.append(worker)
    print(len(ready), 'workers are ready')
    return ready


def give_out(pool, ready):
    """Returns the squares by their numbers, and who took part."""
    squares = {}
    workers = set()
    to_do = deque(NUMBERS)

    while len(squares) < len(NUMBERS):
        while to_do and ready:
            pool.send([ready.popleft(), str(to_do.popleft())])

        worker, (number, square) = receive(pool)
        squares[int(number)] = int(square)
        workers.add(worker)
        # an answer says, too, that its worker is ready again
        ready.append(worker)

    return squares, workers


def main():
    with green.Socket(Zmq.SocketType.ROUTER) as pool:
        pool.bind('tcp://127.0.0.1:*')
        endpoint = pool.get_property('last-endpoint')
        tasks = [green.spawn(work, name, endpoint) for name in range(N_WORKERS)]

        ready = wait_for_workers(pool)
        squares, workers = give_out(pool, ready)
        print(*[squares[number] for number in NUMBERS])
        print('the sum is', sum(squares.values()))
        print(f'all {len(workers)} workers took part')

        for worker in ready:
            pool.send([worker, 'stop'])
        print(len(green.joinall(tasks)), 'workers have stopped')


if __name__ == '__main__':
    green.run(main)
