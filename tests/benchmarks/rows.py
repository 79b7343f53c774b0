#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of the benchmarks' table. Run as a program, it prints their names and suites for meson."""

from dataclasses import dataclass
from typing import Optional, Tuple

KIB = 1024


@dataclass(frozen=True)
class Side:
    """A process that measures, and the name that readers know it by."""

    label: str
    program: str
    options: Tuple[str, ...]


@dataclass(frozen=True)
class Goal:
    at_least: bool
    value: float


@dataclass(frozen=True)
class Figure:
    """What is read from both sides: the ratio or difference of the two, or the value of A alone."""

    key: str
    title: str
    unit: str
    how: str = 'ratio'
    goal: Optional[Goal] = None


@dataclass(frozen=True)
class Row:
    """Sides A and B, run in turn. Without B, A is looked at alone."""

    name: str
    suite: str
    title: str
    a: Side
    b: Optional[Side]
    figures: Tuple[Figure, ...]
    pairs: int = 11


@dataclass(frozen=True)
class Curve:
    """A figure of some sides against the number of sockets in the loop."""

    name: str
    suite: str
    title: str
    key: str
    unit: str
    points: Tuple[Tuple[int, Tuple[Side, ...]], ...]
    rounds: int = 3


def at_least(value):
    return Goal(True, value)


def at_most(value):
    return Goal(False, value)


def side(label, program, **options):
    return Side(label, program, tuple(f'--{name}={value}' for name, value in options.items()))


def throughput(goal=None):
    return (Figure('messages_per_second', 'messages/s', 'messages/s', goal=goal),)


def receive_row(transport, size, count, goal, frames=1, by='stream'):
    """One way to receive against the bare loop: by the signal, by the function in its place, or without a stream."""
    options = dict(transport=transport, size=size, count=count, frames=frames)
    size_name = f'{size // KIB}k' if size >= KIB else f'{size}'
    size_title = f'{size // KIB} KiB' if size >= KIB else f'{size} B'
    if frames > 1:
        size_name = f'{frames}x{size_name}'
        size_title = f'{frames} frames of {size_title}'
    name, way = {'stream': ('receive', 'signal')}.get(by, (by, by))
    return Row(f'{name}-{transport}-{size_name}', 'receive', f'Receive {size_title}, {transport}, {way}',
               side(f'{"ZmqStream" if by in ("stream", "function") else "ZmqSocket"}, {way}', 'bench-receive', side=by, **options),
               side('bare loop', 'bench-receive', side='bare', **options),
               throughput(goal and at_least(goal)))


def receive_rows(transport, size, count, signal_goal, function_goal, frames=1):
    """Side by side, so that they are two bars beside each other."""
    return (receive_row(transport, size, count, signal_goal, frames),
            receive_row(transport, size, count, function_goal, frames, by='function'))


def signal_row(what, program, transport, count):
    """What GObject takes for a signal a message, whatever library emits it."""
    options = dict(transport=transport, size=64, count=count)
    return Row(f'signal-{what.lower()}-{transport}', what.lower(),
               f'{what} 64 B with a signal, {transport}',
               side('bare loop, signals', program, side='signal', **options),
               side('bare loop', program, side='bare', **options),
               throughput())


def send_row(name, title, by, goal):
    options = dict(transport='tcp', size=64, count=500_000)
    return Row(f'{name}-tcp-64', 'send', title,
               side('ZmqStream', 'bench-send', side=by, **options),
               side('bare loop', 'bench-send', side='bare', **options),
               throughput(at_least(goal)))


def proxy_row(name, title, by, goal):
    options = dict(transport='tcp', size=64, count=400_000)
    return Row(name, 'proxy', title,
               side('ZmqProxy', 'bench-proxy', side=by, **options),
               side('zmq_proxy', 'bench-proxy', side='libzmq', **options),
               throughput(at_least(goal)))


def requests_row():
    options = dict(transport='tcp', size=64, count=200_000)
    return Row('requests', 'requests', 'A thousand requests under way, tcp',
               side('ZmqClient', 'bench-requests', side='client', **options),
               side('DEALER by hand', 'bench-requests', side='dealer', **options),
               throughput(at_least(0.7)))


def peer_row(name, title, ours, theirs, goal=None):
    """What users would pick instead: each side with messages for about half a second."""
    sides = (side(label, program, transport='tcp', size=64, count=count, **options)
             for label, program, count, options in (ours, theirs))
    return Row(name, 'peers', title, *sides, throughput(goal))


C_FUNCTION = ('ZmqStream, function', 'bench-receive', 600_000, dict(side='function'))
C_STREAM = ('ZmqStream', 'bench-receive', 600_000, dict(side='stream'))
PYTHON_STREAM = ('ZmqStream, signal', 'receive-stream.py', 100_000, dict(side='signal'))
PYTHON_FUNCTION = ('ZmqStream, function', 'receive-stream.py', 100_000, dict(side='function'))
PYTHON_BLOCKING = ('receive', 'receive-blocking.py', 100_000, dict(side='zmqglib'))
PYZMQ_BLOCKING = ('pyzmq recv', 'receive-blocking.py', 200_000, dict(side='pyzmq'))
JAVASCRIPT_STREAM = ('ZmqStream, signal', 'receive-stream.js', 100_000, dict(side='stream'))
JAVASCRIPT_FUNCTION = ('ZmqStream, function', 'receive-stream.js', 100_000, dict(side='function'))
CZMQ = ('CZMQ zloop', 'bench-receive-czmq', 200_000, {})
WATCH = ('hand-made watch', 'bench-receive', 200_000, dict(side='watch'))
TORNADO = ('pyzmq ZMQStream', 'receive-zmqstream.py', 20_000, {})
ASYNCIO = ('pyzmq asyncio', 'receive-asyncio.py', 30_000, {})
PYTHON_AWAIT = ('receive_async', 'receive-aio.py', 60_000, dict(side='await'))
PYTHON_ASYNC_FOR = ('async for', 'receive-aio.py', 60_000, dict(side='iterate'))
FOR_AWAIT = ('ZmqStream, for await', 'receive-stream.js', 100_000, dict(side='iterate'))
AWAIT = ('ZmqSocket, await', 'receive-stream.js', 80_000, dict(side='await'))
ZEROMQJS = ('zeromq.js, Node', 'receive-zeromqjs.cjs', 200_000, {})
GREEN = ('zmqglib.green', 'receive-green.py', 100_000, {})
GEVENT = ('zmq.green, gevent', 'receive-gevent.py', 50_000, {})


def roundtrip_row(transport, count):
    options = dict(transport=transport, count=count)
    return Row(f'roundtrip-{transport}', 'roundtrip', f'Round trip, {transport}',
               side('ZmqStream', 'bench-roundtrip', side='stream', **options),
               side('bare loop', 'bench-roundtrip', side='bare', **options),
               (Figure('median_us', 'median', 'µs', goal=at_most(1.05)),
                Figure('p99_us', '99th pct', 'µs', goal=at_most(1.15))))


def sockets_curve():
    """Sides whose cost grows get fewer round trips, so that each takes about half a second."""
    points = []
    for n in (1, 10, 100, 1_000, 10_000):
        fewer = max(20, min(4_000, 250_000 // n))
        points.append((n, tuple(
            side(label, 'bench-roundtrip', side=name, transport='tcp', count=count, idle=n - 1)
            for label, name, count in (('ZmqStream', 'stream', 4_000),
                                       ('a GSource each', 'sources', fewer),
                                       ('bare zmq_poll', 'bare', fewer)))))
    return Curve('sockets', 'scale', 'Round trip against sockets', 'median_us', 'µs',
                 tuple(points))


def scale_rows():
    roundtrip = dict(side='stream', transport='tcp', count=3_000)
    return (
        Row('idle', 'scale', 'Round trip, 10,000 idle over 0',
            side('10,000 idle', 'bench-roundtrip', idle=10_000, **roundtrip),
            side('none', 'bench-roundtrip', idle=0, **roundtrip),
            (Figure('median_us', 'median', 'µs', goal=at_most(1.1)),
             Figure('p99_us', '99th pct', 'µs')),
            pairs=5),
        Row('scale', 'scale', '10,000 streams',
            side('ZmqStream', 'bench-scale', side='stream', count=10_000),
            side('bare socket', 'bench-scale', side='bare', count=10_000),
            (Figure('bytes_each', 'memory each', 'bytes', how='difference', goal=at_most(KIB)),
             Figure('create_us_each', 'create each', 'µs', how='value'),
             Figure('close_us_each', 'close each', 'µs', how='value')),
            pairs=5),
        Row('busy', 'scale', '1,000 busy streams',
            side('ZmqStream', 'bench-scale', side='busy', count=1_000), None,
            (Figure('slowest_over_fastest', 'slowest / fastest', '', how='value',
                    goal=at_least(0.5)),),
            pairs=5),
        sockets_curve(),
    )


def flood_rows():
    def flood(name):
        return side(name.replace('-', ' '), 'bench-flood', side=name)

    def window(name):
        return side(name.replace('-', ' '), 'bench-window', side=name)

    lateness = (Figure('redraw_p99_ms', 'redraw, 99th pct', 'ms', how='value', goal=at_most(8)),
                Figure('redraw_max_ms', 'redraw, longest', 'ms', how='value'),
                Figure('timer_p99_ms', 'timer, 99th pct', 'ms', how='value'),
                Figure('timer_max_ms', 'timer, longest', 'ms', how='value'))
    def echo_row(transport, n, name='echo'):
        title = f'{n} to and fro in one loop' if name == 'echo' else 'To and fro, handlers of 5 ms'
        return Row(f'{name}-{transport}-{n}', 'flood', f'{title}, {transport}',
                   side('two streams', 'bench-echo', side=name, transport=transport, frames=n), None,
                   echo_lateness if name == 'echo' else working_lateness, pairs=5)

    echo_lateness = (Figure('redraw_p99_ms', 'redraw, 99th pct', 'ms', how='value', goal=at_most(8)),
                     Figure('redraw_max_ms', 'redraw, longest', 'ms', how='value'))
    working_lateness = (Figure('timer_p99_ms', 'timer, 99th pct', 'ms', how='value', goal=at_most(12)),
                        Figure('timer_max_ms', 'timer, longest', 'ms', how='value'))
    frames = (Figure('frames_per_second', 'frames/s', 'frames/s', how='value', goal=at_least(55)),
              Figure('longest_frame_ms', 'longest frame', 'ms', how='value'))
    return (
        Row('flood', 'flood', 'Flood, slices over none', flood('slices'), flood('no-slices'),
            throughput(at_least(0.90)) + lateness, pairs=5),
        *(echo_row(transport, n) for transport in ('inproc', 'tcp') for n in (1, 10, 100)),
        echo_row('inproc', 10, 'working'),
        Row('flood-working', 'flood', 'Flood, a handler that works', flood('working-slices'),
            flood('working-no-slices'), throughput() + lateness, pairs=5),
        Row('feed', 'flood', 'A list view of 100,000 topics, at full speed', side('ZmqFeed', 'bench-feed', side='latest'), None,
            frames + (Figure('messages_per_second', 'messages/s', 'messages/s', how='value'),), pairs=5),
        Row('window', 'flood', 'GTK 4 window in a flood', window('slices'), window('no-slices'),
            frames, pairs=5),
        Row('window-working', 'flood', 'GTK 4 window, a handler that works',
            window('working-slices'), window('working-no-slices'), frames, pairs=5),
    )


ROWS = (
    *receive_rows('tcp', 64, 600_000, 0.60, 0.95),
    *receive_rows('ipc', 64, 600_000, 0.60, 0.95),
    *receive_rows('inproc', 64, 1_000_000, 0.80, 0.95),
    *receive_rows('tcp', 1 * KIB, 200_000, 0.72, 0.97),
    *receive_rows('ipc', 1 * KIB, 200_000, 0.72, 0.97),
    *receive_rows('inproc', 1 * KIB, 600_000, 0.72, 0.97),
    *receive_rows('tcp', 64 * KIB, 8_000, 0.97, 0.97),
    *receive_rows('ipc', 64 * KIB, 8_000, 0.97, 0.97),
    *receive_rows('inproc', 64 * KIB, 25_000, 0.97, 0.97),
    *receive_rows('tcp', 64, 300_000, 0.60, 0.85, frames=3),
    receive_row('tcp', 64, 100_000, None, by='async'),
    receive_row('tcp', 64, 600_000, None, by='blocking'),
    signal_row('Receive', 'bench-receive', 'tcp', 600_000),
    signal_row('Receive', 'bench-receive', 'inproc', 1_000_000),
    send_row('send', 'Send 64 B, tcp, a handler of “sent”', 'stream', 0.55),
    send_row('send-data', 'Send 64 B, tcp, send_data()', 'data', 0.85),
    signal_row('Send', 'bench-send', 'tcp', 500_000),
    proxy_row('proxy', 'Proxy in a thread, 64 B, tcp', 'zmqglib', 0.90),
    proxy_row('proxy-loop', 'Proxy in a main loop, 64 B, tcp', 'loop', 0.90),
    requests_row(),
    roundtrip_row('tcp', 3_000),
    roundtrip_row('ipc', 3_000),
    roundtrip_row('inproc', 10_000),
    peer_row('czmq', 'C, signal, against CZMQ, tcp', C_STREAM, CZMQ, at_least(3)),
    peer_row('czmq-function', 'C, function, against CZMQ, tcp', C_FUNCTION, CZMQ, at_least(5)),
    peer_row('watch', 'C against a watch by hand, tcp', C_STREAM, WATCH),
    peer_row('python-zmqstream', 'Python, signal, against ZMQStream, tcp', PYTHON_STREAM, TORNADO, at_least(6)),
    peer_row('python-function', 'Python, function, against ZMQStream, tcp', PYTHON_FUNCTION, TORNADO, at_least(6)),
    peer_row('python-blocking', 'Python, blocking, against pyzmq, tcp', PYTHON_BLOCKING, PYZMQ_BLOCKING,
             at_least(0.25)),
    peer_row('python-asyncio', 'Python against asyncio, tcp', PYTHON_STREAM, ASYNCIO),
    peer_row('python-await', 'Python await against asyncio, tcp', PYTHON_AWAIT, ASYNCIO, at_least(2)),
    peer_row('python-async-for', 'Python async for against asyncio, tcp', PYTHON_ASYNC_FOR, ASYNCIO, at_least(3)),
    peer_row('python-green', 'Greenlets against gevent, tcp', GREEN, GEVENT, at_least(1.5)),
    peer_row('javascript-zmqstream', 'JavaScript against pyzmq, tcp', JAVASCRIPT_STREAM, TORNADO,
             at_least(4)),
    peer_row('javascript-function', 'gjs function against Node, tcp', JAVASCRIPT_FUNCTION, ZEROMQJS,
             at_least(0.9)),
    peer_row('javascript-for-await', 'gjs for await against Node, tcp', FOR_AWAIT, ZEROMQJS,
             at_least(0.5)),
    peer_row('javascript-await', 'gjs await against Node, tcp', AWAIT, ZEROMQJS, at_least(0.3)),
) + scale_rows() + flood_rows()


if __name__ == '__main__':
    for row in ROWS:
        print(row.name, row.suite)
