// SPDX-License-Identifier: LGPL-2.1-or-later
// How fast messages that a PUSH sends reach “for await” over a socket of zeromq.js, on Node.

const {spawn} = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const {performance} = require('perf_hooks');

const SKIPPED = 77;
const DEADLINE_MS = 120000; // a message that was lost must not let the program wait for ever

function fail(message) {
    console.error(message);
    process.exit(1);
}

function importZeromq() {
    try {
        return require('zeromq');
    } catch (error) {
        console.error(`zeromq.js is not here, NODE_PATH tells where it is: ${error.message.split('\n')[0]}`);
        return process.exit(SKIPPED);
    }
}

function parse(args) {
    const options = {transport: 'tcp', size: 64, frames: 1, count: 200000};
    for (const arg of args) {
        const [, name, value] = /^--(\w+)=(.*)$/.exec(arg) ?? [];
        if (!(name in options)) {
            console.error(`There is no such option: ${arg}`);
            process.exit(2);
        }
        options[name] = typeof options[name] === 'number' ? Number(value) : value;
    }
    return options;
}

// Receives until all have come, checks each frame, and returns how many messages a second.
async function receive(socket, count) {
    const warmUp = Math.max(Math.floor(count / 20), 1);
    let nMessages = 0;
    let nextFrame = 0;
    let started;

    for await (const frames of socket) {
        for (const frame of frames) {
            const number = (frame[0] | frame[1] << 8 | frame[2] << 16 | frame[3] << 24) >>> 0;
            if (number !== nextFrame)
                fail(`Frame ${number} came instead of ${nextFrame}`);
            nextFrame++;
        }
        nMessages++;
        if (nMessages === warmUp)
            started = performance.now();
        if (nMessages === count)
            break;
    }
    return (count - warmUp) * 1000 / (performance.now() - started);
}

async function main(zmq, options) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'zmqglib-'));
    const socket = new zmq.Pull();
    await socket.bind(options.transport === 'ipc' ? `ipc://${directory}/socket` : 'tcp://127.0.0.1:*');

    const peer = spawn(process.env.BENCH_PEER,
        ['push', socket.lastEndpoint, ...[options.size, options.frames, options.count].map(String)],
        {stdio: ['pipe', 'ignore', 'inherit']});
    const hungUp = new Promise(resolve => peer.on('exit', resolve));
    setTimeout(() => fail('waited in vain'), DEADLINE_MS).unref();
    console.log(JSON.stringify({messages_per_second: await receive(socket, options.count)}));

    // The peer waits for that, so that it hangs up when all has been received.
    peer.stdin.end();
    if (await hungUp !== 0)
        fail('The peer failed');
    socket.close();
    fs.rmSync(directory, {recursive: true});
}

main(importZeromq(), parse(process.argv.slice(2))).catch(error => fail(error.stack));
