// SPDX-License-Identifier: LGPL-2.1-or-later
// How fast messages that a PUSH sends reach JavaScript. Sides: stream, a handler of “received”; function, one in
// its place; iterate, “for await” over the stream; await, one receive_async() after the other.

imports.gi.versions.Zmq = '1.0';
const {Gio, GLib} = imports.gi;
const System = imports.system;

const SKIPPED = 77;
const GARBAGE_INTERVAL = 5000; // messages
const DEADLINE_SECONDS = 120; // a message that was lost must not let the program wait for ever

function fail(message) {
    printerr(message);
    System.exit(1);
}

function parse(args) {
    const options = {side: 'stream', transport: 'tcp', size: 64, frames: 1, count: 200000};
    for (const arg of args) {
        const [, name, value] = /^--(\w+)=(.*)$/.exec(arg) ?? [];
        if (!(name in options)) {
            printerr(`There is no such option: ${arg}`);
            System.exit(2);
        }
        options[name] = typeof options[name] === 'number' ? Number(value) : value;
    }
    return options;
}

// Checks frames, counts messages, and stops the time from the end of the warm-up.
class Meter {
    constructor(count) {
        this.count = count;
        this.warmUp = Math.max(Math.floor(count / 20), 1);
        this.nMessages = 0;
        this.nextFrame = 0;
    }

    // Takes a frame as bytes. A number that counts that far does not need its upper half.
    takeFrame(bytes) {
        const number = (bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24) >>> 0;
        if (number !== this.nextFrame)
            fail(`Frame ${number} came instead of ${this.nextFrame}`);
        this.nextFrame++;
    }

    // Counts a message, and returns whether it was the last one.
    countMessage() {
        this.nMessages++;
        if (this.nMessages === this.warmUp)
            this.started = GLib.get_monotonic_time();
        if (this.nMessages < this.count)
            return false;

        this.ended = GLib.get_monotonic_time();
        return true;
    }

    get rate() {
        return (this.count - this.warmUp) * 1e6 / (this.ended - this.started);
    }
}

function importZmq() {
    try {
        return imports.gi.Zmq;
    } catch (error) {
        printerr(error.message);
        return System.exit(SKIPPED);
    }
}

const Zmq = importZmq();
const options = parse(ARGV);
const directory = GLib.Dir.make_tmp('zmqglib-XXXXXX');
const path = `${directory}/socket`;
const loop = new GLib.MainLoop(null, false);
const meter = new Meter(options.count);

const socket = Zmq.Socket.new(null, Zmq.SocketType.PULL);
socket.bind(options.transport === 'ipc' ? `ipc://${path}` : 'tcp://127.0.0.1:*');

const stream = Zmq.Stream.new(socket);

// Checks a message and returns whether it was the last one.
function take(message) {
    for (let i = 0; i < options.frames; i++)
        meter.takeFrame(message.peek_frame(i));
    // A collection that gjs has begun by itself and not finished keeps it from calling handlers.
    if ((meter.nMessages + 1) % GARBAGE_INTERVAL === 0)
        System.gc();
    return meter.countMessage();
}

function onReceived(_stream, message) {
    if (take(message))
        loop.quit();
}

async function iterate() {
    for await (const message of stream) {
        if (take(message))
            break;
    }
}

async function receive() {
    while (!take(await socket.receive_async()))
        continue;
}

const SIDES = {
    stream: () => stream.connect('received', onReceived),
    function: () => stream.set_receive_func(onReceived),
    iterate: () => iterate().then(() => loop.quit(), error => fail(error.message)),
    await: () => receive().then(() => loop.quit(), error => fail(error.message)),
};
SIDES[options.side]();

const peer = Gio.Subprocess.new(
    [GLib.getenv('BENCH_PEER'), 'push', socket.last_endpoint,
        ...[options.size, options.frames, options.count].map(String)],
    Gio.SubprocessFlags.STDIN_PIPE);
GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, DEADLINE_SECONDS, () => fail('waited in vain'));
loop.run();

print(JSON.stringify({messages_per_second: meter.rate}));

// The peer waits for that, so that it hangs up when all has been received.
peer.get_stdin_pipe().close(null);
peer.wait_check(null);
stream.close();
GLib.unlink(path);
GLib.rmdir(directory);
