// SPDX-License-Identifier: LGPL-2.1-or-later
// The bindings for Vala: signals, error domain, subclasses, async methods.

class Collector : Zmq.Stream {
    public GenericArray<Zmq.Message> messages = new GenericArray<Zmq.Message> ();
    public bool was_closed;

    public Collector (Zmq.Socket socket) {
        Object (socket: socket);
    }

    public override void received (Zmq.Message message) {
        messages.add (message);
    }

    public override void closed (Error? error) {
        was_closed = error == null;
    }
}

void test_echo () {
    try {
        var server = new Zmq.Stream (bound (new Zmq.Context (), Zmq.SocketType.REP));
        var client = new Zmq.Stream (connected (server.socket, Zmq.SocketType.REQ));
        Zmq.Message? answer = null;
        Error? failure = null;
        uint n_sent = 0;

        server.received.connect ((message) => {
            try {
                server.send (message);
            } catch (Error error) {
                failure = error;
            }
        });
        client.received.connect ((message) => { answer = message; });
        client.sent.connect ((message, error) => {
            assert (error == null);
            n_sent++;
        });

        var question = new Zmq.Message.from_strv ({ "hello", "world" });
        client.send (question);
        wait_for (() => answer != null && n_sent == 1);
        assert (failure == null);
        assert (answer.equal (question));

        var frames = answer.get_frames ();
        assert (frames.length == 2);
        assert (frames[1].compare (new Bytes ("world".data)) == 0);
        server.close ();
        client.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_subclass () {
    try {
        var stream = new Collector (bound (new Zmq.Context (), Zmq.SocketType.PULL));
        var sender = new Zmq.Stream (connected (stream.socket, Zmq.SocketType.PUSH));

        for (int i = 0; i < 1000; i++)
            sender.send_string (i.to_string ());
        wait_for (() => stream.messages.length == 1000);
        for (int i = 0; i < 1000; i++)
            assert (stream.messages[i].get_string (0) == i.to_string ());

        stream.close ();
        wait_for (() => stream.was_closed);
        sender.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_pause_and_flush () {
    try {
        var stream = new Zmq.Stream (bound (new Zmq.Context (), Zmq.SocketType.PULL));
        var sender = new Zmq.Stream (connected (stream.socket, Zmq.SocketType.PUSH));
        uint n_received = 0;
        var id = stream.received.connect ((message) => { n_received++; });

        for (int i = 0; i < 10; i++)
            sender.send_string (i.to_string ());
        wait_for (() => n_received == 10);

        SignalHandler.block (stream, id);
        sender.send_string ("later");
        wait_for (() => (stream.socket.get_condition () & IOCondition.IN) != 0);
        assert (n_received == 10);
        SignalHandler.unblock (stream, id);
        assert (stream.flush (IOCondition.IN, 1) == 1);
        assert (n_received == 11);
        stream.close ();
        sender.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_error_domain () {
    bool caught = false;

    try {
        var socket = bound (new Zmq.Context (), Zmq.SocketType.PULL);
        try {
            new Zmq.Socket (socket.context, Zmq.SocketType.PULL).bind (socket.last_endpoint);
        } catch (Zmq.Error.ADDRESS_IN_USE error) {
            caught = socket.last_endpoint in error.message;
        }
        socket.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
    assert (caught);
}

void test_poller () {
    try {
        var pull = bound (new Zmq.Context (), Zmq.SocketType.PULL);
        var push = connected (pull, Zmq.SocketType.PUSH);
        var poller = new Zmq.Poller ();
        string? text = null;

        poller.add_socket (pull, IOCondition.IN, (self, socket, fd, condition) => {
            try {
                text = socket.try_receive ().get_string (0);
            } catch (Error error) {
                assert_no_error (error);
            }
        });
        push.send (new Zmq.Message.from_string ("polled"));
        assert (poller.wait (PATIENCE * TimeSpan.SECOND) == 1);
        assert (text == "polled");
        push.close ();
        pull.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

async void end (Zmq.Stream stream, Zmq.Context context) {
    try {
        assert (yield stream.drain_async ());
        stream.close ();
        assert (yield context.terminate_async ());
    } catch (Error error) {
        assert_no_error (error);
    }
}

class Counter : Object {
    public uint n_received;
    public string last = "";

    public void take (Zmq.Stream stream, Zmq.Message message) {
        n_received++;
        try {
            last = message.get_string (0);
        } catch (Error error) {
            assert_no_error (error);
        }
    }
}

void test_function () {
    try {
        var stream = new Zmq.Stream (bound (new Zmq.Context (), Zmq.SocketType.PULL));
        var sender = new Zmq.Stream (connected (stream.socket, Zmq.SocketType.PUSH));
        var counter = new Counter ();

        stream.set_receive_func (counter.take);
        assert (counter.ref_count == 2);
        sender.send_data ("one".data);
        sender.send_data ("two".data);
        wait_for (() => counter.n_received == 2);
        assert (counter.last == "two");
        stream.set_receive_func (null);
        assert (counter.ref_count == 1);
        stream.close ();
        sender.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_async () {
    try {
        bool done = false;
        var context = new Zmq.Context ();
        var stream = new Zmq.Stream (bound (context, Zmq.SocketType.PUSH));
        var pull = connected (stream.socket, Zmq.SocketType.PULL);

        stream.send_string ("last words");
        end.begin (stream, context, () => { done = true; });
        wait_for (() => stream.is_closed ());
        pull.close ();
        wait_for (() => done);
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_certificate () {
    try {
        FileIOStream stream;
        var file = File.new_tmp ("zmqglib-XXXXXX", out stream);
        var certificate = new Zmq.Certificate ();
        certificate.save_public (file);
        var key = new Zmq.Certificate.load (file).get_public_key ();
        file.delete ();
        assert (key == certificate.get_public_key ());

        var pull = new Zmq.Socket (null, Zmq.SocketType.PULL);
        var push = new Zmq.Socket (null, Zmq.SocketType.PUSH);
        pull.curve_server = false;
        pull.set_curve_server (certificate);
        assert (pull.curve_server);
        pull.bind ("tcp://127.0.0.1:*");
        push.set_curve_client (new Zmq.Certificate (), key);
        push.connect_to (pull.last_endpoint);
        push.send (new Zmq.Message.from_string ("secret"));
        assert (pull.receive ().get_string (0) == "secret");
        pull.close ();
        push.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_monitor () {
    try {
        var context = new Zmq.Context ();
        var rep = new Zmq.Socket (context, Zmq.SocketType.REP);
        var monitor = new Zmq.Monitor (rep);
        Zmq.MonitorEventKind seen = 0;
        monitor.event.connect ((event) => seen |= event.get_kind ());
        rep.bind ("tcp://127.0.0.1:*");
        var req = connected (rep, Zmq.SocketType.REQ);
        wait_for (() => monitor.connected && monitor.n_peers == 1);
        req.close ();
        wait_for (() => !monitor.connected);
        assert ((seen & Zmq.MonitorEventKind.LISTENING) != 0);
        monitor.close ();
        assert (monitor.is_closed ());
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_authenticator () {
    try {
        var context = new Zmq.Context ();
        var authenticator = new Zmq.Authenticator (context);
        authenticator.add_password (null, "ann", "sesame");
        authenticator.authenticate.connect ((request) => {
            request.accept (request.user);
            return true;
        });

        var router = new Zmq.Socket (context, Zmq.SocketType.ROUTER);
        router.plain_server = true;
        authenticator.protect (router);
        router.bind ("tcp://127.0.0.1:*");
        Zmq.Stream stream = new Zmq.Stream (router);
        string? name = null;
        stream.received.connect ((message) => name = message.get_user_id ());

        foreach (string user in new string[] { "ann", "bert" }) {
            var dealer = new Zmq.Socket (new Zmq.Context (), Zmq.SocketType.DEALER);
            dealer.plain_username = user;
            dealer.plain_password = "sesame";
            dealer.connect_to (router.last_endpoint);
            dealer.send (new Zmq.Message.from_string ("hello"));
            wait_for (() => name == user);
            dealer.close ();
        }
        authenticator.close ();
        stream.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_proxy () {
    try {
        var context = new Zmq.Context ();
        var frontend = bound (context, Zmq.SocketType.PULL);
        var client = connected (frontend, Zmq.SocketType.PUSH);
        var backend = bound (context, Zmq.SocketType.PUSH);
        var service = connected (backend, Zmq.SocketType.PULL);
        var proxy = new Zmq.Proxy (frontend, backend);
        bool has_stopped = false;
        proxy.forward.connect ((direction, message) => direction != Zmq.ProxyDirection.IN);
        proxy.stopped.connect ((error) => has_stopped = error == null);
        proxy.start_in_thread ();
        client.send (new Zmq.Message.from_string ("through"));
        assert (service.receive ().get_string (0) == "through");
        proxy.stop ();
        wait_for (() => has_stopped);
        assert (proxy.n_forwarded_in == 1 && proxy.n_bytes_in == 7);
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_client () {
    try {
        var context = new Zmq.Context ();
        var server = new Zmq.Server (context);
        server.bind ("tcp://127.0.0.1:*");
        server.request.connect ((request) => {
            try {
                request.reply (request.message);
            } catch (Error error) {
                assert_no_error (error);
            }
        });
        var client = new Zmq.Client (context) { max_tries = 2, strategy = Zmq.ClientStrategy.ALL };
        client.connect_to (server.last_endpoint);
        Zmq.Message? answer = null;
        client.request_async.begin (new Zmq.Message.from_string ("question"), null, (source, result) => {
            try {
                answer = client.request_async.end (result);
            } catch (Error error) {
                assert_no_error (error);
            }
        });
        assert (client.n_pending == 1);
        wait_for (() => answer != null);
        assert (answer.get_string (0) == "question");
        client.close ();
        server.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_feed () {
    try {
        var context = new Zmq.Context ();
        var pull = new Zmq.Socket (context, Zmq.SocketType.PULL);
        pull.bind ("inproc://feed");
        var stream = new Zmq.Stream (pull);
        var feed = new Zmq.Feed (stream) { mode = Zmq.FeedMode.LATEST };
        var push = new Zmq.Socket (context, Zmq.SocketType.PUSH);
        push.connect_to ("inproc://feed");
        push.send (new Zmq.Message.from_strv ({ "topic", "1" }));
        push.send (new Zmq.Message.from_strv ({ "topic", "2" }));
        wait_for (() => feed.n_items == 1 && ((Zmq.FeedItem) feed.get_item (0)).n_updates == 2);
        assert (((Zmq.FeedItem) feed.get_item (0)).topic == "topic");
        stream.close ();
    } catch (Error error) {
        assert_no_error (error);
    }
}

void test_server () {
    try {
        var context = new Zmq.Context ();
        var server = new Zmq.Server (context);
        var requests = new GenericArray<Zmq.Request> ();
        server.bind ("tcp://127.0.0.1:*");
        server.request.connect ((request) => requests.add (request));
        var client = new Zmq.Socket (context, Zmq.SocketType.DEALER);
        client.connect_to (server.last_endpoint);
        client.send (new Zmq.Message.from_strv ({ "", "first" }));
        client.send (new Zmq.Message.from_strv ({ "", "second" }));
        wait_for (() => requests.length == 2);
        assert (server.n_pending == 2 && requests[1].message.get_string (0) == "second");
        assert (requests[0].user_id == null && requests[0].get_peer ().length == 5);
        requests[1].reply (new Zmq.Message.from_string ("to second"));
        requests[0].reply (new Zmq.Message.from_string ("to first"));
        assert (client.receive ().get_string (1) == "to second");
        assert (client.receive ().get_string (1) == "to first");
        server.close ();
        assert (server.is_closed ());
    } catch (Error error) {
        assert_no_error (error);
    }
}

int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/vala/echo", test_echo);
    Test.add_func ("/vala/subclass", test_subclass);
    Test.add_func ("/vala/pause-and-flush", test_pause_and_flush);
    Test.add_func ("/vala/error-domain", test_error_domain);
    Test.add_func ("/vala/poller", test_poller);
    Test.add_func ("/vala/function", test_function);
    Test.add_func ("/vala/async", test_async);
    Test.add_func ("/vala/certificate", test_certificate);
    Test.add_func ("/vala/monitor", test_monitor);
    Test.add_func ("/vala/authenticator", test_authenticator);
    Test.add_func ("/vala/proxy", test_proxy);
    Test.add_func ("/vala/client", test_client);
    Test.add_func ("/vala/feed", test_feed);
    Test.add_func ("/vala/server", test_server);
    return Test.run ();
}
