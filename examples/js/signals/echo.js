#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// An echo service and its client, with timeouts and cancellation, from signals. The service leaves
// the request “silence” unanswered.

import GLib from 'gi://GLib';
import Zmq from 'gi://Zmq?version=1.0';

const decoder = new TextDecoder();
// where no server is
const NOBODY = 'tcp://127.0.0.1:1';
const {DEALER, ROUTER} = Zmq.SocketType;

class Service {
    constructor() {
        this.nRequests = this.nAnswers = 0;
        this.socket = new Zmq.Socket({socket_type: ROUTER, linger: 0});
        this.socket.bind('tcp://127.0.0.1:*');
        this.stream = new Zmq.Stream({socket: this.socket});
        this.stream.connect('received', (stream, message) => this.onReceived(stream, message));
    }

    onReceived(stream, message) {
        this.nRequests++;
        if (decoder.decode(message.frame(1)) === 'silence')
            return;
        this.nAnswers++;
        stream.send(message);
    }
}

// Asks one thing after the other; each step says which is the next.
class Client {
    constructor(endpoint, onEnd) {
        const socket = new Zmq.Socket({socket_type: DEALER, linger: 0});
        socket.connect(endpoint);
        this.onEnd = onEnd;
        this.stream = new Zmq.Stream({socket});
        this.stream.connect('received', (_stream, message) => {
            print(`echo: ${decoder.decode(message.frame(0))}`);
            this.next();
        });
    }

    start() {
        this.ask('hello', () => this.timeOut());
    }

    ask(request, next) {
        this.next = next;
        this.stream.send(request);
    }

    giveUpAfter(milliseconds, what, next) {
        this.ask('silence', null);
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
            print(what);
            next();
            return GLib.SOURCE_REMOVE;
        });
    }

    timeOut() {
        this.giveUpAfter(100, 'timed out: silence', () => this.cancel());
    }

    cancel() {
        this.giveUpAfter(50, 'cancelled: silence', () => this.ask('goodbye', () => this.askNobody()));
    }

    // A request to an absent server is dropped after a while.
    askNobody() {
        const socket = new Zmq.Socket({socket_type: DEALER, linger: 0, immediate: true});
        socket.connect(NOBODY);
        this.lonely = new Zmq.Stream({socket});
        this.lonely.connect('sent', (stream, message, error) => {
            if (error?.matches(Zmq.error_quark(), Zmq.Error.AGAIN))
                print(`dropped: ${decoder.decode(message.frame(0))}`);
            stream.close();
            this.stream.close();
            this.onEnd();
        });
        this.lonely.send_full('anybody there?', 100000);
    }
}

const loop = GLib.MainLoop.new(null, false);
const service = new Service();
const client = new Client(service.socket.last_endpoint, () => loop.quit());
client.start();
loop.run();
service.stream.close();
print(`answered ${service.nAnswers} of ${service.nRequests}`);
