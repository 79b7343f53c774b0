// SPDX-License-Identifier: LGPL-2.1-or-later
// Async methods and yield: what may be left out, cancellation, timeouts, errors.

async void converse (Zmq.Socket server, Zmq.Socket client) throws Error {
    yield client.send_async (new Zmq.Message.from_string ("question"));
    var question = yield server.receive_async ();
    assert (question.get_string (0) == "question");
    yield server.send_async (new Zmq.Message.from_string ("answer"), Priority.LOW);
    assert ((yield client.wait_async (IOCondition.IN)) == IOCondition.IN);
    var answer = yield client.receive_async (Priority.DEFAULT, null);
    assert (answer.get_string (0) == "answer");
}

void test_converse () {
    var done = false;

    try {
        var server = bound (new Zmq.Context (), Zmq.SocketType.REP);
        var client = connected (server, Zmq.SocketType.REQ);

        converse.begin (server, client, (source, result) => {
            try {
                converse.end (result);
            } catch (Error error) {
                assert_no_error (error);
            }
            done = true;
        });
        wait_for (() => done);
    } catch (Error error) {
        assert_no_error (error);
    }
}

async void expect_cancelled (Zmq.Socket socket, Cancellable cancellable) {
    try {
        yield socket.receive_async (Priority.DEFAULT, cancellable);
        assert_not_reached ();
    } catch (IOError.CANCELLED error) {
    } catch (Error error) {
        assert_no_error (error);
    }
}

async void expect_timeout (Zmq.Socket socket) {
    socket.receive_timeout = 10;
    try {
        yield socket.receive_async ();
        assert_not_reached ();
    } catch (Zmq.Error.AGAIN error) {
    } catch (Error error) {
        assert_no_error (error);
    }
    socket.receive_timeout = -1;
}

async void expect_closed (Zmq.Socket socket) {
    try {
        yield socket.receive_async ();
        assert_not_reached ();
    } catch (Zmq.Error.CLOSED error) {
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_ends () {
    try {
        var socket = bound (new Zmq.Context (), Zmq.SocketType.PULL);
        var cancellable = new Cancellable ();
        var n_done = 0;

        expect_cancelled.begin (socket, cancellable, () => n_done++);
        cancellable.cancel ();
        wait_for (() => n_done == 1);
        expect_timeout.begin (socket, () => n_done++);
        wait_for (() => n_done == 2);
        expect_closed.begin (socket, () => n_done++);
        socket.close ();
        wait_for (() => n_done == 3);
    } catch (Error error) {
        assert_no_error (error);
    }
}

async void track (Zmq.Stream stream, Zmq.Socket pull) throws Error {
    var message = new Zmq.Message.from_bytes (new Bytes.take (new uint8[1000000]));
    var tracker = message.track ();

    stream.send_full (message);
    assert (!tracker.done);
    pull.connect_to (stream.socket.last_endpoint);
    assert ((yield pull.receive_async ()).get_size () == 1000000);
    yield stream.drain_async ();
    var next = new Zmq.Stream.bound (Zmq.SocketType.PULL, "tcp://127.0.0.1:*");
    var other = new Zmq.Stream.connected (Zmq.SocketType.PUSH, next.socket.last_endpoint);
    other.send_string ("next");
    assert ((yield next.receive_async ()).get_string (0) == "next");
    assert (next.open);
    next.close ();
    assert (!next.open);
    yield tracker.wait_async ();
    assert (tracker.done);
}

void test_track () {
    var done = false;

    try {
        var context = new Zmq.Context ();
        var stream = new Zmq.Stream (bound (context, Zmq.SocketType.PUSH));
        var pull = new Zmq.Socket (context, Zmq.SocketType.PULL);

        track.begin (stream, pull, (source, result) => {
            try {
                track.end (result);
            } catch (Error error) {
                assert_no_error (error);
            }
            done = true;
        });
        wait_for (() => done);
        pull.close ();
        stream.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_defaults () {
    try {
        var pull = bound (new Zmq.Context (), Zmq.SocketType.PULL);
        var push = connected (pull, Zmq.SocketType.PUSH);
        var stream = new Zmq.Stream (pull);

        push.send (new Zmq.Message.from_string ("blocking"));
        assert (pull.wait (IOCondition.IN));
        assert (pull.receive ().get_string (0) == "blocking");
        push.send (new Zmq.Message.from_string ("flushed"));
        pull.wait (IOCondition.IN);
        assert (stream.flush (IOCondition.IN) == 1);
        push.close ();
        stream.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/vala/async/converse", test_converse);
    Test.add_func ("/vala/async/ends", test_ends);
    Test.add_func ("/vala/async/track", test_track);
    Test.add_func ("/vala/async/defaults", test_defaults);
    return Test.run ();
}
