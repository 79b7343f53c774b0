// SPDX-License-Identifier: LGPL-2.1-or-later
// What the Vala tests share.

const uint PATIENCE = 20; // seconds

delegate bool Condition ();

// Runs the main loop until condition () holds.
void wait_for (Condition condition) {
    bool expired = false;
    var source = new TimeoutSource.seconds (PATIENCE);
    source.set_callback (() => {
        expired = true;
        return Source.REMOVE;
    });
    source.attach (null);
    while (!condition ()) {
        assert (!expired);
        MainContext.default ().iteration (true);
    }
    source.destroy ();
}

Zmq.Socket bound (Zmq.Context context, Zmq.SocketType type) throws Error {
    var socket = new Zmq.Socket (context, type);
    socket.linger = 0;
    socket.bind ("tcp://127.0.0.1:*");
    return socket;
}

Zmq.Socket connected (Zmq.Socket to, Zmq.SocketType type) throws Error {
    var socket = new Zmq.Socket (to.context, type);
    socket.linger = 0;
    socket.connect_to (to.last_endpoint);
    return socket;
}
