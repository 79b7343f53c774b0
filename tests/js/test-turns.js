// SPDX-License-Identifier: LGPL-2.1-or-later
// Tasks that never have to wait leave others their turn.

imports.searchPath.unshift(imports.gi.GLib.getenv('TEST_JS_DIR'));
const {assertEqual, pipe, run, settle, test} = imports.support;
const {GLib, Zmq} = imports.gi;
const System = imports.system;

const REDRAW = GLib.PRIORITY_HIGH_IDLE + 20; // as GTK has it
const TURNS = 10;
const GARBAGE_INTERVAL = 1000; // messages; the guide has why
const MOST_MESSAGES = 500000; // far more than are received while others have so many turns

// Counts the turns that others have: a timer, what draws a window, and another task.
class Others {
    constructor() {
        this.turns = {timer: 0, redraw: 0, task: 0};
        this.ended = false;
        this.count('timer', GLib.PRIORITY_DEFAULT);
        this.count('redraw', REDRAW);
        this.runTask();
    }

    count(name, priority) {
        GLib.timeout_add(priority, 1, () => {
            this.turns[name]++;
            return !this.ended;
        });
    }

    async runTask() {
        while (!this.ended) {
            await new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1, () => resolve()));
            this.turns.task++;
        }
    }

    get hadTheirTurns() {
        return Object.values(this.turns).every(n => n >= TURNS);
    }
}

// Runs a task that receives what it sends, until others had their turns or it has starved them.
function testTurns(name, task) {
    test(`${name} leaves others their turn`, context => {
        const [push, pull] = pipe(context, `inproc://${name.replace(/\W/g, '')}`);
        const others = new Others();
        let n = 0;
        const goesOn = () => {
            push.try_send('x');
            if (n % GARBAGE_INTERVAL === 0)
                System.gc();
            return !others.hadTheirTurns && ++n < MOST_MESSAGES;
        };
        goesOn();
        settle(task(pull, goesOn, push));
        others.ended = true;
        if (!others.hadTheirTurns)
            throw new Error(`turns after ${n} messages: ${JSON.stringify(others.turns)}`);
        // what is there already is not waited for
        assertEqual(n > 3 * TURNS, true);
    });
}

testTurns('for await', async (pull, goesOn) => {
    const stream = new Zmq.Stream({socket: pull});
    for await (const message of stream) {
        if (message.length === 0 || !goesOn())
            break;
    }
});

testTurns('receive_async', async (pull, goesOn) => {
    do
        await pull.receive_async();
    while (goesOn());
});

testTurns('send_async', async (pull, goesOn, push) => {
    do {
        await push.send_async('x');
        pull.try_receive_many(0);
    } while (goesOn());
});

testTurns('two tasks at once', async (pull, goesOn) => {
    async function receive() {
        do
            await pull.receive_async();
        while (goesOn());
    }
    await Promise.race([receive(), receive()]);
});

run();
