# SPDX-License-Identifier: LGPL-2.1-or-later
"""ZeroMQ in plain, sequential code that gives way to the GLib main loop while it waits.

A function that spawn() has made a task of runs in the thread of the main loop until it has to
wait, as in `message = socket.receive()`; then the main loop goes on, with its other sources and
tasks, and resumes the function when there is a message. A program whose main loop runs anyway, as
one with windows, spawns its tasks and is done; another uses run():

    from gi.repository import Zmq
    from zmqglib import green

    def serve():
        with green.Socket(socket_type=Zmq.SocketType.REP) as socket:
            socket.bind('tcp://127.0.0.1:5555')
            while True:
                socket.send(socket.receive())

    green.run(serve)

Tasks, sockets and pollers belong to one thread and to the main context that is its thread-default
one; only spawn() and cancelling a Gio.Cancellable may be done from elsewhere. When the main loop of
that context ends, tasks that wait go on waiting, and go on when it runs again.

Outside of tasks, as in a handler of a signal, what waits runs the main loop until it may go on. It
does so, too, in the callbacks of a main loop that a task itself runs, since a task cannot leave
such a loop before its end.

Times are in seconds, unless a name says otherwise.
"""

from .devices import device
from .poller import Poller
from .sockets import Context, Socket
from .tasks import Task, TaskKilled, current_task, joinall, run, sleep, spawn
from .timeout import Timeout

__all__ = ['Context', 'Poller', 'Socket', 'Task', 'TaskKilled', 'Timeout', 'current_task',
           'device', 'joinall', 'run', 'sleep', 'spawn']
