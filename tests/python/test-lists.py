# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lists of what streams receive, and of who sends to them."""

import zmq

from support import Case, main, wait_for
from gi.repository import Zmq


class Lists(Case):
    def stream(self, socket_type):
        socket = Zmq.Socket(socket_type, self.context)
        socket.bind('tcp://127.0.0.1:*')
        stream = Zmq.Stream(socket)
        self.addCleanup(stream.close)
        return stream

    def test_feed(self):
        stream = self.stream(Zmq.SocketType.PULL)
        heard = []
        stream.connect('received', lambda _stream, message: heard.append(message[1]))
        feed = Zmq.Feed(stream, mode=Zmq.FeedMode.LATEST, interval_us=1000)
        push = self.peer(zmq.PUSH, stream.get_socket())
        for i in range(9):
            push.send_multipart([b'topic %d' % (i % 3), b'%d' % i])
        wait_for(lambda: len(feed) == 3 and all(item.n_updates == 3 for item in feed))
        self.assertEqual([(item.topic, item.message[1]) for item in feed],
                         [('topic 0', b'6'), ('topic 1', b'7'), ('topic 2', b'8')])
        self.assertEqual(feed.n_items, 3)
        self.assertEqual(len(heard), 9)
        self.assertIs(feed.stream, stream)

        notified = []
        item = feed[0]
        item.connect('notify::message', lambda item, _pspec: notified.append(item.message[1]))
        push.send_multipart([b'topic 0', b'new'])
        wait_for(lambda: notified == [b'new'])

        self.assertRaises(Zmq.WrongStateError, Zmq.Feed, stream)
        self.assertRaises(Zmq.InvalidArgumentError, Zmq.Feed)
        with feed:
            self.assertFalse(feed.is_closed())
        self.assertTrue(feed.is_closed())

    def test_peers(self):
        stream = self.stream(Zmq.SocketType.ROUTER)
        counts = []
        peers = Zmq.PeerList(stream)
        stream.connect('received', lambda _stream, message: counts.append(peers.lookup(message[0]).n_messages))
        peers.connect('appeared', lambda _list, peer: peer.set_object(Zmq.Context()))
        dealer = self.peer(zmq.DEALER, stream.get_socket())
        for _i in range(3):
            dealer.send(b'here I am')
        wait_for(lambda: counts == [1, 2, 3] and len(peers) == 1)
        self.assertEqual(peers[0].address, '127.0.0.1')
        self.assertIsInstance(peers[0].object, Zmq.Context)

        gone = []
        peers.connect('expired', lambda _list, peer: gone.append(peer.n_messages))
        peers.expiry_us = 1
        wait_for(lambda: gone == [3] and peers.n_items == 0)
        self.assertRaises(Zmq.NotSupportedError, Zmq.PeerList, self.stream(Zmq.SocketType.PULL))


if __name__ == '__main__':
    main()
