#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A pool of workers, each with the stream of a DEALER, around the stream of a ROUTER.

import GLib from 'gi://GLib';
import Zmq from 'gi://Zmq?version=1.0';

const N_WORKERS = 3;
const N_TASKS = 12;
const decoder = new TextDecoder();

function startWorker(endpoint, onStopped) {
    const socket = new Zmq.Socket({socket_type: Zmq.SocketType.DEALER, linger: 0});
    socket.connect(endpoint);
    const stream = new Zmq.Stream({socket});
    stream.connect('closed', onStopped);
    stream.connect('received', (_stream, message) => {
        const text = decoder.decode(message.frame(0));
        if (text === 'stop') {
            stream.close();
            return;
        }
        const number = Number(text);
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1 + number % 5, () => {
            stream.send(`${number * number}`);
            return GLib.SOURCE_REMOVE;
        });
    });
    stream.send('ready');
    return stream;
}

// Gives each task to the worker that has been ready for longest.
class Pool {
    constructor(onStopped) {
        this.next = 1;
        this.idle = [];
        this.results = [];
        this.tookPart = new Set();
        this.nStopped = 0;
        this.onStopped = onStopped;

        const socket = new Zmq.Socket({socket_type: Zmq.SocketType.ROUTER, linger: 0});
        socket.bind('tcp://127.0.0.1:*');
        this.stream = new Zmq.Stream({socket});
        this.stream.connect('received', (_stream, [worker, text]) => this.onReceived(worker, decoder.decode(text)));
        this.workers = Array.from({length: N_WORKERS},
            () => startWorker(socket.last_endpoint, () => this.onWorkerStopped()));
    }

    onReceived(worker, text) {
        this.idle.push(worker);
        if (text === 'ready') {
            if (this.idle.length === N_WORKERS) {
                print(`${N_WORKERS} workers are ready`);
                this.giveTasks();
            }
            return;
        }

        this.results.push(Number(text));
        this.tookPart.add(worker.join());
        this.giveTasks();
        if (this.results.length === N_TASKS)
            this.end();
    }

    giveTasks() {
        while (this.next <= N_TASKS && this.idle.length > 0)
            this.stream.send([this.idle.shift(), `${this.next++}`]);
    }

    end() {
        print(this.results.sort((a, b) => a - b).join(' '));
        print(`the sum is ${this.results.reduce((sum, result) => sum + result)}`);
        if (this.tookPart.size === N_WORKERS)
            print(`all ${N_WORKERS} workers took part`);
        for (const worker of this.idle)
            this.stream.send([worker, 'stop']);
    }

    onWorkerStopped() {
        if (++this.nStopped < N_WORKERS)
            return;
        print(`${N_WORKERS} workers have stopped`);
        this.stream.close();
        this.onStopped();
    }
}

const loop = GLib.MainLoop.new(null, false);
new Pool(() => loop.quit());
loop.run();
