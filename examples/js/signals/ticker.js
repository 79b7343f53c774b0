#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A live ticker over PUB/SUB: a stream whose handler is blocked pauses, and loses nothing.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';
import Zmq from 'gi://Zmq?version=1.0';

const decoder = new TextDecoder();

function every(milliseconds, callback) {
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, callback);
}

// Ticks as soon as somebody has subscribed, which an XPUB socket tells.
class Publisher {
    constructor() {
        const socket = new Zmq.Socket({socket_type: Zmq.SocketType.XPUB, linger: 0});
        socket.bind('tcp://127.0.0.1:*');
        this.endpoint = socket.last_endpoint;
        this.nTicks = 0;
        this.stream = new Zmq.Stream({socket});
        this.stream.connect('received', (_stream, message) => {
            if (message.frame(0)[0] === 1)
                every(10, () => this.tick());
        });
    }

    tick() {
        if (this.stream.is_closed())
            return GLib.SOURCE_REMOVE;
        this.stream.send(['tick', `${++this.nTicks}`]);
        return GLib.SOURCE_CONTINUE;
    }
}

class Subscriber {
    constructor(publisher, onEnd) {
        const socket = new Zmq.Socket({socket_type: Zmq.SocketType.SUB, linger: 0});
        socket.subscribe('tick');
        socket.connect(publisher.endpoint);
        this.publisher = publisher;
        this.onEnd = onEnd;
        this.numbers = [];
        this.stream = new Zmq.Stream({socket});
        this.handler = this.stream.connect('received', (_stream, [, number]) => this.onTick(Number(decoder.decode(number))));
    }

    onTick(number) {
        this.numbers.push(number);
        print(`tick ${number}`);
        if (this.numbers.length === 3) {
            this.pause();
        } else if (this.numbers.length === 8) {
            this.stream.close();
            this.onEnd();
        }
    }

    pause() {
        const end = this.publisher.nTicks + 5;
        print('paused');
        GObject.signal_handler_block(this.stream, this.handler);
        every(5, () => {
            if (this.publisher.nTicks < end)
                return GLib.SOURCE_CONTINUE;
            print('resumed');
            GObject.signal_handler_unblock(this.stream, this.handler);
            return GLib.SOURCE_REMOVE;
        });
    }
}

const loop = GLib.MainLoop.new(null, false);
const publisher = new Publisher();
const subscriber = new Subscriber(publisher, () => loop.quit());
loop.run();
publisher.stream.close();
if (subscriber.numbers.join() !== '1,2,3,4,5,6,7,8') {
    printerr(`lost: ${subscriber.numbers}`);
    System.exit(1);
}
print('nothing was lost');
