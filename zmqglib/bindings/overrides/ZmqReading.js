// SPDX-License-Identifier: LGPL-2.1-or-later
// How the overrides of Zmq.js receive without going round the main loop for each message.

/* exported beginShare, isShareOver, overrideIteration, overrideMethod, overrideReading */

// gjs looks up by name, each time, whatever is at the top of a script, and only what is in a function where it is:
// inside of this one “for await” takes a sixth less. What is in it is not indented.
var {beginShare, isShareOver, overrideIteration, overrideMethod, overrideReading} = (function () {
const {GLib, GObject} = imports.gi;
const {connect: connectSignal, disconnect: disconnectSignal} = GObject.Object.prototype;

function overrideMethod(prototype, name, make) {
    prototype[name] = make(prototype[name]);
}

// Going round the main loop for a message costs more than the message. So what is there already is handed
// over without, for a share of time; then an operation in the loop, which leaves others their turn, begins
// a new share.

const SHARE_MS = 5;
const SLICE_MS = 2; // of what the library does itself between two turns of the main loop
let shareEnd = 0; // by the clock that costs least, although it may be set back

// Even that one is not asked for each message while they take far less than it can tell.
const QUICK_MESSAGES = 4;
let lastAsked = 0;
let nUnasked = 0;

function isShareOver() {
    if (nUnasked > 0) {
        nUnasked--;
        return false;
    }
    const now = Date.now();
    if (now >= shareEnd || now < shareEnd - SHARE_MS)
        return true;
    if (now === lastAsked)
        nUnasked = QUICK_MESSAGES;
    lastAsked = now;
    return false;
}

function beginShare(milliseconds = SHARE_MS) {
    shareEnd = Date.now() + milliseconds;
}

// Messages are read many at once. Those that are not asked for at once go back to the front of the socket
// before anybody else can look: before another call that reads and, by a source ahead of all others, before
// the main loop does anything else.

const BEFORE_ALL = -(2 ** 31);
let isFlushing = false;
const holders = new Set(); // readers that may have something to give back
let watch = null;

function giveAllBack() {
    for (const reader of holders)
        reader.giveBack();
    holders.clear();
}

function hold(reader) {
    if (watch === null) {
        const id = GLib.timeout_add(BEFORE_ALL, GLib.MAXUINT32, () => {
            giveAllBack();
            return GLib.SOURCE_CONTINUE;
        });
        watch = GLib.MainContext.default().find_source_by_id(id);
    }
    if (holders.size === 0)
        watch.set_ready_time(0);
    holders.add(reader);
}

const MAX_BATCH = 128;

// What JavaScript has under way on a socket, and what it has read in advance.
class Reader {
    constructor(socket, {put_back: putBack, try_receive_many: tryReceiveMany}) {
        this.fetch = limit => tryReceiveMany.call(socket, limit);
        this.putBack = message => putBack.call(socket, message);
        this.ahead = []; // the latest first
        this.batch = 1; // grows while whatever is read is asked for
        this.nUnderWay = {receive: 0, send: 0, wait: 0};
    }

    // The next message, when it is there and nobody has to be waited for; null otherwise.
    take() {
        if (this.nUnderWay.receive > 0 || isShareOver())
            return null;
        if (this.ahead.length === 0)
            this.readAhead();
        return this.ahead.pop() ?? null;
    }

    readAhead() {
        const limit = this.batch;
        try {
            this.ahead = this.fetch(limit).reverse();
        } catch (error) {
            // who goes on to wait hears of it
            return;
        }
        if (this.ahead.length === limit)
            this.batch = Math.min(limit * 2, MAX_BATCH);
        if (this.ahead.length > 1)
            hold(this);
    }

    giveBack() {
        if (this.ahead.length === 0)
            return;
        this.ahead.forEach(this.putBack);
        this.batch = Math.max(1, this.batch - this.ahead.length);
        this.ahead = [];
    }
}

const READER = Symbol('reader');

// Whoever reads from a socket, or asks whether it can, finds what was read in advance where it was.
function overrideReading(Zmq) {
    const {prototype} = Zmq.Socket;
    const original = {put_back: prototype.put_back, try_receive_many: prototype.try_receive_many};
    const readerOf = socket => (socket[READER] ??= new Reader(socket, original));

    for (const name of ['close', 'get_condition', 'get_option_bytes', 'get_option_int', 'put_back',
        'receive', 'try_receive', 'try_receive_many', 'wait']) {
        overrideMethod(prototype, name, call => function (...args) {
            this[READER]?.giveBack();
            return call.apply(this, args);
        });
    }
    overrideMethod(Zmq.Poller.prototype, 'wait', wait => function (timeoutUs = -1, cancellable = null) {
        giveAllBack();
        return wait.call(this, timeoutUs, cancellable);
    });
    overrideMethod(Zmq.Stream.prototype, 'flush', flush => function (condition, limit = 0) {
        giveAllBack();
        // a flush counts what it handles: one at a time
        const before = isFlushing;
        isFlushing = true;
        try {
            return flush.call(this, condition, limit);
        } finally {
            isFlushing = before;
        }
    });

    return readerOf;
}

// Those who iterate over a stream, each of whom gets other messages. Messages are listened to while
// somebody waits for one, so that none is read that nobody wants.
class Feed {
    constructor(stream, readerOf) {
        this.stream = stream;
        this.readerOf = readerOf;
        this.reader = null;
        this.waiting = []; // in the order asked
        this.handler = 0;
        this.isQuick = false;
        this.isPaused = false;
        this.isOver = false;
        this.error = null;
        this.function = null;
        connectSignal.call(stream, 'closed', (_stream, error) => this.end(error));
    }

    // To be called before the first message is asked for.
    open() {
        if (this.reader !== null)
            return;
        this.reader = this.readerOf(this.stream.socket);
        this.isQuick = this.stream.priority <= GLib.PRIORITY_DEFAULT;
        this.isOver ||= this.stream.is_closed();
        this.isPaused = this.stream.paused;
        connectSignal.call(this.stream, 'notify::paused', () => {
            this.isPaused = this.stream.paused;
            this.reader.giveBack();
        });
    }

    take() {
        const mayRead = this.isQuick && !this.isPaused && !this.isOver && this.waiting.length === 0;
        return mayRead ? this.reader.take() : null;
    }

    wait(iterator) {
        if (this.handler === 0)
            this.handler = connectSignal.call(this.stream, 'received', (_stream, message) => this.onReceived(message));
        return new Promise((resolve, reject) => this.waiting.push({iterator, resolve, reject}));
    }

    onReceived(message) {
        const {resolve} = this.waiting.shift();
        this.listenNoMore();
        beginShare();
        resolve({value: message, done: false});
    }

    listenNoMore() {
        if (this.waiting.length > 0 || this.handler === 0)
            return;
        disconnectSignal.call(this.stream, this.handler);
        this.handler = 0;
    }

    // Calls the function that was set for a message, and for those that have come in with it: these cross from C
    // together. The first is only lent, by a call that goes on to read, so that nothing may be left here.
    onCalled(func, message) {
        beginShare(SLICE_MS);
        try {
            func(this.stream, message.ref());
            for (let next; !isFlushing && this.function === func && (next = this.take()) !== null;)
                func(this.stream, next);
        } finally {
            this.reader.giveBack();
        }
    }

    leave(iterator) {
        const left = this.waiting.filter(entry => entry.iterator === iterator);
        this.waiting = this.waiting.filter(entry => entry.iterator !== iterator);
        left.forEach(({resolve}) => resolve({value: undefined, done: true}));
        this.listenNoMore();
        this.reader.giveBack();
    }

    end(error) {
        this.isOver = true;
        this.error = error;
        const waiting = this.waiting.splice(0);
        this.listenNoMore();
        waiting.forEach(({iterator, resolve, reject}) => iterator.end().then(resolve, reject));
    }
}

const FEED = Symbol('feed');

// More than are under way where somebody asks for a message before the one before has come.
const N_RESULTS = 64;

// Yields messages until the stream is closed, or throws what closed it. A generator, which suspends itself
// for each message, costs more.
class MessageIterator {
    constructor(feed) {
        this.feed = feed;
        this.isOver = false;
        this.results = [];
        this.promises = [];
        this.nAsked = 0;
        this.nLookedUp = 0;
        feed.open();
    }

    // A promise that is new costs gjs as much as the rest of a message's way. “for await” looks the method
    // up once, and has read a result when it asks for the next, so that a few results serve in turn. Who looks
    // it up again goes by hand, and may keep results: each is then its own, as the first one always is.
    get next() {
        return ++this.nLookedUp === 1 ? this.nextReused : this.nextNew;
    }

    nextReused() {
        const message = this.isOver || this.nAsked++ === 0 ? null : this.feed.take();
        if (message === null)
            return this.nextNew();
        const i = this.nAsked % N_RESULTS;
        if (this.results[i] === undefined) {
            this.results[i] = {value: null, done: false};
            this.promises[i] = Promise.resolve(this.results[i]);
        }
        this.results[i].value = message;
        return this.promises[i];
    }

    nextNew() {
        if (this.isOver || this.feed.isOver)
            return this.end();
        const message = this.feed.take();
        return message !== null ? Promise.resolve({value: message, done: false}) : this.feed.wait(this);
    }

    // An error is thrown once.
    async end() {
        const {error} = this.feed;
        const isFirst = !this.isOver;
        this.isOver = true;
        if (isFirst && error !== null)
            throw error;
        return {value: undefined, done: true};
    }

    async return(value) {
        this.isOver = true;
        this.feed.leave(this);
        return {value, done: true};
    }

    [Symbol.asyncIterator]() {
        return this;
    }
}

function overrideIteration(Zmq, readerOf) {
    const {prototype} = Zmq.Stream;
    const feedOf = stream => (stream[FEED] ??= new Feed(stream, readerOf));

    // what closes a stream is remembered for those who iterate later
    overrideMethod(prototype, '_init', init => function (...args) {
        init.apply(this, args);
        feedOf(this);
    });
    overrideMethod(prototype, 'close', close => function () {
        feedOf(this).reader?.giveBack();
        close.call(this);
    });
    overrideMethod(prototype, 'set_receive_func', set => function (func) {
        if (func !== null && typeof func !== 'function')
            throw new TypeError('what receives is a function, or null');
        const feed = feedOf(this);
        feed.open();
        feed.reader.giveBack();
        feed.function = func;
        set.call(this, func && ((_stream, message) => feed.onCalled(func, message)));
    });
    prototype[Symbol.asyncIterator] = function () {
        return new MessageIterator(feedOf(this));
    };
}

return {beginShare, isShareOver, overrideIteration, overrideMethod, overrideReading};
})();
