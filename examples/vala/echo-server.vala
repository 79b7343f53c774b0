// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers each message with the same message. Ends with Ctrl+C.

int main (string[] args) {
    var endpoint = args.length > 1 ? args[1] : "tcp://127.0.0.1:5555";

    try {
        var socket = new Zmq.Socket (null, Zmq.SocketType.REP);
        socket.bind (endpoint);
        // with port “*” only the socket knows which it became
        print ("Listening on %s\n", socket.last_endpoint);

        var stream = new Zmq.Stream (socket);
        stream.received.connect ((message) => {
            try {
                stream.send (message);
            } catch (Error error) {
                printerr ("%s\n", error.message);
            }
        });

        var loop = new MainLoop ();
        foreach (var number in new int[] { Posix.Signal.INT, Posix.Signal.TERM }) {
            Unix.signal_add (number, () => {
                loop.quit ();
                return Source.CONTINUE;
            });
        }
        loop.run ();
        stream.close ();
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    return 0;
}
