// SPDX-License-Identifier: LGPL-2.1-or-later
// What the overrides take and refuse, for the compiler alone.

import GLib from 'gi://GLib?version=2.0';
import Gio from 'gi://Gio?version=2.0';
import Zmq from 'gi://Zmq?version=1.0';

const socket = new Zmq.Socket({socket_type: Zmq.SocketType.DEALER, routing_id: 'me', linger: 0});
const stream = new Zmq.Stream({socket});

socket.routing_id = Uint8Array.of(1);
const id: GLib.Bytes | null = socket.routing_id;
socket.send_json({id});
stream.send_json([1, 'a', null]);
stream.send(['a', Uint8Array.of(1), new GLib.Bytes([1])]);

async function use(): Promise<void> {
    const cancellable = new Gio.Cancellable();
    const message: Zmq.Message = await socket.receive_async();
    await socket.receive_async(GLib.PRIORITY_LOW, cancellable);
    await socket.receive_async(cancellable);
    const sent: boolean = await socket.send_async('a', cancellable);
    const bytes: Uint8Array = message.frame(0);
    print(`${message}`, sent, bytes.length, message.json(), message.json(1).name);
    for await (const [frame] of stream)
        print(frame.length);
}

use().catch(logError);

// @ts-expect-error: a stream has a socket
new Zmq.Stream();
// @ts-expect-error: there is no such option
new Zmq.Socket({lingr: 0});
// @ts-expect-error: this is no number
socket.linger = 'soon';
// @ts-expect-error: this is nothing that can be sent
stream.send(1);
// @ts-expect-error: an iteration does not end with a value
const ended: string = stream[Symbol.asyncIterator]().next();
