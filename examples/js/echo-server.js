#!/usr/bin/env gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers each message with the same message. Ends with Ctrl+C.

imports.gi.versions.Zmq = '1.0';
const {GLib, Zmq} = imports.gi;
const System = imports.system;

// It was a part of GLib before 2.80.
function newSignalSource(number) {
    let GLibUnix;
    try {
        ({GLibUnix} = imports.gi);
    } catch {
        return GLib.unix_signal_source_new(number);
    }
    return GLibUnix.signal_source_new(number);
}

function main(endpoint = 'tcp://127.0.0.1:5555') {
    const socket = Zmq.Socket.new(null, Zmq.SocketType.REP);
    socket.bind(endpoint);
    // with port “*” only the socket knows which it became
    print(`Listening on ${socket.last_endpoint}`);

    const stream = Zmq.Stream.new(socket);
    stream.connect('received', (self, message) => {
        try {
            self.send(message);
        } catch (error) {
            printerr(error.message);
        }
    });

    const loop = GLib.MainLoop.new(null, false);
    const [SIGINT, SIGTERM] = [2, 15];
    for (const number of [SIGINT, SIGTERM]) {
        const source = newSignalSource(number);
        source.set_callback(() => {
            loop.quit();
            return GLib.SOURCE_CONTINUE;
        });
        source.attach(null);
    }
    loop.run();
    stream.close();
}

try {
    main(...ARGV);
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
