#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pool of workers, each a coroutine with a DEALER of its own, around a ROUTER."""

import asyncio
from collections import deque

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402
from zmqglib import aio  # noqa: E402

N_WORKERS = 3
TASKS = range(1, 13)


async def work(endpoint):
    with Zmq.Socket(Zmq.SocketType.DEALER, linger=0) as socket:
        socket.connect(endpoint)
        await socket.send_async('ready')
        while (task := (await socket.receive_async())[0]) != b'stop':
            number = int(task)
            await asyncio.sleep((1 + number % 5) / 1000)
            await socket.send_async(str(number * number))


async def get_ready(router):
    """The names of the workers, once all have said that they are ready."""
    return deque([(await router.receive_async())[0] for _ in range(N_WORKERS)])


async def distribute(router, idle):
    """Gives each task to the worker that has been ready for longest."""
    results, took_part = [], set()
    tasks = deque(TASKS)
    while len(results) < len(TASKS):
        while tasks and idle:
            await router.send_async([idle.popleft(), str(tasks.popleft())])
        worker, result = await router.receive_async()
        results.append(int(result))
        took_part.add(worker)
        idle.append(worker)
    return results, took_part


async def main():
    with Zmq.Socket(Zmq.SocketType.ROUTER, linger=0) as router:
        router.bind('tcp://127.0.0.1:*')
        workers = [asyncio.ensure_future(work(router.last_endpoint)) for _ in range(N_WORKERS)]
        idle = await get_ready(router)
        print(len(idle), 'workers are ready')

        results, took_part = await distribute(router, idle)
        print(*sorted(results))
        print('the sum is', sum(results))
        if len(took_part) == N_WORKERS:
            print('all', N_WORKERS, 'workers took part')

        for worker in idle:
            await router.send_async([worker, 'stop'])
        await asyncio.gather(*workers)
        print(len(workers), 'workers have stopped')


aio.run(main())
