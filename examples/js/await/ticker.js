#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A live ticker over PUB/SUB: who does not wait for the next tick pauses, and loses none.

import GLib from 'gi://GLib';
import System from 'system';
import Zmq from 'gi://Zmq?version=1.0';

const decoder = new TextDecoder();

const sleep = milliseconds => new Promise(resolve => {
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
        resolve(null);
        return GLib.SOURCE_REMOVE;
    });
});

// Ticks as soon as somebody has subscribed, which an XPUB socket tells.
class Publisher {
    constructor() {
        this.socket = new Zmq.Socket({socket_type: Zmq.SocketType.XPUB, linger: 0});
        this.socket.bind('tcp://127.0.0.1:*');
        this.nTicks = 0;
    }

    async run() {
        await this.socket.receive_async();
        while (!this.socket.is_closed()) {
            await this.socket.send_async(['tick', `${++this.nTicks}`]);
            await sleep(10);
        }
    }

    async waitFor(nTicks) {
        while (this.nTicks < nTicks)
            await sleep(5);
    }
}

async function show(stream, numbers, until) {
    for await (const [, number] of stream) {
        numbers.push(Number(decoder.decode(number)));
        print(`tick ${numbers.at(-1)}`);
        if (numbers.at(-1) >= until)
            break;
    }
}

async function main() {
    const publisher = new Publisher();
    const publishing = publisher.run();
    const socket = new Zmq.Socket({socket_type: Zmq.SocketType.SUB, linger: 0});
    const numbers = [];
    socket.subscribe('tick');
    socket.connect(publisher.socket.last_endpoint);
    const stream = new Zmq.Stream({socket});

    await show(stream, numbers, 3);
    print('paused');
    await publisher.waitFor(publisher.nTicks + 5);
    print('resumed');
    await show(stream, numbers, 8);

    stream.close();
    publisher.socket.close();
    await publishing;
    if (numbers.join() !== '1,2,3,4,5,6,7,8')
        throw new Error(`lost: ${numbers}`);
    print('nothing was lost');
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;
main().catch(error => {
    logError(error);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
