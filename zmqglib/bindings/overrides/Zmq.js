// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes the introspected namespace feel like JavaScript. Found by gjs when a program imports Zmq.

/* exported _init */

const {GLib, GObject} = imports.gi;

// What the callback of an asynchronous method may be preceded by.
const ASYNC_METHODS = [
    // class, method, arguments of its own, whether it has a priority
    ['Socket', 'send', 1, true],
    ['Socket', 'receive', 0, true],
    ['Socket', 'wait', 1, true],
    ['Stream', 'drain', 0, false],
    ['Context', 'terminate', 0, false],
    ['Tracker', 'wait', 0, false],
];

const encoder = new TextEncoder();

function toBytes(value) {
    if (typeof value === 'string')
        return encoder.encode(value);
    if (value instanceof Uint8Array)
        return value;
    if (value instanceof GLib.Bytes)
        return value.toArray();
    throw new TypeError('a frame is made of a string, a Uint8Array or a GLib.Bytes');
}

// Messages: new Zmq.Message(['a', bytes]), and iteration over frames.
function overrideMessage(Zmq) {
    const Message = Zmq.Message;

    function make(frames = []) {
        const message = Message.new();
        for (const frame of Array.isArray(frames) ? frames : [frames])
            message.append_data(toBytes(frame));
        return message;
    }

    // what a constructor returns takes the place of what it was to fill
    Zmq.Message = new Proxy(Message, {construct: (_target, [frames]) => make(frames)});
    Message.prototype.constructor = Zmq.Message;

    Message.prototype.frame = function (index) {
        if (!Number.isInteger(index) || index < 0 || index >= this.get_n_frames())
            throw new RangeError(`there is no frame ${index}`);
        return Uint8Array.from(this.peek_frame(index) ?? []);
    };
    Message.prototype[Symbol.iterator] = function* () {
        for (let i = 0; i < this.get_n_frames(); i++)
            yield this.frame(i);
    };
    Object.defineProperty(Message.prototype, 'length', {
        get() {
            return this.get_n_frames();
        },
    });

    return value => value instanceof Message ? value : make(value);
}

// Lets the callback be left out of an asynchronous method, which then returns a promise.
function overrideAsync(prototype, name, nOwn, hasPriority, convert) {
    const begin = prototype[`${name}_async`];
    const finish = prototype[`${name}_finish`];

    prototype[`${name}_async`] = function (...args) {
        const own = args.slice(0, nOwn).map(convert);
        const rest = args.slice(nOwn);
        const priority = hasPriority ? [rest.shift() ?? GLib.PRIORITY_DEFAULT] : [];
        const [cancellable = null, callback = null] = rest;

        if (callback !== null)
            return begin.call(this, ...own, ...priority, cancellable, callback);

        return new Promise((resolve, reject) => {
            begin.call(this, ...own, ...priority, cancellable, (source, result) => {
                try {
                    resolve(finish.call(source, result));
                } catch (error) {
                    reject(error);
                }
            });
        });
    };
}

function overrideMethod(prototype, name, make) {
    prototype[name] = make(prototype[name]);
}

// socket.connect('tcp://…'), and what is sent as a string, bytes or an array of them.
function overrideSocket(Zmq, toMessage) {
    const prototype = Zmq.Socket.prototype;
    const {connect, disconnect} = GObject.Object.prototype;

    prototype.connect = function (what, ...handler) {
        return handler.length === 0 ? this.connect_to(what) : connect.call(this, what, ...handler);
    };
    prototype.disconnect = function (which) {
        return typeof which === 'string' ? this.disconnect_from(which) : disconnect.call(this, which);
    };
    overrideMethod(prototype, 'send', send => function (message, cancellable = null) {
        return send.call(this, toMessage(message), cancellable);
    });
    overrideMethod(prototype, 'try_send', trySend => function (message) {
        return trySend.call(this, toMessage(message));
    });
    overrideMethod(prototype, 'receive', receive => function (cancellable = null) {
        return receive.call(this, cancellable);
    });
    overrideMethod(prototype, 'try_receive_many', receive => function (limit = 0) {
        return receive.call(this, limit);
    });
    overrideMethod(prototype, 'wait', wait => function (condition, timeoutUs = -1, cancellable = null) {
        return wait.call(this, condition, timeoutUs, cancellable);
    });
    for (const name of ['subscribe', 'unsubscribe']) {
        overrideMethod(prototype, name, call => function (prefix) {
            return typeof prefix === 'string' ? call.call(this, prefix)
                : this[`${name}_bytes`](new GLib.Bytes(prefix));
        });
    }
    // a GInitable: what cannot be made throws
    overrideMethod(prototype, '_init', init => function (...args) {
        init.call(this, ...args);
        this.init(null);
    });
}

// Yields messages until the stream is closed, or throws what closed it. That is listened for all the
// time: it may happen while nobody waits. Messages are listened to while somebody waits, for one at a
// time, so that none is read that nobody wants; who iterates at the same time is given the same ones.
async function* iterate(stream) {
    const {connect, disconnect} = GObject.Object.prototype;
    if (stream.is_closed())
        return;

    let outcome = null;
    let endWait = null;
    const closedHandler = connect.call(stream, 'closed', (_stream, error) => {
        outcome = {error};
        endWait?.(null);
    });

    const nextMessage = () => new Promise(resolve => {
        const handler = connect.call(stream, 'received', (_stream, message) => endWait(message));
        endWait = message => {
            endWait = null;
            disconnect.call(stream, handler);
            resolve(message);
        };
    });

    try {
        while (outcome === null) {
            const message = await nextMessage();
            if (message !== null)
                yield message;
        }
        if (outcome.error !== null)
            throw outcome.error;
    } finally {
        disconnect.call(stream, closedHandler);
    }
}

function overrideStream(Zmq, toMessage) {
    const prototype = Zmq.Stream.prototype;

    // A stream lives until it is closed: the collector does not end it while it waits for a message.
    overrideMethod(prototype, '_init', init => function (properties = {}) {
        return init.call(this, {owned_by_loop: true, ...properties});
    });
    Zmq.Stream.new = socket => new Zmq.Stream({socket});

    overrideMethod(prototype, 'send', send => function (message) {
        return send.call(this, toMessage(message));
    });
    overrideMethod(prototype, 'send_full', send => function (message, timeoutUs = -1, cancellable = null) {
        return send.call(this, toMessage(message), timeoutUs, cancellable);
    });
    overrideMethod(prototype, 'flush', flush => function (condition, limit = 0) {
        return flush.call(this, condition, limit);
    });
    prototype[Symbol.asyncIterator] = function () {
        return iterate(this);
    };
}

// What else blocks: the time limit and the cancellable can be left out.
function overrideBlocking(Zmq) {
    overrideMethod(Zmq.Context.prototype, 'terminate', terminate => function (cancellable = null) {
        return terminate.call(this, cancellable);
    });
    for (const {prototype} of [Zmq.Poller, Zmq.Tracker]) {
        overrideMethod(prototype, 'wait', wait => function (timeoutUs = -1, cancellable = null) {
            return wait.call(this, timeoutUs, cancellable);
        });
    }
}

function _init() {
    const Zmq = this;
    const toMessage = overrideMessage(Zmq);

    overrideSocket(Zmq, toMessage);
    overrideStream(Zmq, toMessage);
    overrideBlocking(Zmq);
    for (const [className, name, nOwn, hasPriority] of ASYNC_METHODS) {
        const convert = name === 'send' ? toMessage : value => value;
        overrideAsync(Zmq[className].prototype, name, nOwn, hasPriority, convert);
    }
}
