# SPDX-License-Identifier: LGPL-2.1-or-later
"""What type checkers have to complain of, and what they must not. It is never run."""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402


async def check_calls(socket: Zmq.Socket, stream: Zmq.Stream, message: Zmq.Message) -> None:
    socket.bind('tcp://127.0.0.1:*')
    socket.bind(5555)  # wrong
    socket.connect('tcp://127.0.0.1:5555')
    socket.connect('notify', print)
    socket.connect(5555)  # wrong
    stream.send(['a', b'b'])
    first: bytes = message[0]
    text: str = message[0]  # wrong
    received: Zmq.Message = await socket.receive_async()
    print(first, text, received)


async def check_iteration(stream: Zmq.Stream) -> None:
    async for message in stream:
        message.get_string('0')  # wrong
        message.get_string(0).upper()


def check_properties(socket: Zmq.Socket) -> None:
    socket.linger = 0
    socket.linger = 'for ever'  # wrong
    socket.last_endpoint = 'tcp://127.0.0.1:5555'  # wrong
    print(socket.last_endpoint.upper())


def check_errors(error: GLib.Error) -> bool:
    Zmq.Sokcet()  # wrong
    try:
        Zmq.Socket(socket_type=Zmq.SocketType.REQ)
    except Zmq.AgainError as again:
        print(again)
    return error.matches(Zmq.error_quark(), Zmq.Error.AGAIN)
