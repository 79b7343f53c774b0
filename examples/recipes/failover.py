#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client that asks again, and asks another server when the first one does not answer.

Both servers are made by the program itself: each answers once, and then no more, as if it hung.
"""

import asyncio

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import Zmq  # noqa: E402
from zmqglib import aio  # noqa: E402

TIMEOUT_US = 1_000_000  # of one try


def serve(name, n_answers):
    server = Zmq.Server()
    n_answered = 0

    def on_request(_server, request):
        nonlocal n_answered
        if n_answered < n_answers:
            request.reply([name, *request.get_message()])
            n_answered += 1

    server.connect('request', on_request)
    server.bind('tcp://127.0.0.1:*')
    return server


async def ask(client, question):
    try:
        name, text = await client.request_async(question)
        print(f'{name.decode()} answers: {text.decode()}')
    except Zmq.AgainError:
        print(f'nobody answers: {question}')


async def main():
    first, second = serve('first', 1), serve('second', 1)
    with Zmq.Client(timeout_us=TIMEOUT_US, max_tries=2, strategy=Zmq.ClientStrategy.FAILOVER) as client:
        client.connect(first.last_endpoint)
        client.connect(second.last_endpoint)
        for question in 'one', 'two', 'three':
            await ask(client, question)
    first.close()
    second.close()


aio.run(main())
