#!/usr/bin/env gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
// Asks an echo server ten times, one question after the other, and checks the answers.

imports.gi.versions.Zmq = '1.0';
const {GLib, Zmq} = imports.gi;
const System = imports.system;

const N_QUESTIONS = 10;

function main(endpoint = 'tcp://127.0.0.1:5555') {
    const loop = GLib.MainLoop.new(null, false);
    const socket = Zmq.Socket.new(null, Zmq.SocketType.REQ);
    socket.linger = 0;
    socket.connect(endpoint);
    const stream = Zmq.Stream.new(socket);
    let nAsked = 0;
    let question = null;
    let complaint = null;

    function ask() {
        question = Zmq.Message.new_from_strv([`Question ${++nAsked}`, 'second frame']);
        stream.send(question);
    }

    function stop(reason) {
        complaint = reason;
        loop.quit();
        return GLib.SOURCE_REMOVE;
    }

    stream.connect('received', (_, message) => {
        if (!message.equal(question)) {
            stop('The answer is not the question');
            return;
        }
        print(`${message.get_string(0)}: ${message.get_n_frames()} frames came back`);
        if (nAsked < N_QUESTIONS)
            ask();
        else
            stop(null);
    });
    GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, 10, () => stop('No answer for ten seconds'));
    ask();
    loop.run();
    stream.close();
    if (complaint !== null)
        throw new Error(complaint);
}

try {
    main(...ARGV);
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
