// SPDX-License-Identifier: LGPL-2.1-or-later
// What the gjs tests share.

/* exported assertEqual, assertFails, assertRejects, assertThrows, contents, bound, connected, flooded, number, numbers, pipe, run, settle, test, texts, waitFor */

imports.gi.versions.Zmq = '1.0';
const {GLib, Zmq} = imports.gi;
const ByteArray = imports.byteArray;
const System = imports.system;

const PATIENCE = 20; // seconds
const tests = [];

// Runs the main loop until condition() holds.
function waitFor(condition) {
    const context = GLib.MainContext.default();
    let expired = false;
    const source = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, PATIENCE, () => {
        expired = true;
        return GLib.SOURCE_REMOVE;
    });
    while (!condition()) {
        if (expired)
            throw new Error('waited in vain');
        context.iteration(true);
    }
    if (!expired)
        GLib.source_remove(source);
}

function assertEqual(actual, expected) {
    const [a, b] = [actual, expected].map(value => JSON.stringify(value));
    if (a !== b)
        throw new Error(`${a} instead of ${b}`);
}

function assertFails(code, call) {
    try {
        call();
    } catch (error) {
        if (error.matches && error.matches(Zmq.error_quark(), code))
            return error;
        throw error;
    }
    throw new Error('did not fail');
}

// Returns what is thrown, of a class of JavaScript's.
function assertThrows(type, call) {
    try {
        call();
    } catch (error) {
        if (error instanceof type)
            return error;
        throw error;
    }
    throw new Error('did not throw');
}

// Runs the main loop until the promise is settled.
function settle(promise) {
    let outcome = null;
    promise.then(value => (outcome = {value}), error => (outcome = {error}));
    waitFor(() => outcome !== null);
    if (outcome.error)
        throw outcome.error;
    return outcome.value;
}

async function assertRejects(code, promise) {
    let caught = null;
    try {
        await promise;
    } catch (error) {
        caught = error;
    }
    if (!caught?.matches?.(Zmq.error_quark(), code))
        throw new Error(`${caught} instead of code ${code}`);
}

// The frames of a message as the overrides have them.
function texts(message) {
    const decoder = new TextDecoder();
    return [...message].map(frame => decoder.decode(frame));
}

function contents(message) {
    return message.get_frames().map(frame => ByteArray.toString(ByteArray.fromGBytes(frame)));
}

function bound(context, type, endpoint = 'tcp://127.0.0.1:*') {
    const socket = Zmq.Socket.new(context, type);
    socket.linger = 0;
    socket.bind(endpoint);
    return socket;
}

function connected(context, type, endpoint) {
    const socket = Zmq.Socket.new(context, type);
    socket.linger = 0;
    socket.connect_to(endpoint);
    return socket;
}

// A PUSH and a PULL; what the one was given, the other has at once.
function pipe(context, endpoint) {
    const pull = bound(context, Zmq.SocketType.PULL, endpoint);
    return [connected(context, Zmq.SocketType.PUSH, endpoint), pull];
}

var numbers = (from, to) => Array.from({length: to - from}, (_, i) => from + i);
var number = message => Number(texts(message)[0]);

// A stream whose socket has so many messages, which are numbers.
function flooded(context, endpoint, n = 400) {
    const [push, pull] = pipe(context, endpoint);
    for (let i = 0; i < n; i++)
        push.try_send(`${i}`);
    return [new Zmq.Stream({socket: pull}), pull, push];
}

// An exception in a callback is only logged, thus a critical warning ends the program (G_DEBUG).
function test(name, body) {
    tests.push([name, body]);
}

function run() {
    let failed = false;
    print(`1..${tests.length}`);
    tests.forEach(([name, body], index) => {
        try {
            body(new Zmq.Context());
            print(`ok ${index + 1} - ${name}`);
        } catch (error) {
            failed = true;
            print(`not ok ${index + 1} - ${name}`);
            print(`# ${error}\n${error.stack}`.replace(/\n/g, '\n# '));
        }
    });
    System.exit(failed ? 1 : 0);
}
