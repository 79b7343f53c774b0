// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams in gjs: the programs that PyZMQ’s ZMQStream was made for, and the signals.

imports.searchPath.unshift(imports.gi.GLib.getenv('TEST_JS_DIR'));
const {
    assertEqual, assertFails, bound, connected, contents, pipe, run, test, waitFor,
} = imports.support;
const {GLib, GObject, Zmq} = imports.gi;
const System = imports.system;

const Collector = GObject.registerClass(
class Collector extends Zmq.Stream {
    _init(socket) {
        super._init({socket});
        this.events = [];
    }

    vfunc_received(message) {
        // gjs only lends a virtual function its boxed arguments
        this.events.push(message.ref());
    }

    vfunc_sent(message, error) {
        this.events.push(['sent', contents(message), error]);
    }

    vfunc_drained() {
        this.events.push('drained');
    }

    vfunc_closed(error) {
        this.events.push(['closed', error]);
    }
});

function ask(context, endpoint, frames) {
    const stream = Zmq.Stream.new(connected(context, Zmq.SocketType.REQ, endpoint));
    let answer = null;
    stream.connect('received', (_, message) => {
        answer = contents(message);
    });
    stream.send(Zmq.Message.new_from_strv(frames));
    waitFor(() => answer !== null);
    stream.close();
    return answer;
}

function echo(stream, message) {
    stream.send(message);
}

function sendNumbers(push, count) {
    for (let i = 0; i < count; i++)
        push.try_send(Zmq.Message.new_from_string(`${i}`));
}

const numbers = count => Array.from({length: count}, (_, i) => `${i}`);

test('echo with one stream', context => {
    const socket = bound(context, Zmq.SocketType.REP);
    const stream = Zmq.Stream.new(socket);
    stream.connect('received', echo);
    for (const frames of [['hello'], ['', 'two', 'x'.repeat(100000)]])
        assertEqual(ask(context, socket.last_endpoint, frames), frames);
    stream.close();
});

test('echo with one handler on two streams', context => {
    const seen = [];
    const streams = [0, 1].map(() => Zmq.Stream.new(bound(context, Zmq.SocketType.REP)));
    streams.forEach(each => each.connect('received', (stream, message) => {
        seen.push(streams.indexOf(stream));
        echo(stream, message);
    }));
    for (const stream of streams)
        assertEqual(ask(context, stream.socket.last_endpoint, ['a', 'b']), ['a', 'b']);
    assertEqual(seen, [0, 1]);
    streams.forEach(stream => stream.close());
});

test('pause and resume', context => {
    const received = [];
    const [push, pull] = pipe(context, 'inproc://pause');
    const [pushMark, pullMark] = pipe(context, 'inproc://mark');
    const stream = Zmq.Stream.new(pull);
    const onReceived = (_, message) => {
        received.push(message.get_string(0));
        if (received.length === 30)
            stream.disconnect(handler);
    };
    const handler = stream.connect('received', onReceived);
    sendNumbers(push, 100);
    waitFor(() => received.length === 30);

    // the loop goes on without it
    const marker = Zmq.Stream.new(pullMark);
    let marked = false;
    marker.connect('received', () => {
        marked = true;
    });
    pushMark.try_send(Zmq.Message.new_from_string('go on'));
    waitFor(() => marked);
    assertEqual(received.length, 30);

    stream.connect('received', onReceived);
    waitFor(() => received.length === 100);
    assertEqual(received, numbers(100));
    stream.close();
    marker.close();
});

test('flush with a limit', context => {
    const received = [];
    const [push, pull] = pipe(context, 'inproc://flush');
    const stream = Zmq.Stream.new(pull);
    stream.connect('received', (_, message) => received.push(message.get_string(0)));
    sendNumbers(push, 10);
    assertEqual(stream.flush(GLib.IOCondition.IN, 3), 3);
    assertEqual(received, numbers(3));
    assertEqual(stream.flush(GLib.IOCondition.OUT, 0), 0);
    assertEqual(stream.flush(GLib.IOCondition.IN | GLib.IOCondition.OUT, 0), 7);
    assertEqual(received, numbers(10));
    stream.close();
});

function keepThousand(context, makeStream, kept) {
    const socket = bound(context, Zmq.SocketType.PULL);
    const stream = makeStream(socket);
    const sender = Zmq.Stream.new(connected(context, Zmq.SocketType.PUSH, socket.last_endpoint));
    const padding = i => 'x'.repeat(i % 7 * 1000);
    for (let i = 0; i < 1000; i++)
        sender.send(Zmq.Message.new_from_strv([`${i}`, padding(i)]));
    waitFor(() => kept(stream).length === 1000);
    sender.close();
    stream.close();
    System.gc();
    kept(stream).forEach((message, i) => assertEqual(contents(message), [`${i}`, padding(i)]));
}

test('messages outlive the handler', context => {
    const messages = [];
    keepThousand(context, socket => {
        const stream = Zmq.Stream.new(socket);
        stream.connect('received', (_, message) => messages.push(message));
        return stream;
    }, () => messages);
});

test('messages outlive the vfunc', context => {
    keepThousand(context, socket => new Collector(socket), stream => stream.events);
});

test('a subclass listens without a handler', context => {
    const stream = new Collector(bound(context, Zmq.SocketType.PAIR, 'inproc://subclass'));
    stream.send_string('wait for a peer');
    const other = connected(context, Zmq.SocketType.PAIR, 'inproc://subclass');
    other.try_send(Zmq.Message.new_from_string('in'));
    waitFor(() => stream.events.length === 3);
    assertEqual(stream.events.slice(0, 2), [['sent', ['wait for a peer'], null], 'drained']);
    assertEqual(contents(stream.events[2]), ['in']);
    stream.close();
    waitFor(() => stream.events.length === 4);
    assertEqual(stream.events[3], ['closed', null]);
});

test('close reports what is queued', context => {
    const events = [];
    const queued = [];
    const stream = Zmq.Stream.new(bound(context, Zmq.SocketType.PUSH));
    stream.connect('sent', (_, message, error) => events.push([contents(message), error]));
    stream.connect('closed', (_, error) => events.push([null, error]));
    stream.connect('notify::n-queued', () => queued.push(stream.n_queued));
    stream.send_string('one');
    stream.send(Zmq.Message.new_from_strv(['two', 'frames']));
    stream.close();
    assertEqual(events.length, 0);
    waitFor(() => events.length === 3);
    assertEqual(events.map(event => event[0]), [['one'], ['two', 'frames'], null]);
    for (const [, error] of events.slice(0, 2))
        assertEqual(error.matches(Zmq.error_quark(), Zmq.Error.CLOSED), true);
    assertEqual(events[2][1], null);
    assertEqual(queued, [1, 2, 0]);
    assertFails(Zmq.Error.CLOSED, () => stream.send_string('too late'));
});

test('send limit, discard and drain', context => {
    const stream = new Zmq.Stream({socket: bound(context, Zmq.SocketType.PUSH), send_limit: 2});
    let drained = null;
    stream.send_string('x');
    stream.send_string('x');
    assertFails(Zmq.Error.QUEUE_FULL, () => stream.send_string('x'));
    stream.drain_async(null, (_, result) => {
        drained = stream.drain_finish(result);
    });
    assertEqual(stream.discard(), 2);
    waitFor(() => drained !== null);
    assertEqual(drained, true);
    stream.close();
});

test('a shutdown closes with an error', context => {
    const errors = [];
    const stream = Zmq.Stream.new(bound(context, Zmq.SocketType.PULL));
    stream.connect('closed', (_, error) => errors.push(error));
    context.shutdown();
    waitFor(() => errors.length === 1);
    assertEqual(errors[0].matches(Zmq.error_quark(), Zmq.Error.TERMINATED), true);
});

run();
