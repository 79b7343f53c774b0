#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An encrypted and authenticated pair; in real life each has the other's public key from a file."""

import gi

gi.require_version('Zmq', '1.0')
from gi.repository import GLib, Zmq  # noqa: E402

loop = GLib.MainLoop()
server_key, client_key = Zmq.Certificate(), Zmq.Certificate()

# the server
authenticator = Zmq.Authenticator()
authenticator.allow_key(None, client_key.get_public_key(), 'anna')
server = Zmq.Socket(Zmq.SocketType.PULL)
server.set_curve_server(server_key)
server.bind('tcp://127.0.0.1:*')
stream = Zmq.Stream(server)
stream.connect('received', lambda _stream, message: (print(f'{message.get_user_id()} says: {message[0].decode()}'), loop.quit()))

# the client
client = Zmq.Socket(Zmq.SocketType.PUSH, linger=0)
client.set_curve_client(client_key, server_key.get_public_key())
client.connect(server.last_endpoint)
client.send('a secret')

loop.run()
