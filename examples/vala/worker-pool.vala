// SPDX-License-Identifier: LGPL-2.1-or-later
// A pool of workers, each a coroutine with a DEALER of its own, around a ROUTER.

const uint N_WORKERS = 3;
const uint N_TASKS = 12;

async void rest (uint milliseconds) {
    Timeout.add (milliseconds, () => {
        rest.callback ();
        return Source.REMOVE;
    });
    yield;
}

class Pool {
    Zmq.Socket router;
    Queue<Bytes> idle = new Queue<Bytes> ();
    uint n_running;
    SourceFunc? on_stopped;

    public Pool () throws Error {
        router = new Zmq.Socket (null, Zmq.SocketType.ROUTER);
        router.linger = 0;
        router.bind ("tcp://127.0.0.1:*");
    }

    async void work () throws Error {
        var socket = new Zmq.Socket (null, Zmq.SocketType.DEALER);
        socket.linger = 0;
        socket.connect_to (router.last_endpoint);
        yield socket.send_async (new Zmq.Message.from_string ("ready"));
        while (true) {
            var task = (yield socket.receive_async ()).get_string (0);
            if (task == "stop")
                break;
            var number = int.parse (task);
            yield rest (1 + number % 5);
            yield socket.send_async (new Zmq.Message.from_string ((number * number).to_string ()));
        }
        socket.close ();
    }

    async void run_worker () {
        try {
            yield work ();
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
        if (--n_running == 0 && on_stopped != null)
            on_stopped ();
    }

    // The next answer; whose it is is ready for more.
    async string get_answer () throws Error {
        var message = yield router.receive_async ();
        idle.push_tail (message.pop_frame ());
        return message.get_string (0);
    }

    // To the worker that has been ready for longest.
    async void give (string text) throws Error {
        var message = new Zmq.Message.from_bytes (idle.pop_head ());
        message.append_string (text);
        yield router.send_async (message);
    }

    async void distribute () throws Error {
        var results = new SList<int> ();
        var took_part = new GenericSet<Bytes> (Bytes.hash, (a, b) => a.compare (b) == 0);
        uint next = 1;

        while (results.length () < N_TASKS) {
            while (next <= N_TASKS && !idle.is_empty ())
                yield give ((next++).to_string ());
            results.insert_sorted (int.parse (yield get_answer ()), (a, b) => a - b);
            took_part.add (idle.peek_tail ());
        }
        report (results);
        if (took_part.length == N_WORKERS)
            print ("all %u workers took part\n", N_WORKERS);
    }

    void report (SList<int> results) {
        var sum = 0;
        string[] texts = {};

        foreach (var result in results) {
            sum += result;
            texts += result.to_string ();
        }
        print ("%s\nthe sum is %d\n", string.joinv (" ", texts), sum);
    }

    public async void run () throws Error {
        for (n_running = 0; n_running < N_WORKERS; n_running++)
            run_worker.begin ();
        while (idle.length < N_WORKERS)
            yield get_answer ();
        print ("%u workers are ready\n", idle.length);

        yield distribute ();

        while (!idle.is_empty ())
            yield give ("stop");
        on_stopped = run.callback;
        if (n_running > 0)
            yield;
        print ("%u workers have stopped\n", N_WORKERS);
        router.close ();
    }
}

async void run () throws Error {
    yield new Pool ().run ();
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
