// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes the introspected namespace feel like JavaScript. Found by gjs when a program imports Zmq.

/* exported _init */

// in a function for speed: see ZmqReading.js
var _init = (function () {
const {Gio, GLib, GObject} = imports.gi;
const {beginShare, isShareOver, overrideIteration, overrideMethod, overrideReading} = imports.overrides.ZmqReading;
const {overrideSecurity} = imports.overrides.ZmqSecurity;
const {overrideEndpoints, overrideServices} = imports.overrides.ZmqServices;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', {fatal: true});

// kept here, since the namespaces are asked by name
const {MAXUINT32, PRIORITY_DEFAULT} = GLib;

function toBytes(value) {
    if (typeof value === 'string')
        return encoder.encode(value);
    if (value instanceof Uint8Array)
        return value;
    if (value instanceof GLib.Bytes)
        return value.toArray();
    throw new TypeError('a frame is made of a string, a Uint8Array or a GLib.Bytes');
}

function toGBytes(value) {
    return value instanceof GLib.Bytes ? value : new GLib.Bytes(toBytes(value));
}

function invalid(Zmq, message) {
    return new Zmq.Error({code: Zmq.Error.INVALID_ARGUMENT, message});
}

// Of such a string C would see the beginning only.
function refuseNul(Zmq, text, sentence) {
    if (typeof text === 'string' && text.includes('\0'))
        throw invalid(Zmq, `${sentence(text.replaceAll('\0', '\\0'))}: There is a NUL character in it`);
}

// How a message is shown

const SHOWN_BYTES = 32; // of a frame
const SHOWN_FRAMES = 16;
const LONGEST_CHARACTER = 4; // bytes

// The text that bytes are, but for a last character that was cut; or null.
function readableText(bytes, isCut) {
    const nMissing = isCut ? LONGEST_CHARACTER - 1 : 0;
    for (let n = 0; n <= nMissing; n++) {
        try {
            const text = strictDecoder.decode(bytes.slice(0, bytes.length - n));
            return /\p{C}/u.test(text) ? null : text;
        } catch (error) {
            continue;
        }
    }
    return null;
}

function showFrame(bytes) {
    const isCut = bytes.length > SHOWN_BYTES;
    const shown = bytes.slice(0, SHOWN_BYTES);
    const text = readableText(shown, isCut);
    const end = isCut ? '…' : '';
    const size = isCut ? ` (${bytes.length} bytes)` : '';
    if (text !== null)
        return `'${text.replace(/[\\']/g, '\\$&')}${end}'${size}`;
    const hex = [...shown].map(byte => byte.toString(16).padStart(2, '0'));
    return `0x${hex.join('')}${end}${size}`;
}

function showMessage(message) {
    const n = message.get_n_frames();
    const shown = Array.from({length: Math.min(n, SHOWN_FRAMES)}, (_, i) => showFrame(message.frame(i)));
    if (n > SHOWN_FRAMES)
        shown.push(`… (${n} frames)`);
    return `Zmq.Message(${shown.join(', ')})`;
}

function toJson(value) {
    const json = JSON.stringify(value);
    if (json === undefined)
        throw new TypeError(`there is no JSON for a value of type ${typeof value}`);
    return json;
}

function parseJson(Zmq, frame, index) {
    try {
        return JSON.parse(strictDecoder.decode(frame));
    } catch (error) {
        const reason = error instanceof SyntaxError ? error.message : 'It is not UTF-8';
        throw new Zmq.Error({
            code: Zmq.Error.INVALID_DATA,
            message: `Could not read frame ${index} as JSON: ${reason}`,
        });
    }
}

// Messages: new Zmq.Message(['a', bytes]), and iteration over frames.
function overrideMessage(Zmq) {
    const {Message} = Zmq;
    const {prototype} = Message;
    const {new: create} = Message;
    const {append_data: appendData, get_n_frames: getNFrames, peek_frame: peekFrame} = prototype;

    function make(frames) {
        const message = create.call(Message);
        for (const frame of Array.isArray(frames) ? frames : [frames])
            appendData.call(message, toBytes(frame));
        return message;
    }

    // what a constructor returns takes the place of what it was to fill
    Zmq.Message = new Proxy(Message, {construct: (_target, [frames = []]) => make(frames)});
    prototype.constructor = Zmq.Message;

    // a NUL in a string is not its end
    Message.new_from_string = string => make([string]);
    Message.new_from_strv = strings => make([...strings]);
    prototype.append_string = function (string) {
        appendData.call(this, toBytes(string));
    };
    prototype.prepend_string = function (string) {
        this.prepend_bytes(toGBytes(string));
    };

    prototype.frame = function (index) {
        if (!Number.isInteger(index) || index < 0 || index > MAXUINT32)
            throw new RangeError(`there is no frame ${index}`);
        // what gjs makes of it is a copy already
        const frame = peekFrame.call(this, index);
        if (frame?.length > 0)
            return frame;
        if (index >= getNFrames.call(this))
            throw new RangeError(`there is no frame ${index}`);
        return new Uint8Array();
    };
    prototype.json = function (index = 0) {
        return parseJson(Zmq, this.frame(index), index);
    };
    prototype.toString = function () {
        return showMessage(this);
    };
    prototype[Symbol.iterator] = function* () {
        const n = getNFrames.call(this);
        for (let i = 0; i < n; i++)
            yield this.frame(i);
    };
    Object.defineProperty(prototype, 'length', {
        get() {
            return getNFrames.call(this);
        },
    });

    return value => value instanceof Message ? value : make(value);
}

// Asynchronous methods

// A function, wherever it stands, is the callback; priority and cancellable before it may be left out.
function splitArguments(args, nOwn, hasPriority) {
    const at = args.findIndex(arg => typeof arg === 'function');
    const given = at === -1 ? args : args.slice(0, at);
    const rest = given.slice(nOwn);
    const leftOut = !hasPriority || rest[0] instanceof Gio.Cancellable;
    const priority = leftOut ? PRIORITY_DEFAULT : rest.shift() ?? PRIORITY_DEFAULT;
    return {own: given.slice(0, nOwn), priority, cancellable: rest[0] ?? null, callback: args[at] ?? null};
}

// Lets the callback be left out of an asynchronous method, which then returns a promise. What can be done
// at once, attempt() does, and returns null otherwise; follow() is told of what takes its time, and lets
// go of it by what it returns.
function overrideAsync(prototype, name, options) {
    const {nOwn = 0, hasPriority = false, convert = value => value, attempt = () => null} = options;
    const {follow = () => () => {}} = options;
    const begin = prototype[`${name}_async`];
    const finish = prototype[`${name}_finish`];

    function start(self, own, call, callback) {
        const letGo = follow(self);
        const priority = hasPriority ? [call.priority] : [];
        begin.call(self, ...own, ...priority, call.cancellable, (source, result) => {
            letGo();
            callback(source, result);
        });
    }

    function startPromise(self, own, call) {
        return new Promise((resolve, reject) => start(self, own, call, (source, result) => {
            try {
                resolve(finish.call(source, result));
            } catch (error) {
                reject(error);
            }
        }));
    }

    function run(self, args) {
        const call = args.length > nOwn ? splitArguments(args, nOwn, hasPriority) : {
            own: args, priority: PRIORITY_DEFAULT, cancellable: null, callback: null,
        };
        const own = nOwn > 0 ? call.own.map(convert) : call.own;
        if (call.callback !== null) {
            start(self, own, call, call.callback);
            return undefined;
        }

        const mayAttempt = args.length > 0 && call.priority <= PRIORITY_DEFAULT && !call.cancellable?.is_cancelled();
        const outcome = mayAttempt ? attempt(self, ...own) : null;
        return outcome !== null ? Promise.resolve(outcome) : startPromise(self, own, call);
    }

    function method(...args) {
        // a new promise costs gjs the more the deeper the stack is that it remembers
        if (args.length === 0) {
            const outcome = attempt(this);
            if (outcome !== null)
                return Promise.resolve(outcome);
        }
        try {
            return run(this, args);
        } catch (error) {
            if (args.some(arg => typeof arg === 'function'))
                throw error;
            return Promise.reject(error);
        }
    }
    // which Gio._promisify() looks at
    Object.defineProperty(method, 'length', {value: begin.length});
    prototype[`${name}_async`] = method;
}

function overrideAsyncMethods(Zmq, toMessage, readerOf) {
    const trySend = Zmq.Socket.prototype.try_send;

    // Counts what is under way; its end was told from the main loop.
    const followAs = kind => socket => {
        const reader = readerOf(socket);
        reader.giveBack();
        reader.nUnderWay[kind]++;
        return () => {
            reader.nUnderWay[kind]--;
            beginShare();
        };
    };

    function attemptSend(socket, message) {
        if (message === undefined || readerOf(socket).nUnderWay.send > 0 || isShareOver())
            return null;
        try {
            return trySend.call(socket, message);
        } catch (error) {
            // who goes on to wait hears of it, unless it passes
            return null;
        }
    }

    overrideAsync(Zmq.Socket.prototype, 'send', {
        nOwn: 1, hasPriority: true, convert: toMessage, attempt: attemptSend, follow: followAs('send'),
    });
    overrideAsync(Zmq.Socket.prototype, 'receive', {
        hasPriority: true, attempt: socket => readerOf(socket).take(), follow: followAs('receive'),
    });
    overrideAsync(Zmq.Socket.prototype, 'wait', {nOwn: 1, hasPriority: true, follow: followAs('wait')});
    overrideAsync(Zmq.Stream.prototype, 'drain', {});
    overrideAsync(Zmq.Stream.prototype, 'receive', {follow: stream => followAs('receive')(stream.socket)});
    overrideAsync(Zmq.Context.prototype, 'terminate', {});
    overrideAsync(Zmq.Tracker.prototype, 'wait', {});
    overrideAsync(Zmq.Monitor.prototype, 'wait', {nOwn: 2});
    overrideAsync(Zmq.Client.prototype, 'request', {nOwn: 1, convert: toMessage});
}

// What is done with an endpoint throws when C would see another.
function makeEndpointCheck(Zmq) {
    return (endpoint, words) => refuseNul(Zmq, endpoint, shown => `Could not ${words} “${shown}”`);
}

// Options

// the least, and the one after the most
const INTEGERS = {gint: [-(2 ** 31), 2 ** 31], gint64: [-(2 ** 63), 2 ** 63], guint64: [0, 2 ** 64]};

// The value of an option as C takes it; null is none.
function toOptionValue(Zmq, pspec, value) {
    const {name, value_type: {name: type}} = pspec;
    if (type in INTEGERS) {
        const [least, end] = INTEGERS[type];
        if (!Number.isInteger(value) || value < least || value >= end)
            throw invalid(Zmq, `Could not set “${name}” to ${value}: This is no such integer`);
        return value;
    }
    // a key that is missing is none
    if (!name.endsWith('-key') && (value === null || value === undefined)) {
        const none = new GObject.Value();
        none.init(pspec.value_type);
        return none;
    }
    if (type === 'GBytes')
        return toGBytes(value);
    if (type === 'gboolean')
        return Boolean(value);
    if (type === 'gchararray' && typeof value !== 'string')
        throw invalid(Zmq, `Could not set “${name}”: It takes a string`);
    refuseNul(Zmq, value, () => `Could not set “${name}”`);
    return value;
}

// Each option is a property whose assignment throws what is refused, in every spelling that gjs has.
function overrideOptions(Zmq) {
    const {prototype} = Zmq.Socket;
    const options = new Map();
    const nothing = new GObject.Value();
    nothing.init(Zmq.Message.$gtype);

    // The socket is to know, which without a security option connects to nobody.
    function refuse(socket, name) {
        try {
            socket.set_option(name, nothing);
        } catch (error) {
            // what no option can be made of
        }
    }

    for (const pspec of GObject.Object.list_properties.call(Zmq.Socket)) {
        const {flags, name} = pspec;
        if (!(flags & GObject.ParamFlags.WRITABLE) || flags & GObject.ParamFlags.CONSTRUCT_ONLY)
            continue;
        const set = function (value) {
            let taken;
            try {
                taken = toOptionValue(Zmq, pspec, value);
            } catch (error) {
                refuse(this, name);
                throw error;
            }
            this.set_option(name, taken);
        };
        const spellings = [name, name.replaceAll('-', '_'), name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())];
        for (const spelling of spellings) {
            const {get} = Object.getOwnPropertyDescriptor(prototype, spelling) ?? {};
            Object.defineProperty(prototype, spelling, {get, set, configurable: true, enumerable: true});
            options.set(spelling, set);
        }
    }

    // a GInitable: what cannot be made throws
    overrideMethod(prototype, '_init', init => function (properties = {}) {
        const isOption = ([name]) => options.has(name);
        const entries = Object.entries(properties);
        init.call(this, Object.fromEntries(entries.filter(entry => !isOption(entry))));
        this.init(null);
        try {
            entries.filter(isOption).forEach(([name, value]) => options.get(name).call(this, value));
        } catch (error) {
            this.close();
            throw error;
        }
    });
}

// Sockets: socket.connect('tcp://…'), and what is sent as a string, bytes or an array of them.
function overrideSocket(Zmq, toMessage) {
    const {prototype} = Zmq.Socket;
    overrideEndpoints(prototype, makeEndpointCheck(Zmq));
    overrideMethod(prototype, 'send', send => function (message, cancellable = null) {
        return send.call(this, toMessage(message), cancellable);
    });
    overrideMethod(prototype, 'try_send', trySend => function (message) {
        return trySend.call(this, toMessage(message));
    });
    prototype.send_json = function (value, cancellable = null) {
        return this.send(toJson(value), cancellable);
    };
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
        prototype[name] = function (prefix) {
            return this[`${name}_bytes`](toGBytes(prefix));
        };
    }
}

// Streams

function overrideStream(Zmq, toMessage) {
    const {prototype} = Zmq.Stream;

    // A stream lives until it is closed: the collector does not end it while it waits for a message.
    overrideMethod(prototype, '_init', init => function (properties = {}) {
        if (!(properties.socket instanceof Zmq.Socket))
            throw new TypeError('a stream needs a socket: new Zmq.Stream({socket})');
        init.call(this, {owned_by_loop: true, ...properties});
    });
    Zmq.Stream.new = socket => new Zmq.Stream({socket});
    for (const [name, use] of [['new_bound', 'bind'], ['new_connected', 'connect_to']]) {
        Zmq.Stream[name] = (socketType, endpoint) => {
            const socket = new Zmq.Socket({socket_type: socketType});
            try {
                socket[use](endpoint);
            } catch (error) {
                socket.close();
                throw error;
            }
            return new Zmq.Stream({socket});
        };
    }

    overrideMethod(prototype, 'send', send => function (message) {
        return send.call(this, toMessage(message));
    });
    overrideMethod(prototype, 'send_full', send => function (message, timeoutUs = -1, cancellable = null) {
        return send.call(this, toMessage(message), timeoutUs, cancellable);
    });
    // a NUL in a string is not its end
    prototype.send_string = function (string) {
        return this.send_bytes(toGBytes(string));
    };
    prototype.send_json = function (value) {
        return this.send(toJson(value));
    };
}

// What else blocks: the time limit and the cancellable can be left out.
function overrideBlocking(Zmq) {
    overrideMethod(Zmq.Context.prototype, 'terminate', terminate => function (cancellable = null) {
        return terminate.call(this, cancellable);
    });
    overrideMethod(Zmq.Tracker.prototype, 'wait', wait => function (timeoutUs = -1, cancellable = null) {
        return wait.call(this, timeoutUs, cancellable);
    });
}

// GLib refuses to derive from a final class, whereupon gjs aborts.
function refuseSubclasses(Zmq) {
    const names = [
        'AuthRequest', 'Authenticator', 'Certificate', 'Client', 'Context', 'Feed', 'FeedItem', 'Monitor', 'Peer', 'PeerList',
        'Poller', 'Proxy', 'Request', 'Server', 'Socket', 'Tracker',
    ];
    for (const name of names) {
        Zmq[name]._classInit = () => {
            throw new TypeError(`Zmq.${name} is final: there are no subclasses of it`);
        };
    }
}

function _init() {
    const Zmq = this;
    const toMessage = overrideMessage(Zmq);
    const readerOf = overrideReading(Zmq);

    overrideAsyncMethods(Zmq, toMessage, readerOf);
    overrideOptions(Zmq);
    overrideSocket(Zmq, toMessage);
    overrideStream(Zmq, toMessage);
    overrideServices(Zmq, toMessage, makeEndpointCheck(Zmq));
    overrideIteration(Zmq, readerOf);
    overrideBlocking(Zmq);
    overrideSecurity(Zmq);
    refuseSubclasses(Zmq);
}

return _init;
})();
