#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An echo service and its client, with timeouts and cancellation, as coroutines.

The service leaves the request "silence" unanswered.
"""

import asyncio

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402
from zmqglib import aio  # noqa: E402

# where no server is
NOBODY = 'tcp://127.0.0.1:1'
TIMEOUT_MS = 100


async def serve(router, counts):
    while True:
        peer, request = await router.receive_async()
        counts['requests'] += 1
        if request != b'silence':
            counts['answers'] += 1
            await router.send_async([peer, request])


async def ask(client, request):
    await client.send_async(request)
    answer = await client.receive_async()
    return answer[0].decode()


async def ask_nobody():
    """A request to an absent server is dropped after a while."""
    with Zmq.Socket(Zmq.SocketType.DEALER, linger=0, immediate=True, send_timeout=TIMEOUT_MS) as client:
        client.connect(NOBODY)
        try:
            await client.send_async('anybody there?')
        except Zmq.AgainError:
            print('dropped: anybody there?')


async def run_client(client):
    print('echo:', await ask(client, 'hello'))

    try:
        await asyncio.wait_for(ask(client, 'silence'), TIMEOUT_MS / 1000)
    except asyncio.TimeoutError:
        print('timed out: silence')

    asking = asyncio.ensure_future(ask(client, 'silence'))
    asyncio.get_running_loop().call_later(0.05, asking.cancel)
    try:
        await asking
    except asyncio.CancelledError:
        print('cancelled: silence')

    print('echo:', await ask(client, 'goodbye'))
    await ask_nobody()


async def main():
    counts = {'requests': 0, 'answers': 0}
    with Zmq.Socket(Zmq.SocketType.ROUTER, linger=0) as router, \
            Zmq.Socket(Zmq.SocketType.DEALER, linger=0) as client:
        router.bind('tcp://127.0.0.1:*')
        client.connect(router.last_endpoint)
        service = asyncio.ensure_future(serve(router, counts))
        await run_client(client)
        service.cancel()
        await asyncio.wait([service])
    print(f'answered {counts["answers"]} of {counts["requests"]}')


aio.run(main())
