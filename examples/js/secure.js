#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// An encrypted and authenticated pair; in real life each has the other's public key from a file.

import GLib from 'gi://GLib';
import Zmq from 'gi://Zmq?version=1.0';

const loop = GLib.MainLoop.new(null, false);
const [serverKey, clientKey] = [new Zmq.Certificate(), new Zmq.Certificate()];

// the server
const authenticator = new Zmq.Authenticator();
authenticator.allow_key(null, clientKey.get_public_key(), 'anna');
const server = new Zmq.Socket({socket_type: Zmq.SocketType.PULL});
server.set_curve_server(serverKey);
server.bind('tcp://127.0.0.1:*');
const stream = new Zmq.Stream({socket: server});
stream.connect('received', (_stream, message) => {
    print(`${message.get_user_id()} says: ${message.get_string(0)}`);
    loop.quit();
});

// the client
const client = new Zmq.Socket({socket_type: Zmq.SocketType.PUSH, linger: 0});
client.set_curve_client(clientKey, serverKey.get_public_key());
client.connect(server.last_endpoint);
client.send('a secret');

loop.run();
