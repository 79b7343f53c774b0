// SPDX-License-Identifier: LGPL-2.1-or-later
// Values go in and out whole, or are refused with a sentence.

imports.searchPath.unshift(imports.gi.GLib.getenv('TEST_JS_DIR'));
const {
    assertEqual, assertFails, assertRejects, assertThrows, bound, connected, pipe, run, settle, test, texts, waitFor,
} = imports.support;
const {Gio, GLib, GObject, Zmq} = imports.gi;

const NUL = 'a\0b';
const INVALID = Zmq.Error.INVALID_ARGUMENT;
const {PULL, PUSH, REQ, ROUTER} = Zmq.SocketType;

function assertSays(error, ...words) {
    for (const word of words) {
        if (!error.message.includes(word))
            throw new Error(`“${error.message}” without “${word}”`);
    }
}

test('strings with NUL arrive whole', context => {
    const message = Zmq.Message.new();
    message.append_string(NUL);
    message.prepend_string(`0${NUL}`);
    assertEqual(texts(message), [`0${NUL}`, NUL]);
    assertEqual(texts(Zmq.Message.new_from_string(NUL)), [NUL]);
    assertEqual(texts(Zmq.Message.new_from_strv([NUL, 'x'])), [NUL, 'x']);
    assertFails(Zmq.Error.INVALID_DATA, () => message.get_string(0));

    const [push, pull] = pipe(context, 'inproc://nul');
    new Zmq.Stream({socket: push}).send_string(NUL);
    push.send(NUL);
    assertEqual([texts(pull.receive()), texts(pull.receive())], [[NUL], [NUL]]);
});

test('prefixes with NUL arrive whole', context => {
    const pub = bound(context, Zmq.SocketType.XPUB);
    const sub = connected(context, Zmq.SocketType.SUB, pub.last_endpoint);
    sub.subscribe(NUL);
    assertEqual(texts(pub.receive()), [`\u0001${NUL}`]);
    sub.unsubscribe(NUL);
    assertEqual(texts(pub.receive()), [`\0${NUL}`]);
});

test('endpoints with NUL are refused', context => {
    const socket = new Zmq.Socket({context, socket_type: PULL});
    for (const name of ['bind', 'unbind', 'connect', 'disconnect', 'connect_to', 'disconnect_from']) {
        const error = assertFails(INVALID, () => socket[name]('inproc://a\0b'));
        assertEqual(error instanceof Zmq.Error, true);
        assertSays(error, name.split('_')[0], 'inproc://a\\0b', 'NUL');
    }
});

const REFUSED = {
    'a key': ['curve_server_key', 'bad\n'],
    'a string with NUL': ['plain_username', NUL],
    'what is no string': ['plain_username', 5],
    'bytes that are too long': ['routing_id', new Uint8Array(300)],
    'a number out of range': ['linger', -7],
    'a number that does not fit': ['linger', 2 ** 40],
    'a negative number without a sign': ['affinity', -1],
    'one more than there is without a sign': ['affinity', 2 ** 64],
    'one more than there is': ['max_message_size', 2 ** 63],
    'a fraction': ['linger', 1.5],
    'what is no number': ['linger', 'soon'],
    'another spelling': ['receiveTimeout', -7],
    'yet another spelling': ['receive-timeout', -7],
};

for (const [what, [name, value]] of Object.entries(REFUSED)) {
    test(`a refused option throws: ${what}`, context => {
        const socket = new Zmq.Socket({context, socket_type: PULL});
        const option = name.replaceAll('_', '-').replace('T', '-t');
        const refusals = [
            () => (socket[name] = value),
            () => new Zmq.Socket({context, socket_type: PULL, [name]: value}),
        ];
        for (const refusal of refusals) {
            const error = assertFails(INVALID, refusal);
            assertEqual(error instanceof Zmq.Error, true);
            assertSays(error, option);
        }
    });
}

const NO_KEYS = [`${'x'.repeat(40)}\0`, new Uint8Array(40), null, undefined, 5];
NO_KEYS.forEach((key, i) => {
    for (const name of ['curve_server_key', 'curve_public_key', 'curve_secret_key']) {
        test(`without a key that was refused nothing is connected: ${name} ${i}`, context => {
            const socket = new Zmq.Socket({context, socket_type: PULL});
            assertFails(INVALID, () => (socket[name] = key));
            assertFails(Zmq.Error.WRONG_STATE, () => socket.connect('tcp://127.0.0.1:9'));
            assertFails(INVALID, () => new Zmq.Socket({context, socket_type: PULL, [name]: key}));
        });
    }
});

test('a socket whose option was refused is closed', context => {
    context.max_sockets = 1;
    assertFails(INVALID, () => new Zmq.Socket({context, socket_type: PULL, linger: -7}));
    new Zmq.Socket({context, socket_type: PULL}).close();
});

test('an option of a closed socket throws', context => {
    const socket = new Zmq.Socket({context, socket_type: PULL});
    socket.close();
    assertFails(Zmq.Error.CLOSED, () => (socket.linger = 5));
});

test('options take what is natural, in each spelling', context => {
    const socket = new Zmq.Socket({
        context, socket_type: ROUTER, routing_id: 'me', maxMessageSize: 2 ** 40, 'receive-timeout': 7,
        plain_username: 'user', router_mandatory: true, affinity: 3,
    });
    assertEqual([...socket.routing_id.toArray()], [109, 101]);
    assertEqual([socket.max_message_size, socket.receiveTimeout, socket.affinity], [2 ** 40, 7, 3]);
    socket.routing_id = Uint8Array.of(0, 255);
    assertEqual([...socket.routing_id.toArray()], [0, 255]);
    socket.routing_id = new GLib.Bytes([7]);
    assertEqual([...socket.routingId.toArray()], [7]);
    assertEqual(socket.plain_username, 'user');
    socket.socks_proxy = '127.0.0.1:1';
    socket.socks_proxy = null;
    assertEqual(socket.socks_proxy, null);
    socket.gssapi_principal_name_type = Zmq.GssapiNameType.USER_NAME;
    assertEqual(socket.gssapi_principal_name_type, Zmq.GssapiNameType.USER_NAME);
    assertThrows(TypeError, () => (socket.connect_routing_id = 5));
});

test('a stream without a socket throws', () => {
    assertThrows(TypeError, () => new Zmq.Stream());
    assertThrows(TypeError, () => new Zmq.Stream({socket: null}));
    assertThrows(TypeError, () => Zmq.Stream.new(null));
});

test('messages print as their frames', () => {
    const shows = (frames, text) => assertEqual(`${new Zmq.Message(frames)}`, `Zmq.Message(${text})`);
    shows([], '');
    shows(['a', '', 'ü “x”', "it's \\"], "'a', '', 'ü “x”', 'it\\'s \\\\'");
    shows([Uint8Array.of(0, 255), 'line\n'], '0x00ff, 0x6c696e650a');
    shows('x'.repeat(32), `'${'x'.repeat(32)}'`);
    shows('x'.repeat(1000), `'${'x'.repeat(32)}…' (1000 bytes)`);
    // of a character that is cut nothing is shown
    shows(`${'x'.repeat(31)}ü`, `'${'x'.repeat(31)}…' (33 bytes)`);
    shows(`${'x'.repeat(29)}😀`, `'${'x'.repeat(29)}…' (33 bytes)`);
    shows(new Uint8Array(33), `0x${'00'.repeat(32)}… (33 bytes)`);
    shows(Array(100).fill('x'), `${Array(16).fill("'x'").join(', ')}, … (100 frames)`);
    assertEqual(new Zmq.Message('a').toString(), "Zmq.Message('a')");
});

test('frames have memory of their own', () => {
    const message = new Zmq.Message(['abc', '']);
    const frame = message.frame(0);
    frame[0] = 0;
    assertEqual([...message.frame(0)], [97, 98, 99]);
    assertEqual(frame.constructor === Uint8Array, true);
    assertEqual(message.frame(1).constructor === Uint8Array, true);
    for (const index of [2, 2 ** 32, NaN, Infinity, undefined])
        assertThrows(RangeError, () => message.frame(index));
});

test('JSON goes to and fro', context => {
    const [push, pull] = pipe(context, 'inproc://json');
    const stream = new Zmq.Stream({socket: push});
    const value = {text: 'ü\0', list: [1, null, {}]};
    push.send_json(value);
    stream.send_json(value);
    assertEqual(pull.receive().json(), value);
    assertEqual(pull.receive().json(0), value);
    assertEqual(new Zmq.Message(['x', '7']).json(1), 7);
    for (const send of [push.send_json.bind(push), stream.send_json.bind(stream)])
        assertThrows(TypeError, () => send(undefined));
});

test('what is no JSON is an error that names the frame', () => {
    const message = new Zmq.Message(['1', '{', Uint8Array.of(34, 255, 34), '']);
    for (const index of [1, 2, 3]) {
        const error = assertFails(Zmq.Error.INVALID_DATA, () => message.json(index));
        assertSays(error, `frame ${index}`);
    }
    assertSays(assertFails(Zmq.Error.INVALID_DATA, () => message.json(2)), 'UTF-8');
    assertThrows(RangeError, () => message.json(4));
});

test('errors are of the class, wherever they come from', context => {
    const socket = new Zmq.Socket({context, socket_type: PUSH, linger: 0});
    const stream = new Zmq.Stream({socket});
    const errors = [];
    stream.connect('sent', (_stream, _message, error) => errors.push(error));
    stream.connect('closed', (_stream, error) => errors.push(error));
    stream.send('x');
    errors.push(assertFails(Zmq.Error.NOT_SUPPORTED, () => socket.try_receive()));
    settle(socket.receive_async().catch(error => errors.push(error)));
    context.shutdown();
    waitFor(() => errors.length === 4);
    assertEqual(errors.map(error => error instanceof Zmq.Error && error.code > 0), [true, true, true, true]);
});

test('what cannot be sent rejects the promise', context => {
    const [push] = pipe(context, 'inproc://wrong');
    const reject = async value => assertEqual(await push.send_async(value).catch(error => error instanceof TypeError), true);
    settle(Promise.all([1, null, undefined, {}, ['a', 1]].map(reject)));
    assertThrows(TypeError, () => push.send_async(1, 0, null, () => {}));
    settle(assertRejects(INVALID, push.send_async([])));
});

test('a callback may stand anywhere', context => {
    const [push, pull] = pipe(context, 'inproc://anywhere');
    const texted = [];
    const receive = (...args) => {
        pull.receive_async(...args, (socket, result) => texted.push(...texts(socket.receive_finish(result))));
        push.send(`${args.length}`);
        waitFor(() => texted.length > 0);
        assertEqual(texted.splice(0), [`${args.length}`]);
    };
    receive();
    receive(GLib.PRIORITY_LOW);
    receive(null);
    receive(GLib.PRIORITY_LOW, null);
    receive(new Gio.Cancellable());

    const cancellable = new Gio.Cancellable();
    const received = pull.receive_async(cancellable).catch(error => error);
    cancellable.cancel();
    assertEqual(settle(received).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), true);
});

test('Gio._promisify works on top', context => {
    const [push, pull] = pipe(context, 'inproc://promisify');
    const {prototype} = Zmq.Socket;
    const original = {receive_async: prototype.receive_async, send_async: prototype.send_async};
    Gio._promisify(prototype, 'receive_async', 'receive_finish');
    Gio._promisify(prototype, 'send_async', 'send_finish');

    async function exchange() {
        assertEqual(await push.send_async('a'), true);
        assertEqual(await push.send_async('b', GLib.PRIORITY_LOW, null), true);
        assertEqual(texts(await pull.receive_async()), ['a']);
        assertEqual(texts(await pull.receive_async(GLib.PRIORITY_DEFAULT)), ['b']);
        assertEqual(await push.send_async(1).catch(error => error instanceof TypeError), true);
    }
    settle(exchange());
    let got = null;
    push.send('c');
    const callback = (socket, result) => (got = texts(socket.receive_finish(result)));
    assertEqual(pull.receive_async(GLib.PRIORITY_DEFAULT, null, callback), undefined);
    waitFor(() => got !== null);
    assertEqual(got, ['c']);
    Object.assign(prototype, original);
});

test('there are no subclasses of final classes', () => {
    for (const name of ['Certificate', 'Context', 'Message', 'Poller', 'Socket', 'Tracker'])
        assertThrows(TypeError, () => GObject.registerClass(class extends Zmq[name] {}));
    const Derived = GObject.registerClass(class DerivedStream extends Zmq.Stream {});
    const stream = new Derived({socket: new Zmq.Socket({socket_type: REQ})});
    assertEqual(stream instanceof Zmq.Stream, true);
    stream.close();
});

run();
