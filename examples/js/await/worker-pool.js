#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A pool of workers, each an asynchronous function with a DEALER of its own, around a ROUTER.

import GLib from 'gi://GLib';
import Zmq from 'gi://Zmq?version=1.0';

const N_WORKERS = 3;
const N_TASKS = 12;
const decoder = new TextDecoder();

const sleep = milliseconds => new Promise(resolve => {
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
        resolve(null);
        return GLib.SOURCE_REMOVE;
    });
});

async function receiveText(socket) {
    const [text] = await socket.receive_async();
    return decoder.decode(text);
}

async function work(endpoint) {
    const socket = new Zmq.Socket({socket_type: Zmq.SocketType.DEALER, linger: 0});
    socket.connect(endpoint);
    await socket.send_async('ready');
    for (let task = await receiveText(socket); task !== 'stop'; task = await receiveText(socket)) {
        const number = Number(task);
        await sleep(1 + number % 5);
        await socket.send_async(`${number * number}`);
    }
    socket.close();
}

async function getReady(router) {
    const idle = [];
    while (idle.length < N_WORKERS) {
        const [worker] = await router.receive_async();
        idle.push(worker);
    }
    return idle;
}

// Gives each task to the worker that has been ready for longest.
async function distribute(router, idle) {
    const results = [];
    const tookPart = new Set();
    let next = 1;
    while (results.length < N_TASKS) {
        while (next <= N_TASKS && idle.length > 0)
            await router.send_async([idle.shift(), `${next++}`]);
        const [worker, result] = await router.receive_async();
        results.push(Number(decoder.decode(result)));
        tookPart.add(worker.join());
        idle.push(worker);
    }
    return {results, tookPart};
}

async function main() {
    const router = new Zmq.Socket({socket_type: Zmq.SocketType.ROUTER, linger: 0});
    router.bind('tcp://127.0.0.1:*');
    const workers = Array.from({length: N_WORKERS}, () => work(router.last_endpoint));
    const idle = await getReady(router);
    print(`${idle.length} workers are ready`);

    const {results, tookPart} = await distribute(router, idle);
    print(results.sort((a, b) => a - b).join(' '));
    print(`the sum is ${results.reduce((sum, result) => sum + result)}`);
    if (tookPart.size === N_WORKERS)
        print(`all ${N_WORKERS} workers took part`);

    for (const worker of idle)
        await router.send_async([worker, 'stop']);
    await Promise.all(workers);
    print(`${workers.length} workers have stopped`);
    router.close();
}

const loop = GLib.MainLoop.new(null, false);
main().catch(logError).finally(() => loop.quit());
loop.run();
