// SPDX-License-Identifier: LGPL-2.1-or-later
// What the overrides of Zmq.js have of what is made of sockets, and of what connects to endpoints.

/* exported overrideEndpoints, overrideServices */

const {GObject} = imports.gi;
const {overrideMethod} = imports.overrides.ZmqReading;
const {connect: connectSignal, disconnect: disconnectSignal} = GObject.Object.prototype;

const WORDS = {bind: 'bind to', unbind: 'unbind from', connect_to: 'connect to', disconnect_from: 'disconnect from'};

function overrideChecks(prototype, check) {
    for (const [name, words] of Object.entries(WORDS)) {
        if (!(name in prototype))
            continue;
        overrideMethod(prototype, name, call => function (endpoint) {
            check(endpoint, words);
            return call.call(this, endpoint);
        });
    }
}

// x.connect('tcp://…') connects, when that is all; else a handler to a signal.
function overrideEndpoints(prototype, check) {
    overrideChecks(prototype, check);
    prototype.connect = function (what, ...handler) {
        return handler.length === 0 ? this.connect_to(what) : connectSignal.call(this, what, ...handler);
    };
    prototype.disconnect = function (which) {
        return typeof which === 'string' ? this.disconnect_from(which) : disconnectSignal.call(this, which);
    };
}

// What lives until it is closed, or its context is shut down: the collector does not end it.
function overrideConstructor(cls, ...names) {
    overrideMethod(cls.prototype, '_init', init => function (properties = {}) {
        init.call(this, {owned_by_loop: true, ...properties});
        this.init(null);
    });
    cls.new = (...values) => new cls(Object.fromEntries(names.map((name, i) => [name, values[i] ?? null])));
}

// A monitor lives until it is closed, or its socket is.
function overrideMonitor(Zmq) {
    overrideMethod(Zmq.Monitor.prototype, '_init', init => function (properties = {}) {
        if (!(properties.socket instanceof Zmq.Socket))
            throw new TypeError('a monitor needs a socket: new Zmq.Monitor({socket})');
        init.call(this, {owned_by_loop: true, ...properties});
        this.init(null);
    });
    Zmq.Monitor.new = socket => new Zmq.Monitor({socket});
}

// A list lives until it or its stream is closed.
function overrideLists(Zmq) {
    for (const name of ['Feed', 'PeerList']) {
        overrideConstructor(Zmq[name], 'stream');
        // as an array of GObject's lists is walked
        Zmq[name].prototype[Symbol.iterator] = function* () {
            for (let i = 0; i < this.get_n_items(); i++)
                yield this.get_item(i);
        };
    }
}

function overrideClient(Zmq, toMessage, checkEndpoint) {
    overrideConstructor(Zmq.Client, 'context');
    overrideEndpoints(Zmq.Client.prototype, checkEndpoint);
    overrideMethod(Zmq.Client.prototype, 'request', request => function (message, cancellable = null) {
        return request.call(this, toMessage(message), cancellable);
    });
}

function overrideServer(Zmq, toMessage, checkEndpoint) {
    overrideConstructor(Zmq.Server, 'context');
    overrideChecks(Zmq.Server.prototype, checkEndpoint);
    overrideMethod(Zmq.Request.prototype, 'reply', reply => function (message) {
        return reply.call(this, toMessage(message));
    });
}

function overrideServices(Zmq, toMessage, checkEndpoint) {
    overrideMonitor(Zmq);
    overrideConstructor(Zmq.Proxy, 'frontend', 'backend', 'capture');
    overrideLists(Zmq);
    overrideClient(Zmq, toMessage, checkEndpoint);
    overrideServer(Zmq, toMessage, checkEndpoint);
}
