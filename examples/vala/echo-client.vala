// SPDX-License-Identifier: LGPL-2.1-or-later
// Asks an echo server ten times, one question after the other, and checks the answers.

const uint N_QUESTIONS = 10;

class Client : Object {
    MainLoop loop = new MainLoop ();
    Zmq.Stream stream;
    Zmq.Message question;
    uint n_asked;
    string? complaint;

    public Client (string endpoint) throws Error {
        var socket = new Zmq.Socket (null, Zmq.SocketType.REQ);
        socket.linger = 0;
        socket.connect_to (endpoint);
        stream = new Zmq.Stream (socket);
        stream.received.connect (on_received);
    }

    void ask () throws Error {
        n_asked++;
        question = new Zmq.Message.from_strv ({ @"Question $n_asked", "second frame" });
        stream.send (question);
    }

    void on_received (Zmq.Message message) {
        try {
            if (!message.equal (question)) {
                stop ("The answer is not the question");
                return;
            }
            print ("%s: %u frames came back\n", message.get_string (0), message.get_n_frames ());
            if (n_asked < N_QUESTIONS)
                ask ();
            else
                stop (null);
        } catch (Error error) {
            stop (error.message);
        }
    }

    void stop (string? reason) {
        complaint = reason;
        loop.quit ();
    }

    /** Returns what went wrong, if anything. */
    public string? run () throws Error {
        Timeout.add_seconds (10, () => {
            stop ("No answer for ten seconds");
            return Source.REMOVE;
        });
        ask ();
        loop.run ();
        stream.close ();
        return complaint;
    }
}

int main (string[] args) {
    string? complaint;

    try {
        complaint = new Client (args.length > 1 ? args[1] : "tcp://127.0.0.1:5555").run ();
    } catch (Error error) {
        complaint = error.message;
    }
    if (complaint == null)
        return 0;
    printerr ("%s\n", complaint);
    return 1;
}
