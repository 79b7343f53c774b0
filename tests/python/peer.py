# SPDX-License-Identifier: LGPL-2.1-or-later

"""A peer that is not ours: connects to the endpoint with a pyzmq socket.

peer.py echo ENDPOINT       a DEALER that returns each message, until one says “quit”
peer.py patterns ENDPOINT   a DEALER that sends messages of awkward shapes, then waits for “quit”
peer.py request ENDPOINT N  a REQ that sends the numbers below N and checks the replies
peer.py subscribe ENDPOINT PREFIX_HEX N
                            a SUB that reports N publications to standard output, in hex
"""

import sys

import zmq

TIMEOUT_MS = 20000


def connect(context, socket_type, endpoint):
    socket = context.socket(socket_type)
    socket.setsockopt(zmq.RCVTIMEO, TIMEOUT_MS)
    socket.setsockopt(zmq.SNDTIMEO, TIMEOUT_MS)
    socket.setsockopt(zmq.LINGER, TIMEOUT_MS)
    if socket_type != zmq.SUB:
        socket.connect(endpoint)
    return socket


def echo(context, endpoint):
    socket = connect(context, zmq.DEALER, endpoint)
    while True:
        frames = socket.recv_multipart(copy=False)
        if frames[0].bytes == b"quit":
            break
        socket.send_multipart(frames, copy=False)


def patterns(context, endpoint):
    socket = connect(context, zmq.DEALER, endpoint)
    socket.send_multipart([b""])
    socket.send_multipart([b"", b"", b""])
    socket.send_multipart([b"a", b"", b"\0\xff\0", "ä“”".encode()])
    socket.send_multipart([bytes([i]) * i for i in range(256)])
    assert socket.recv() == b"quit"


def request(context, endpoint, number):
    socket = connect(context, zmq.REQ, endpoint)
    for i in range(int(number)):
        socket.send_string(str(i))
        assert socket.recv_multipart() == [b"reply", str(i).encode()]


def subscribe(context, endpoint, prefix, number):
    socket = connect(context, zmq.SUB, endpoint)
    socket.setsockopt(zmq.SUBSCRIBE, bytes.fromhex(prefix))
    socket.connect(endpoint)
    for _ in range(int(number)):
        print(socket.recv().hex(), flush=True)


def main():
    context = zmq.Context()
    commands = {command.__name__: command for command in (echo, patterns, request, subscribe)}
    commands[sys.argv[1]](context, *sys.argv[2:])
    context.destroy()


if __name__ == "__main__":
    main()
