// SPDX-License-Identifier: LGPL-2.1-or-later
// The namespace as JavaScript has it: messages to iterate over, promises, streams in “for await”.

imports.searchPath.unshift(imports.gi.GLib.getenv('TEST_JS_DIR'));
const {
    assertEqual, assertFails, assertRejects, assertThrows, bound, connected, pipe, run, settle, test, texts, waitFor,
} = imports.support;
const {Gio, GLib, Zmq} = imports.gi;

const decoder = new TextDecoder();

test('messages are made and iterated over', () => {
    const bytes = Uint8Array.of(0, 255, 7);
    const message = new Zmq.Message(['a', bytes, new GLib.Bytes(bytes), 'ü']);
    assertEqual(message.length, 4);
    assertEqual(message instanceof Zmq.Message, true);
    assertEqual([...message].every(frame => frame instanceof Uint8Array), true);
    assertEqual([...message].map(frame => [...frame]), [[97], [0, 255, 7], [0, 255, 7], [195, 188]]);
    assertEqual(texts(new Zmq.Message('one frame')), ['one frame']);
    assertEqual([...new Zmq.Message()], []);
    assertEqual([...new Zmq.Message('')].map(frame => frame.length), [0]);
    assertEqual(texts(Zmq.Message.new_from_strv(['x', 'y'])), ['x', 'y']);
    assertEqual(new Zmq.Message(['a']).equal(Zmq.Message.new_from_string('a')), true);
});

test('what is no frame is a type error', () => {
    for (const value of [1, null, [1], [['a']], {}])
        assertThrows(TypeError, () => new Zmq.Message(value));
    for (const index of [1, -1, 0.5, '0'])
        assertThrows(RangeError, () => new Zmq.Message('a').frame(index));
});

test('sockets connect and send what is natural', context => {
    const pull = new Zmq.Socket({context, socket_type: Zmq.SocketType.PULL, linger: 0});
    const push = new Zmq.Socket({context, socket_type: Zmq.SocketType.PUSH, linger: 0});
    pull.bind('tcp://127.0.0.1:*');
    push.connect(pull.last_endpoint);
    for (const form of ['a', ['a', 'b'], Uint8Array.of(97), new Zmq.Message(['a', 'b'])]) {
        push.send(form);
        push.send(form, null);
        assertEqual(texts(pull.receive()), texts(pull.receive(null)));
    }
    push.try_send('last');
    assertEqual(pull.wait(GLib.IOCondition.IN), true);
    assertEqual(texts(pull.receive()), ['last']);

    let seen = 0;
    const handler = push.connect('notify::linger', () => seen++);
    push.linger = 5;
    push.disconnect(handler);
    push.linger = 6;
    assertEqual(seen, 1);
    push.disconnect(pull.last_endpoint);
    assertFails(Zmq.Error.NOT_FOUND, () => push.disconnect(pull.last_endpoint));
});

test('a socket that cannot be made throws', context => {
    context.shutdown();
    assertFails(Zmq.Error.TERMINATED, () => new Zmq.Socket({context, socket_type: Zmq.SocketType.PULL}));
});

test('binary subscriptions', context => {
    const pub = bound(context, Zmq.SocketType.XPUB);
    const sub = connected(context, Zmq.SocketType.SUB, pub.last_endpoint);
    sub.subscribe(Uint8Array.of(255));
    assertEqual([...pub.receive().frame(0)], [1, 255]);
    sub.subscribe('text');
    assertEqual(decoder.decode(pub.receive().frame(0).slice(1)), 'text');
    sub.unsubscribe(Uint8Array.of(255));
    assertEqual([...pub.receive().frame(0)], [0, 255]);
});

test('blocking calls need no cancellable', context => {
    const [push, pull] = pipe(context, 'inproc://blocking');

    let seen = 0;
    const poller = new Zmq.Poller();
    poller.add_socket(pull, GLib.IOCondition.IN, () => seen++);
    push.send('a');
    assertEqual([poller.wait(), seen], [1, 1]);
    assertEqual(new Zmq.Context().terminate(), true);
});

test('promises', context => {
    const server = bound(context, Zmq.SocketType.REP);
    const client = connected(context, Zmq.SocketType.REQ, server.last_endpoint);

    async function serve() {
        const request = await server.receive_async();
        await server.send_async([...request, 'answer']);
    }
    async function ask() {
        await client.send_async('question');
        assertEqual(await client.wait_async(GLib.IOCondition.IN), GLib.IOCondition.IN);
        return client.receive_async(GLib.PRIORITY_LOW, null);
    }
    const [, answer] = settle(Promise.all([serve(), ask()]));
    assertEqual(texts(answer), ['question', 'answer']);
});

test('callbacks stay', context => {
    const [push, pull] = pipe(context, 'inproc://callbacks');
    let got = null;
    pull.receive_async(GLib.PRIORITY_DEFAULT, null, (socket, result) => {
        got = texts(socket.receive_finish(result));
    });
    push.send('a');
    waitFor(() => got !== null);
    assertEqual(got, ['a']);
});

test('promises are rejected', context => {
    const pull = bound(context, Zmq.SocketType.PULL);
    const cancellable = new Gio.Cancellable();

    async function fail() {
        pull.receive_timeout = 10;
        await assertRejects(Zmq.Error.AGAIN, pull.receive_async());
        pull.receive_timeout = -1;
        const cancelled = pull.receive_async(undefined, cancellable).catch(error => error);
        cancellable.cancel();
        assertEqual((await cancelled).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), true);
        const waiting = pull.receive_async();
        pull.close();
        await assertRejects(Zmq.Error.CLOSED, waiting);
        await assertRejects(Zmq.Error.CLOSED, pull.receive_async());
    }
    settle(fail());
});

test('draining, terminating, tracking', context => {
    const socket = bound(context, Zmq.SocketType.PUSH);
    const stream = new Zmq.Stream({socket});
    const message = Zmq.Message.new_from_bytes(new GLib.Bytes(new Uint8Array(1000000)));
    const tracker = message.track();

    async function end() {
        stream.send(message);
        const pull = connected(context, Zmq.SocketType.PULL, socket.last_endpoint);
        assertEqual((await pull.receive_async()).get_size(), 1000000);
        assertEqual(await stream.drain_async(), true);
        assertEqual(await tracker.wait_async(), true);
        assertEqual(tracker.wait(), true);
        pull.close();
        stream.close();
        assertEqual(await context.terminate_async(), true);
    }
    settle(end());
});

test('streams that are made with their sockets', () => {
    const pull = Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'tcp://127.0.0.1:*');
    const push = Zmq.Stream.new_connected(Zmq.SocketType.PUSH, pull.socket.last_endpoint);
    assertEqual([pull.owned_by_loop, pull.open], [true, true]);
    push.send('a');
    assertEqual(texts(settle(pull.receive_async())), ['a']);
    push.close();
    pull.close();
    assertEqual(pull.open, false);
    assertFails(Zmq.Error.INVALID_ARGUMENT, () => Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'tcp://nonsense'));
});

test('for await, and what is left', context => {
    const [push, pull] = pipe(context, 'inproc://iterate');
    const stream = new Zmq.Stream({socket: pull});
    for (let i = 0; i < 10; i++)
        push.send(`${i}`);

    async function iterate(until) {
        const received = [];
        for await (const message of stream) {
            received.push(Number(texts(message)[0]));
            if (received.length === until)
                break;
        }
        return received;
    }
    assertEqual(settle(iterate(4)), [0, 1, 2, 3]);
    assertEqual(texts(pull.try_receive()), ['4']);
    assertEqual(settle(iterate(5)), [5, 6, 7, 8, 9]);

    const last = iterate(1);
    stream.close();
    assertEqual(settle(last), []);
    assertEqual(settle(iterate(1)), []);
});

test('for await of a stream that an error closes', context => {
    const stream = new Zmq.Stream({socket: bound(context, Zmq.SocketType.PULL)});
    async function iterate() {
        for await (const message of stream)
            throw new Error(`received ${message}`);
    }
    const iteration = iterate();
    context.shutdown();
    settle(assertRejects(Zmq.Error.TERMINATED, iteration));
});

test('for await of a stream that an error closes while no message is waited for', context => {
    const [push, pull] = pipe(context, 'inproc://between');
    const stream = new Zmq.Stream({socket: pull});
    let received = 0;
    let goOn = null;
    async function iterate() {
        for await (const [frame] of stream) {
            received += frame.length;
            await new Promise(resolve => (goOn = resolve));
        }
    }
    const iteration = iterate();
    push.send('a');
    waitFor(() => goOn !== null);
    context.shutdown();
    waitFor(() => stream.is_closed());
    for (let i = 0; i < 5; i++)
        GLib.MainContext.default().iteration(false);
    goOn();
    settle(assertRejects(Zmq.Error.TERMINATED, iteration));
    assertEqual(received, 1);
});

test('a stream sends what is natural, while it is wanted', context => {
    const socket = bound(context, Zmq.SocketType.PUSH);
    const stream = new Zmq.Stream({socket});
    const outcomes = [];
    stream.connect('sent', (_stream, message, error) => outcomes.push([texts(message), error?.code ?? null]));
    stream.send_full(['a', 'b'], 0);
    stream.send_full('kept');
    stream.send(['c']);
    waitFor(() => outcomes.length === 1);
    assertEqual(outcomes, [[['a', 'b'], Zmq.Error.AGAIN]]);
    const pull = connected(context, Zmq.SocketType.PULL, socket.last_endpoint);
    waitFor(() => outcomes.length === 3);
    assertEqual(texts(pull.receive()), ['kept']);
    const incoming = new Zmq.Stream({socket: pull});
    waitFor(() => pull.get_condition() & GLib.IOCondition.IN);
    assertEqual(incoming.flush(GLib.IOCondition.IN), 1);
});

test('certificates', context => {
    const [path] = GLib.file_open_tmp('zmqglib-XXXXXX').slice(1);
    const file = Gio.File.new_for_path(path);
    const certificate = new Zmq.Certificate();
    certificate.save_public(file);
    const key = Zmq.Certificate.load(file).get_public_key();
    file.delete(null);
    assertEqual(key, certificate.get_public_key());

    const own = Zmq.Certificate.new_from_keys(key, certificate.dup_secret_key(), {name: 'Ann'});
    assertEqual(own.get_metadata(), {name: 'Ann'});
    assertEqual(own.has_secret_key(), true);
    assertFails(Zmq.Error.INVALID_ARGUMENT, () => Zmq.Certificate.new_from_keys('no key'));
    assertFails(Zmq.Error.WRONG_STATE, () => Zmq.Certificate.new_from_keys(key).save(file));

    const pull = new Zmq.Socket({context, socket_type: Zmq.SocketType.PULL});
    const push = new Zmq.Socket({context, socket_type: Zmq.SocketType.PUSH});
    pull.set_curve_server(own);
    pull.bind('tcp://127.0.0.1:*');
    push.set_curve_client(Zmq.Certificate.new(), key);
    push.connect(pull.last_endpoint);
    push.send('secret');
    assertEqual(texts(pull.receive()), ['secret']);
});

test('monitor', context => {
    const rep = new Zmq.Socket({context, socket_type: Zmq.SocketType.REP});
    assertThrows(TypeError, () => new Zmq.Monitor({}));
    const monitor = new Zmq.Monitor({socket: rep});
    const kinds = [];
    monitor.connect('event::accepted', (_monitor, event) => kinds.push(event.get_kind()));
    rep.bind('tcp://127.0.0.1:*');
    const req = new Zmq.Socket({context, socket_type: Zmq.SocketType.REQ, linger: 0});
    const coming = monitor.wait_async(Zmq.MonitorEventKind.HANDSHAKE_SUCCEEDED, -1);
    req.connect(rep.last_endpoint);
    assertEqual(settle(coming).get_kind(), Zmq.MonitorEventKind.HANDSHAKE_SUCCEEDED);
    waitFor(() => monitor.connected);
    assertEqual([monitor.n_peers, kinds], [1, [Zmq.MonitorEventKind.ACCEPTED]]);
    req.close();
    waitFor(() => !monitor.connected);
    monitor.close();
    assertEqual(monitor.is_closed(), true);
});

test('authenticator', context => {
    const authenticator = new Zmq.Authenticator({context});
    assertFails(Zmq.Error.ADDRESS_IN_USE, () => Zmq.Authenticator.new(context));
    assertFails(Zmq.Error.INVALID_ARGUMENT, () => authenticator.allow_address('localhost'));
    assertFails(Zmq.Error.INVALID_ARGUMENT, () => authenticator.allow_key(null, 'no key'));

    const router = new Zmq.Socket({context, socket_type: Zmq.SocketType.ROUTER, plain_server: true});
    router.bind('tcp://127.0.0.1:*');
    assertEqual([router.zap_domain, router.zap_enforce_domain], ['global', true]);
    const dealer = new Zmq.Socket({
        context: new Zmq.Context(), socket_type: Zmq.SocketType.DEALER, plain_username: 'ann', plain_password: 'sesame',
    });
    assertEqual(dealer.plain_password, undefined);
    dealer.connect(router.last_endpoint);
    dealer.send('hello');

    const asked = [];
    authenticator.connect('authenticate', (_authenticator, request) => {
        asked.push([request.domain, request.user, request.password]);
        request.accept('Ann', {'X-Row': '1'});
        return true;
    });
    const stream = new Zmq.Stream({socket: router});
    const received = [];
    stream.connect('received', (_stream, message) => received.push([message.get_user_id(), message.get_metadata('X-Row')]));
    waitFor(() => received.length > 0);
    assertEqual(asked, [['global', 'ann', 'sesame']]);
    assertEqual(received, [['Ann', '1']]);
    waitFor(() => authenticator.n_accepted === 1);
    authenticator.close();
    assertEqual(authenticator.is_closed(), true);
    stream.close();
});

test('proxy', context => {
    const pair = (type, peerType) => {
        const socket = new Zmq.Socket({context, socket_type: type});
        const peer = new Zmq.Socket({context, socket_type: peerType});
        socket.bind('tcp://127.0.0.1:*');
        peer.connect(socket.last_endpoint);
        return [socket, peer];
    };
    const [frontend, client] = pair(Zmq.SocketType.PULL, Zmq.SocketType.PUSH);
    const [backend, service] = pair(Zmq.SocketType.PUSH, Zmq.SocketType.PULL);
    assertFails(Zmq.Error.INVALID_ARGUMENT, () => Zmq.Proxy.new(frontend, backend, frontend));
    const proxy = new Zmq.Proxy({frontend, backend});
    const seen = [];
    const stopped = [];
    proxy.connect('forward', (_proxy, direction, message) => {
        seen.push([direction, texts(message)]);
        return seen.length === 1;
    });
    proxy.connect('stopped', (_proxy, error) => stopped.push(error));
    proxy.start();
    assertEqual(proxy.running, true);
    client.send('dropped');
    client.send('kept');
    waitFor(() => service.get_condition() & GLib.IOCondition.IN);
    assertEqual(texts(service.receive()), ['kept']);
    assertEqual(seen, [[Zmq.ProxyDirection.IN, ['dropped']], [Zmq.ProxyDirection.IN, ['kept']]]);
    proxy.stop();
    waitFor(() => stopped.length > 0);
    assertEqual([stopped, proxy.running, proxy.n_forwarded_in], [[null], false, 1]);
});

test('server', context => {
    const server = new Zmq.Server({context, max_pending: 2});
    assertFails(Zmq.Error.INVALID_ARGUMENT, () => server.bind('inproc://a\0b'));
    server.bind('tcp://127.0.0.1:*');
    server.get_socket().linger = 0;
    const client = new Zmq.Socket({context, socket_type: Zmq.SocketType.DEALER, linger: 0});
    client.connect(server.last_endpoint);
    const requests = [];
    server.connect('request', (_server, request) => requests.push(request));
    for (const name of ['a', 'b', 'c'])
        client.send([name, '', `from ${name}`]);
    waitFor(() => requests.length === 2);
    assertEqual([server.n_pending, server.max_pending], [2, 2]);
    assertEqual(requests.map(({message}) => texts(message)), [['from a'], ['from b']]);
    assertEqual([requests[0].user_id, requests[0].peer.get_size()], [null, 5]);
    requests[1].reply('to b');
    assertFails(Zmq.Error.WRONG_STATE, () => requests[1].reply('again'));
    waitFor(() => requests.length === 3);
    requests[2].reply(['to', 'c']);
    requests[0].reply(new Zmq.Message(['to a']));
    const replies = [];
    waitFor(() => {
        replies.push(...client.try_receive_many().map(texts));
        return replies.length === 3;
    });
    assertEqual(replies, [['b', '', 'to b'], ['c', '', 'to', 'c'], ['a', '', 'to a']]);
    server.close();
    assertEqual(server.is_closed(), true);
    assertFails(Zmq.Error.CLOSED, () => server.bind('tcp://127.0.0.1:*'));
});

test('client', context => {
    const server = new Zmq.Server({context});
    server.bind('tcp://127.0.0.1:*');
    server.connect('request', (_server, request) => request.reply(['re', ...texts(request.message)]));
    const client = new Zmq.Client({context, timeout_us: 20e6, strategy: Zmq.ClientStrategy.SPREAD});
    const configured = [];
    client.connect('configure', (_client, socket) => configured.push(socket.socket_type));
    assertFails(Zmq.Error.INVALID_ARGUMENT, () => client.connect('inproc://a\0b'));
    client.connect(server.last_endpoint);
    assertEqual(configured, [Zmq.SocketType.DEALER]);

    const answers = [];
    client.request_async('a').then(answer => answers.push(texts(answer))).catch(logError);
    client.request_async(['b', 'c'], null, (_client, result) => answers.push(texts(client.request_finish(result))));
    assertEqual(client.n_pending, 2);
    waitFor(() => answers.length === 2);
    assertEqual(answers.sort(), [['re', 'a'], ['re', 'b', 'c']]);

    client.disconnect(server.last_endpoint);
    const errors = [];
    client.request_async('whom').catch(error => errors.push(error));
    waitFor(() => errors.length === 1);
    assertEqual(errors[0].matches(Zmq.Error, Zmq.Error.WRONG_STATE), true);
    client.close();
    assertFails(Zmq.Error.CLOSED, () => client.request('late'));
    server.close();
});

test('lists', context => {
    const pull = new Zmq.Socket({context, socket_type: Zmq.SocketType.PULL});
    pull.bind('inproc://feed');
    const stream = Zmq.Stream.new(pull);
    const feed = new Zmq.Feed({stream, mode: Zmq.FeedMode.LATEST});
    const push = new Zmq.Socket({context, socket_type: Zmq.SocketType.PUSH});
    push.connect('inproc://feed');
    for (let i = 0; i < 6; i++)
        push.send([`topic ${i % 2}`, `${i}`]);
    waitFor(() => feed.n_items === 2 && [...feed].every(item => item.n_updates === 3));
    assertEqual([...feed].map(item => [item.topic, texts(item.message)[1]]), [['topic 0', '4'], ['topic 1', '5']]);
    assertFails(Zmq.Error.WRONG_STATE, () => Zmq.Feed.new(stream));
    feed.close();
    stream.close();

    const router = new Zmq.Socket({context, socket_type: Zmq.SocketType.ROUTER});
    router.bind('inproc://peers');
    const peerStream = Zmq.Stream.new(router);
    const peers = Zmq.PeerList.new(peerStream);
    const ids = [];
    peerStream.connect('received', (_stream, message) => ids.push(message.get_frame(0)));
    const dealer = new Zmq.Socket({context, socket_type: Zmq.SocketType.DEALER});
    dealer.connect('inproc://peers');
    dealer.send('here');
    waitFor(() => ids.length === 1 && peers.n_items === 1);
    assertEqual(peers.lookup(ids[0]).n_messages, 1);
    peers.expiry_us = 1;
    waitFor(() => peers.n_items === 0);
    peerStream.close();
});

run();
