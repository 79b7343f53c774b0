# SPDX-License-Identifier: LGPL-2.1-or-later

"""A client that is not ours: asks a server with a pyzmq socket, and checks that it gets its own replies.

requester.py req ENDPOINT NAME N          a REQ, one request after the other
requester.py dealer ENDPOINT NAME N       a DEALER with an envelope, many under way
requester.py dealer-bare ENDPOINT NAME N  a DEALER that sends bodies and nothing else, many under way
requester.py router ENDPOINT NAME N       a ROUTER that connects by an id, many under way

A request is “NAME”, a number; its reply “to”, “NAME” and that number.
"""

import sys

import zmq

TIMEOUT_MS = 20000
N_UNDER_WAY = 20
SERVER = b'the server'

TYPES = {'req': zmq.REQ, 'dealer': zmq.DEALER, 'dealer-bare': zmq.DEALER, 'router': zmq.ROUTER}


def connect(kind, endpoint, name):
    socket = zmq.Context().socket(TYPES[kind])
    socket.rcvtimeo = socket.sndtimeo = TIMEOUT_MS
    socket.linger = 0
    if kind == 'router':
        socket.routing_id = name
        socket.connect_routing_id = SERVER
        socket.router_mandatory = 1
    socket.connect(endpoint)
    return socket


def envelope(kind, number):
    return {
        'req': [],
        'dealer': [b'id %d' % number, b'a second one', b''],
        'dealer-bare': [],
        'router': [SERVER, b'id %d' % number, b''],
    }[kind]


def main(kind, endpoint, name, n):
    name = name.encode()
    socket = connect(kind, endpoint, name)
    n_under_way = 1 if kind == 'req' else N_UNDER_WAY
    waiting = set()
    next_number = 0
    while waiting or next_number < n:
        while next_number < n and len(waiting) < n_under_way:
            socket.send_multipart([*envelope(kind, next_number), name, b'%d' % next_number])
            waiting.add(next_number)
            next_number += 1
        reply = socket.recv_multipart()
        number = int(reply[-1])
        assert reply == [*envelope(kind, number), b'to', name, b'%d' % number], reply
        waiting.remove(number)


if __name__ == '__main__':
    main(*sys.argv[1:4], int(sys.argv[4]))
