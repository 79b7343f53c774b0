# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server of pyzmq's in a process of its own: replier.py TYPE ENDPOINT HOW.

It prints the endpoint that it is bound to, and answers with “re: ” in front of the last frame: “echo” at once,
“twice” two times, “reversed” when ten have come, from the last to the first; “silent” does not.
"""

import signal
import sys

import zmq


def answer(frames):
    return [*frames[:-1], b're: ' + frames[-1]]


def main(kind, endpoint, how):
    socket = zmq.Context().socket(getattr(zmq, kind))
    socket.bind(endpoint)
    print(socket.last_endpoint.decode(), flush=True)
    kept = []
    while True:
        frames = socket.recv_multipart()
        if how == 'silent':
            if kind == 'REP':
                # which has to answer before it hears of the next
                signal.pause()
            continue
        kept.append(frames)
        if how == 'reversed' and len(kept) < 10:
            continue
        while kept:
            frames = kept.pop()
            for _i in range(2 if how == 'twice' else 1):
                socket.send_multipart(answer(frames))


if __name__ == '__main__':
    main(*sys.argv[1:])
