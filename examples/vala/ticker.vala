// SPDX-License-Identifier: LGPL-2.1-or-later
// A live ticker over PUB/SUB: who does not wait for the next tick pauses, and loses none.

async void rest (uint milliseconds) {
    Timeout.add (milliseconds, () => {
        rest.callback ();
        return Source.REMOVE;
    });
    yield;
}

// Ticks as soon as somebody has subscribed, which an XPUB socket tells.
class Publisher {
    public Zmq.Socket socket;
    public uint n_ticks;

    public Publisher () throws Error {
        socket = new Zmq.Socket (null, Zmq.SocketType.XPUB);
        socket.linger = 0;
        socket.bind ("tcp://127.0.0.1:*");
    }

    public async void run () throws Error {
        yield socket.receive_async ();
        while (!socket.is_closed ()) {
            n_ticks++;
            yield socket.send_async (new Zmq.Message.from_strv ({ "tick", n_ticks.to_string () }));
            yield rest (10);
        }
    }

    public async void wait_for (uint n_wanted) {
        while (n_ticks < n_wanted)
            yield rest (5);
    }
}

// Shows the ticks after that one, and returns the last.
async int show (Zmq.Socket socket, int after, int until) throws Error {
    int last = after;

    while (last < until) {
        var message = yield socket.receive_async ();
        var number = int.parse (message.get_string (1));
        if (number != last + 1)
            throw new IOError.FAILED ("lost: %d after %d", number, last);
        last = number;
        print ("tick %d\n", number);
    }

    return last;
}

async void run () throws Error {
    var publisher = new Publisher ();
    var socket = new Zmq.Socket (null, Zmq.SocketType.SUB);

    publisher.run.begin ();
    socket.linger = 0;
    socket.subscribe ("tick");
    socket.connect_to (publisher.socket.last_endpoint);

    var last = yield show (socket, 0, 3);
    print ("paused\n");
    yield publisher.wait_for (publisher.n_ticks + 5);
    print ("resumed\n");
    yield show (socket, last, 8);

    socket.close ();
    publisher.socket.close ();
    print ("nothing was lost\n");
}

int main () {
    var loop = new MainLoop ();
    int status = 0;

    run.begin ((source, result) => {
        try {
            run.end (result);
        } catch (Error error) {
            printerr ("%s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();

    return status;
}
