// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages, sockets, pollers and contexts in gjs.

imports.searchPath.unshift(imports.gi.GLib.getenv('TEST_JS_DIR'));
const {assertEqual, assertFails, bound, contents, pipe, run, test, waitFor} = imports.support;
const {GLib, GObject, Zmq} = imports.gi;
const ByteArray = imports.byteArray;
const System = imports.system;

const IN = GLib.IOCondition.IN;
const PATIENCE = 20 * GLib.USEC_PER_SEC;

test('errors have the domain', context => {
    const socket = bound(context, Zmq.SocketType.PULL);
    const other = Zmq.Socket.new(context, Zmq.SocketType.PULL);
    const endpoint = socket.last_endpoint;
    const error = assertFails(Zmq.Error.ADDRESS_IN_USE, () => other.bind(endpoint));
    assertEqual(error.message.includes(endpoint), true);
    assertEqual(error instanceof Zmq.Error, true);
    assertFails(Zmq.Error.INVALID_ARGUMENT, () => other.bind('nonsense'));
    assertFails(Zmq.Error.AGAIN, () => socket.try_receive());
    socket.close();
    assertFails(Zmq.Error.CLOSED, () => socket.try_receive());
});

test('many at once are messages of their own', context => {
    const [push, pull] = pipe(context, 'inproc://many');
    const kept = [];
    for (let round = 0; round < 20; round++) {
        for (let i = 0; i < 30; i++)
            push.try_send(Zmq.Message.new_from_strv([`${i}`, 'x'.repeat(100)]));
        const messages = pull.try_receive_many(0);
        assertEqual(messages.map(message => contents(message)[0]), [...Array(30).keys()].map(i => `${i}`));
        kept.push(messages[7]);
        System.gc();
    }
    kept.forEach(message => assertEqual(contents(message), ['7', 'x'.repeat(100)]));
    assertEqual(pull.try_receive_many(0).length, 0);
});

test('frames outlive the message', () => {
    let message = Zmq.Message.new();
    for (let i = 0; i < 100; i++)
        message.append_data(ByteArray.fromString(`${i}`.repeat(1000)));
    const frames = message.get_frames();
    const single = message.get_frame(42);
    message = null;
    System.gc();
    frames.forEach((frame, i) =>
        assertEqual(ByteArray.toString(ByteArray.fromGBytes(frame)), `${i}`.repeat(1000)));
    assertEqual(ByteArray.toString(ByteArray.fromGBytes(single)), '42'.repeat(1000));
});

test('frames, strings and variants', () => {
    const message = Zmq.Message.new_from_strv(['one', '']);
    message.append_string('ü');
    message.append_bytes(new GLib.Bytes([0xff, 0xfe]));
    message.prepend_bytes(new GLib.Bytes(ByteArray.fromString('envelope')));
    assertEqual(message.get_n_frames(), 5);
    assertEqual(message.get_size(), 8 + 3 + 0 + 2 + 2);
    assertFails(Zmq.Error.INVALID_DATA, () => message.get_string(4));
    assertEqual(message.pop_frame().get_size(), 8);
    assertEqual(message.get_string(2), 'ü');
    assertEqual(message.get_frame(99), null);
    assertEqual(Array.from(message.peek_frame(3)), [0xff, 0xfe]);
    assertEqual(message.peek_frame(99)?.length ?? 0, 0);
    assertEqual(message.copy().equal(message), true);

    const packed = Zmq.Message.new();
    packed.append_variant(new GLib.Variant('(sai)', ['name', [1, 2, 3]]));
    const variant = packed.get_variant(0, new GLib.VariantType('(sai)'));
    assertEqual(variant.deep_unpack(), ['name', [1, 2, 3]]);
});

test('properties', context => {
    const changed = [];
    const socket = Zmq.Socket.new(context, Zmq.SocketType.DEALER);
    socket.connect('notify::linger', () => changed.push(socket.linger));
    socket.linger = 250;
    socket.routing_id = new GLib.Bytes(ByteArray.fromString('me'));
    assertEqual(changed, [250]);
    assertEqual(ByteArray.toString(ByteArray.fromGBytes(socket.routing_id)), 'me');
    assertEqual(socket.socket_type, Zmq.SocketType.DEALER);
    assertEqual(socket.context === context, true);
    assertEqual(socket.send_high_water_mark, 1000);
});

test('a source', context => {
    const calls = [];
    const [push, pull] = pipe(context, 'inproc://source');
    const source = pull.create_source(IN, null);
    GObject.source_set_closure(source, (socket, condition) => {
        calls.push([socket === pull, condition, contents(socket.try_receive())]);
        return calls.length < 2;
    });
    source.attach(null);
    for (const text of ['a', 'b', 'c'])
        push.try_send(Zmq.Message.new_from_string(text));
    waitFor(() => source.is_destroyed());
    assertEqual(calls, [[true, IN, ['a']], [true, IN, ['b']]]);
});

test('a poller', context => {
    const calls = [];
    const [push, pull] = pipe(context, 'inproc://poller');
    const poller = new Zmq.Poller();
    poller.add_socket(pull, IN, (self, socket, fd, condition) =>
        calls.push([self === poller, fd, condition, contents(socket.try_receive())]));
    System.gc();
    assertEqual(poller.wait(0, null), 0);
    push.try_send(Zmq.Message.new_from_string('x'));
    assertEqual(poller.wait(PATIENCE, null), 1);
    push.try_send(Zmq.Message.new_from_string('y'));
    const source = poller.create_source();
    source.attach(null);
    waitFor(() => calls.length === 2);
    assertEqual(calls, [[true, -1, IN, ['x']], [true, -1, IN, ['y']]]);
    source.destroy();
    poller.remove_socket(pull);
    assertFails(Zmq.Error.NOT_FOUND, () => poller.remove_socket(pull));
});

test('terminate a context', context => {
    let done = null;
    const socket = bound(context, Zmq.SocketType.PULL);
    socket.close();
    context.terminate_async(null, (_, result) => {
        done = context.terminate_finish(result);
    });
    waitFor(() => done !== null);
    assertEqual(done, true);
    assertFails(Zmq.Error.TERMINATED, () => Zmq.Socket.new(context, Zmq.SocketType.PULL));
});

run();
