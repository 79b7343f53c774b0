// SPDX-License-Identifier: LGPL-2.1-or-later
// An echo service and its client, with timeouts and cancellation, as coroutines. The service leaves
// the request “silence” unanswered.

// where no server is
const string NOBODY = "tcp://127.0.0.1:1";

class Service {
    public Zmq.Socket router;
    public uint n_requests;
    public uint n_answers;

    public Service () throws Error {
        router = new Zmq.Socket (null, Zmq.SocketType.ROUTER);
        router.linger = 0;
        router.bind ("tcp://127.0.0.1:*");
    }

    // Ends when the socket is closed.
    public async void run () throws Error {
        try {
            while (true) {
                var message = yield router.receive_async ();
                n_requests++;
                if (message.get_string (1) != "silence") {
                    n_answers++;
                    yield router.send_async (message);
                }
            }
        } catch (Zmq.Error.CLOSED error) {
        }
    }
}

async string ask (Zmq.Socket client, string request, Cancellable? cancellable = null) throws Error {
    yield client.send_async (new Zmq.Message.from_string (request));
    var answer = yield client.receive_async (Priority.DEFAULT, cancellable);
    return answer.get_string (0);
}

async void time_out (Zmq.Socket client) throws Error {
    client.receive_timeout = 100; // ms
    try {
        yield ask (client, "silence");
    } catch (Zmq.Error.AGAIN error) {
        print ("timed out: silence\n");
    }
    client.receive_timeout = -1;
}

async void cancel (Zmq.Socket client) throws Error {
    var cancellable = new Cancellable ();
    Timeout.add (50, () => {
        cancellable.cancel ();
        return Source.REMOVE;
    });
    try {
        yield ask (client, "silence", cancellable);
    } catch (IOError.CANCELLED error) {
        print ("cancelled: silence\n");
    }
}

// A request to an absent server is dropped after a while.
async void ask_nobody () throws Error {
    var client = new Zmq.Socket (null, Zmq.SocketType.DEALER);
    client.linger = 0;
    client.immediate = true;
    client.send_timeout = 100; // ms
    client.connect_to (NOBODY);
    try {
        yield client.send_async (new Zmq.Message.from_string ("anybody there?"));
    } catch (Zmq.Error.AGAIN error) {
        print ("dropped: anybody there?\n");
    }
    client.close ();
}

async void run () throws Error {
    var service = new Service ();
    var client = new Zmq.Socket (null, Zmq.SocketType.DEALER);
    client.linger = 0;
    client.connect_to (service.router.last_endpoint);
    service.run.begin ();

    print ("echo: %s\n", yield ask (client, "hello"));
    yield time_out (client);
    yield cancel (client);
    print ("echo: %s\n", yield ask (client, "goodbye"));
    yield ask_nobody ();

    client.close ();
    service.router.close ();
    print ("answered %u of %u\n", service.n_answers, service.n_requests);
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
