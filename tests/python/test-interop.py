# SPDX-License-Identifier: LGPL-2.1-or-later
"""Both directions between ours and pyzmq's event loops, each in a process of its own."""

import os
import subprocess
import sys

from support import Case, main, wait_for
from gi.repository import Zmq

N_MESSAGES = 1000
PEER = os.path.join(os.path.dirname(__file__), 'interop-peer.py')


class Interop(Case):
    def converse(self, style):
        socket = self.bound(Zmq.SocketType.DEALER)
        stream = Zmq.Stream(socket)
        received = []
        stream.connect('received', lambda stream, message: received.append(list(message)))
        endpoint = socket.last_endpoint
        with subprocess.Popen([sys.executable, PEER, style, endpoint]) as peer:
            wait_for(lambda: received == [[b'hello']])
            received.clear()
            large = os.urandom(100_000)
            for i in range(N_MESSAGES):
                stream.send([b'', str(i), large if i % 100 == 0 else b'small'])
            stream.send('end')
            wait_for(lambda: len(received) == N_MESSAGES + 1)
            self.assertEqual(peer.wait(), 0)
        for i, frames in enumerate(received[:-1]):
            number = str(i).encode()
            self.assertEqual(frames, [number, b'', number, large if i % 100 == 0 else b'small'])
        self.assertEqual(received[-1], [str(N_MESSAGES).encode(), b'end'])
        stream.close()

    def test_asyncio(self):
        self.converse('asyncio')

    def test_zmqstream(self):
        try:
            import tornado  # noqa: F401
        except ImportError:
            self.skipTest('there is no tornado')
        self.converse('zmqstream')


if __name__ == '__main__':
    main()
