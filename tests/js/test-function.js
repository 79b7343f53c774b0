// SPDX-License-Identifier: LGPL-2.1-or-later
// A function that receives in the place of handlers, which is given many messages in one crossing.

imports.searchPath.unshift(imports.gi.GLib.getenv('TEST_JS_DIR'));
const {
    assertEqual, assertThrows, bound, connected, flooded, number, numbers, run, test, texts, waitFor,
} = imports.support;
const {GLib, Zmq} = imports.gi;
const System = imports.system;

const N = 400; // several batches

function settleLoop() {
    for (let i = 0; i < 50; i++)
        GLib.MainContext.default().iteration(false);
}

// Receives all, and does something in the middle of a batch.
function receiveAmid(stream, amid, n = N) {
    const received = [];
    stream.set_receive_func((_stream, message) => {
        received.push(number(message));
        if (received.length === 200)
            received.push(...amid(received) ?? []);
    });
    waitFor(() => received.length >= n);
    return received;
}

test('all come, in order', context => {
    const [stream] = flooded(context, 'inproc://order');
    assertEqual(receiveAmid(stream, () => []), numbers(0, N));
});

test('messages may be kept', context => {
    const [stream] = flooded(context, 'inproc://kept');
    const kept = [];
    stream.set_receive_func((_stream, message) => kept.push(message));
    waitFor(() => kept.length === N);
    System.gc();
    assertEqual(kept.map(number), numbers(0, N));
});

test('it is given the stream', context => {
    const [stream] = flooded(context, 'inproc://stream', 3);
    const streams = [];
    stream.set_receive_func(given => streams.push(given));
    waitFor(() => streams.length === 3);
    assertEqual(streams.every(given => given === stream), true);
});

test('taken away, it leaves the rest in order', context => {
    const [stream, pull] = flooded(context, 'inproc://away');
    const received = receiveAmid(stream, () => stream.set_receive_func(null), 200);
    settleLoop();
    assertEqual(received, numbers(0, 200));
    assertEqual(pull.try_receive_many(0).map(number), numbers(200, N));
});

test('the next message is for the next function', context => {
    const [stream] = flooded(context, 'inproc://next');
    const others = [];
    const received = receiveAmid(stream, () => {
        stream.set_receive_func((_stream, message) => others.push(number(message)));
    }, 200);
    waitFor(() => others.length === N - 200);
    assertEqual([...received, ...others], numbers(0, N));
});

test('who reads within gets the next ones', context => {
    const [stream, pull] = flooded(context, 'inproc://within');
    const read = () => [number(pull.try_receive()), number(pull.receive()), ...pull.try_receive_many(3).map(number)];
    assertEqual(receiveAmid(stream, read), numbers(0, N));
});

test('a flush within goes on in order', context => {
    const [stream] = flooded(context, 'inproc://flush');
    let handled = 0;
    assertEqual(receiveAmid(stream, () => {
        handled = stream.flush(GLib.IOCondition.IN, 10);
    }), numbers(0, N));
    assertEqual(handled, 10);
});

test('a pause within holds up the next one', context => {
    const [stream, pull] = flooded(context, 'inproc://pause');
    const received = receiveAmid(stream, () => {
        stream.paused = true;
    }, 200);
    settleLoop();
    assertEqual(received, numbers(0, 200));
    assertEqual(number(pull.try_receive()), 200);
    stream.paused = false;
    waitFor(() => received.length === N - 1);
    assertEqual(received.slice(200), numbers(201, N));
});

test('a nested loop neither loses nor mixes up', context => {
    const [stream] = flooded(context, 'inproc://nested');
    assertEqual(receiveAmid(stream, settleLoop), numbers(0, N));
});

test('closed within, nothing comes any more', context => {
    const [stream] = flooded(context, 'inproc://closed');
    let isClosed = false;
    stream.connect('closed', () => (isClosed = true));
    const received = receiveAmid(stream, () => stream.close(), 200);
    waitFor(() => isClosed);
    assertEqual(received, numbers(0, 200));
});

test('what it throws stops nothing', context => {
    const [stream] = flooded(context, 'inproc://throw');
    const received = [];
    GLib.test_expect_message('Gjs', GLib.LogLevelFlags.LEVEL_CRITICAL, '*on purpose*');
    stream.set_receive_func((_stream, message) => {
        received.push(number(message));
        if (received.length === 200)
            throw new Error('on purpose');
    });
    waitFor(() => received.length === N);
    GLib.test_assert_expected_messages_internal('Gjs', 'test-function.js', 0, '');
    assertEqual(received, numbers(0, N));
});

test('one that takes long lets others have their turn', context => {
    const [stream] = flooded(context, 'inproc://slow', 40);
    let nReceived = 0;
    let nTurns = 0;
    stream.set_receive_func(() => {
        nReceived++;
        GLib.usleep(5000);
    });
    const id = GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
        nTurns++;
        return GLib.SOURCE_CONTINUE;
    });
    waitFor(() => nReceived === 40);
    GLib.source_remove(id);
    if (nTurns < 6)
        throw new Error(`${nTurns} turns beside 40 messages of 5 ms`);
});

test('a REP is given one message a turn', context => {
    const rep = bound(context, Zmq.SocketType.REP, 'inproc://rep');
    const req = connected(context, Zmq.SocketType.REQ, 'inproc://rep');
    const stream = new Zmq.Stream({socket: rep});
    stream.set_receive_func((_stream, message) => stream.send(`${number(message)}!`));
    const answers = [];
    const asking = new Zmq.Stream({socket: req});
    asking.set_receive_func((_stream, message) => answers.push(texts(message)[0]));
    for (let i = 0; i < 3; i++) {
        asking.send(`${i}`);
        waitFor(() => answers.length === i + 1);
    }
    assertEqual(answers, ['0!', '1!', '2!']);
});

test('it is a function, or null', context => {
    const [stream] = flooded(context, 'inproc://type', 0);
    for (const func of [undefined, 5, 'f'])
        assertThrows(TypeError, () => stream.set_receive_func(func));
    stream.set_receive_func(null);
});

run();
