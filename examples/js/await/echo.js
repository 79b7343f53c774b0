#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// An echo service and its client, with timeouts and cancellation, with await. The service leaves
// the request “silence” unanswered.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Zmq from 'gi://Zmq?version=1.0';

const decoder = new TextDecoder();
// where no server is
const NOBODY = 'tcp://127.0.0.1:1';
const {DEALER, ROUTER} = Zmq.SocketType;

function isError(error, code) {
    return error.matches(Zmq.error_quark(), code);
}

async function serve(router, counts) {
    for (;;) {
        const [peer, request] = await router.receive_async();
        counts.requests++;
        if (decoder.decode(request) !== 'silence') {
            counts.answers++;
            await router.send_async([peer, request]);
        }
    }
}

async function ask(client, request, cancellable = null) {
    await client.send_async(request);
    const [answer] = await client.receive_async(GLib.PRIORITY_DEFAULT, cancellable);
    return decoder.decode(answer);
}

async function timeOut(client) {
    client.receive_timeout = 100; // ms
    try {
        await ask(client, 'silence');
    } catch (error) {
        if (!isError(error, Zmq.Error.AGAIN))
            throw error;
        print('timed out: silence');
    }
    client.receive_timeout = -1;
}

async function cancel(client) {
    const cancellable = new Gio.Cancellable();
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, 50, () => {
        cancellable.cancel();
        return GLib.SOURCE_REMOVE;
    });
    try {
        await ask(client, 'silence', cancellable);
    } catch (error) {
        if (!error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
            throw error;
        print('cancelled: silence');
    }
}

// A request to an absent server is dropped after a while.
async function askNobody() {
    const client = new Zmq.Socket({socket_type: DEALER, linger: 0, immediate: true, send_timeout: 100});
    client.connect(NOBODY);
    try {
        await client.send_async('anybody there?');
    } catch (error) {
        if (!isError(error, Zmq.Error.AGAIN))
            throw error;
        print('dropped: anybody there?');
    }
    client.close();
}

async function main() {
    const counts = {requests: 0, answers: 0};
    const router = new Zmq.Socket({socket_type: ROUTER, linger: 0});
    const client = new Zmq.Socket({socket_type: DEALER, linger: 0});
    router.bind('tcp://127.0.0.1:*');
    client.connect(router.last_endpoint);

    const service = serve(router, counts);
    print('echo:', await ask(client, 'hello'));
    await timeOut(client);
    await cancel(client);
    print('echo:', await ask(client, 'goodbye'));
    await askNobody();

    client.close();
    router.close();
    // which ends the service
    await service.catch(error => {
        if (!isError(error, Zmq.Error.CLOSED))
            throw error;
    });
    print(`answered ${counts.answers} of ${counts.requests}`);
}

const loop = GLib.MainLoop.new(null, false);
main().catch(logError).finally(() => loop.quit());
loop.run();
