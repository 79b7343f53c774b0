// SPDX-License-Identifier: LGPL-2.1-or-later
// What is read in advance, by “for await” and receive_async(): who gets it, and in which order.

imports.searchPath.unshift(imports.gi.GLib.getenv('TEST_JS_DIR'));
const {
    assertEqual, assertFails, assertRejects, bound, connected, flooded, number, numbers, pipe, run, settle, test, texts,
    waitFor,
} = imports.support;
const {Gio, GLib, Zmq} = imports.gi;

const IN = GLib.IOCondition.IN;
const N = 400; // several batches

async function collect(stream, n) {
    const received = [];
    for await (const message of stream) {
        received.push(number(message));
        if (received.length === n)
            break;
    }
    return received;
}

// Runs what reads in the middle of the loop, after so many messages that more have been read in advance.
async function readAmid(stream, read) {
    const received = [];
    for await (const message of stream) {
        received.push(number(message));
        if (received.length === 200)
            received.push(...await read());
        if (received.length === N)
            break;
    }
    return received;
}

test('all come, in order', context => {
    const [stream] = flooded(context, 'inproc://order');
    assertEqual(settle(collect(stream, N)), numbers(0, N));
});

test('results by hand stay what they were', context => {
    const [stream] = flooded(context, 'inproc://hand');
    settle(collect(stream, 1)); // begins a share
    async function ask() {
        const iterator = stream[Symbol.asyncIterator]();
        const result = await iterator.next();
        await iterator.return();
        return number(result.value);
    }
    assertEqual(settle(ask()), 1);
});

test('asked for ahead, results are others', context => {
    const [stream] = flooded(context, 'inproc://ahead');
    settle(collect(stream, 1));
    const iterator = stream[Symbol.asyncIterator]();
    const next = iterator.next.bind(iterator);
    const results = settle(Promise.all(numbers(0, 30).map(() => next())));
    assertEqual(results.map(({value}) => number(value)), numbers(1, 31));
});

test('who leaves the loop leaves the rest in order', context => {
    const [stream, pull] = flooded(context, 'inproc://leave');
    assertEqual(settle(collect(stream, 201)), numbers(0, 201));
    assertEqual(pull.try_receive_many(0).map(number), numbers(201, N));
});

test('who is thrown out of the loop leaves the rest in order', context => {
    const [stream, pull] = flooded(context, 'inproc://throw');
    async function fail() {
        let n = 0;
        for await (const message of stream) {
            if (++n === 201)
                throw new Error(`at ${number(message)}`);
        }
    }
    assertEqual(settle(fail().catch(error => error.message)), 'at 200');
    assertEqual(pull.try_receive_many(0).map(number), numbers(201, N));
});

test('loops over one stream share the messages', context => {
    const [stream] = flooded(context, 'inproc://share');
    const seen = [];
    const shares = [[], [], []];
    async function iterate(share) {
        for await (const message of stream) {
            seen.push(number(message));
            share.push(number(message));
            if (seen.length > N - shares.length)
                break;
        }
    }
    settle(Promise.all(shares.map(iterate)));
    assertEqual(seen, numbers(0, N));
    assertEqual(shares.every(share => share.length > 1), true);
});

test('a loop that is left does not take messages from another', context => {
    const [push, pull] = pipe(context, 'inproc://left');
    const stream = new Zmq.Stream({socket: pull});
    const first = stream[Symbol.asyncIterator]();
    const second = stream[Symbol.asyncIterator]();
    const waiting = [first.next(), second.next()];
    first.return();
    push.send('0');
    settle(Promise.all(waiting));
    assertEqual(settle(waiting[0]), {done: true});
    assertEqual(number(settle(waiting[1]).value), 0);
    assertEqual(settle(first.next()), {done: true});
});

test('results that are asked for by hand are each its own', context => {
    const [stream] = flooded(context, 'inproc://hand', 12);
    async function ask() {
        const iterator = stream[Symbol.asyncIterator]();
        const kept = [await iterator.next(), await iterator.next(), await iterator.next()];
        kept.push(...await Promise.all(numbers(3, 12).map(() => iterator.next())));
        return kept.map(({value}) => number(value));
    }
    assertEqual(settle(ask()), numbers(0, 12));
});

const READERS = {
    'receive': socket => [socket.receive()],
    'try_receive': socket => [socket.try_receive()],
    'try_receive_many': socket => socket.try_receive_many(3),
    'receive_async': async socket => [await socket.receive_async(), await socket.receive_async(0, null)],
    'receive_async, with a callback': socket => new Promise(resolve => {
        socket.receive_async(0, null, (_source, result) => resolve([socket.receive_finish(result)]));
    }),
    'receive_async, of low priority': async socket => [await socket.receive_async(GLib.PRIORITY_LOW)],
    'put_back': socket => {
        socket.put_back(socket.try_receive());
        return [];
    },
    'get_condition': socket => {
        assertEqual(socket.get_condition(), IN);
        return [socket.try_receive()];
    },
    'wait': socket => {
        socket.wait(IN, 0);
        return [socket.try_receive()];
    },
    'a handler': async socket => {
        let received = null;
        const stream = new Zmq.Stream({socket});
        const handler = stream.connect('received', (_stream, message) => {
            received = message;
            stream.disconnect(handler);
        });
        while (received === null)
            await new Promise(resolve => GLib.idle_add(GLib.PRIORITY_DEFAULT, () => resolve()));
        return [received];
    },
    'a poller': socket => {
        const received = [];
        const poller = new Zmq.Poller();
        poller.add_socket(socket, IN, () => received.push(socket.try_receive()));
        poller.wait(0);
        return received;
    },
    'a nested loop': socket => {
        const received = [];
        const source = socket.create_source(IN, null);
        imports.gi.GObject.source_set_closure(source, () => {
            received.push(socket.try_receive());
            return GLib.SOURCE_REMOVE;
        });
        source.attach(null);
        waitFor(() => received.length > 0);
        return received;
    },
};

for (const [name, read] of Object.entries(READERS)) {
    test(`amid the loop, in order: ${name}`, context => {
        const [stream, socket] = flooded(context, `inproc://amid-${name.replace(/\W/g, '')}`);
        const readNumbers = async () => (await read(socket)).map(number);
        assertEqual(settle(readAmid(stream, readNumbers)), numbers(0, N));
    });
}

test('amid the loop, in order: a stream that is asked for the next', context => {
    const [stream] = flooded(context, 'inproc://next');
    const received = settle(readAmid(stream, async () => {
        const messages = await Promise.all([stream.receive_async(), stream.receive_async(null)]);
        return messages.map(number);
    }));
    assertEqual(received, numbers(0, N));
});

test('who asks a stream for the next comes before handlers, and is told when it is closed', context => {
    const [stream] = flooded(context, 'inproc://before', 4);
    const handled = [];
    const next = [stream.receive_async(), stream.receive_async()];
    stream.connect('received', (_stream, message) => handled.push(number(message)));
    assertEqual(settle(Promise.all(next)).map(number), [0, 1]);
    waitFor(() => handled.length === 2);
    assertEqual(handled, [2, 3]);

    const last = stream.receive_async();
    stream.close();
    settle(assertRejects(Zmq.Error.CLOSED, last));
});

test('amid the loop, flush drops what comes next', context => {
    const [stream] = flooded(context, 'inproc://flush');
    const received = settle(readAmid(stream, async () => {
        assertEqual(stream.flush(IN, 3), 3);
        return numbers(200, 203);
    }));
    assertEqual(received, numbers(0, N));
});

test('a stream that is paused in the loop yields nothing until it is resumed', context => {
    const [stream, socket] = flooded(context, 'inproc://paused');
    const received = [];
    async function iterate() {
        for await (const message of stream) {
            received.push(number(message));
            if (received.length === 200)
                stream.paused = true;
            if (received.length === N - 1)
                break;
        }
    }
    const iteration = iterate();
    waitFor(() => stream.paused);
    for (let i = 0; i < 10; i++)
        GLib.MainContext.default().iteration(false);
    assertEqual(received.length, 200);
    assertEqual(number(socket.try_receive()), 200);
    stream.paused = false;
    settle(iteration);
    assertEqual(received, numbers(0, N).filter(n => n !== 200));
});

test('a stream that is closed in the loop yields nothing more', context => {
    const [stream] = flooded(context, 'inproc://closed');
    const received = [];
    async function iterate() {
        for await (const message of stream) {
            received.push(number(message));
            if (received.length === 200)
                stream.close();
        }
    }
    settle(iterate());
    assertEqual(received, numbers(0, 200));
});

test('an error that has closed the stream is thrown to all, and to who comes later', context => {
    const stream = new Zmq.Stream({socket: bound(context, Zmq.SocketType.PULL)});
    const loops = [collect(stream), collect(stream)].map(loop => assertRejects(Zmq.Error.TERMINATED, loop));
    context.shutdown();
    settle(Promise.all(loops));
    settle(assertRejects(Zmq.Error.TERMINATED, collect(stream)));
    const iterator = stream[Symbol.asyncIterator]();
    settle(assertRejects(Zmq.Error.TERMINATED, iterator.next()));
    assertEqual(settle(iterator.next()), {done: true});
});

test('receive_async gives each message to one who asks, in the order asked', context => {
    const [, socket, push] = flooded(context, 'inproc://asked', 5);
    const asked = numbers(0, 10).map(() => socket.receive_async());
    for (const i of numbers(5, 10))
        push.send(`${i}`);
    assertEqual(settle(Promise.all(asked)).map(number), numbers(0, 10));
});

test('receive_async that was cancelled before receives nothing', context => {
    const [, socket] = flooded(context, 'inproc://cancelled', 20);
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();
    async function receive() {
        for (let i = 0; i < 10; i++)
            assertEqual(number(await socket.receive_async()), i);
        await socket.receive_async(0, cancellable).catch(error => error);
        return socket.receive_async();
    }
    assertEqual(number(settle(receive())), 10);
});

test('send_async keeps the order, and waits when it has to', context => {
    const [push, pull] = ['PUSH', 'PULL'].map(type => new Zmq.Socket({
        context, socket_type: Zmq.SocketType[type], linger: 0, send_high_water_mark: 10, receive_high_water_mark: 10,
    }));
    pull.bind('inproc://sends');
    push.connect('inproc://sends');
    const sends = numbers(0, 100).map(i => push.send_async(`${i}`));
    const received = numbers(0, 100).map(() => pull.receive_async());
    settle(Promise.all(sends));
    assertEqual(settle(Promise.all(received)).map(number), numbers(0, 100));
});

test('a reply in the loop is in turn', context => {
    const server = bound(context, Zmq.SocketType.REP, 'inproc://turn');
    const clients = [0, 1].map(() => connected(context, Zmq.SocketType.REQ, 'inproc://turn'));
    const stream = new Zmq.Stream({socket: server});
    async function serve() {
        let n = 0;
        for await (const message of stream) {
            assertFails(Zmq.Error.WRONG_STATE, () => server.try_receive());
            server.send([...message, 'answer']);
            if (++n === 20)
                break;
        }
    }
    async function ask(client, i) {
        for (let n = 0; n < 10; n++) {
            await client.send_async(`${i}`);
            assertEqual(texts(await client.receive_async()), [`${i}`, 'answer']);
        }
    }
    settle(Promise.all([serve(), ...clients.map(ask)]));
});

run();
