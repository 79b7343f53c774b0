# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the benchmark programs in Python share; see bench.h for what a benchmark does."""

import argparse
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
DEADLINE_SECONDS = 120  # a message that was lost must not let a program wait for ever

unpack_number = struct.Struct("<Q").unpack_from


def skip(reason):
    print(reason, file=sys.stderr)
    sys.exit(SKIPPED)


def use_bindings():
    """Lets the program see the package “zmqglib” and the overrides, before it imports gi."""
    sys.path.insert(0, os.environ["BENCH_BINDINGS"])


class Meter:
    """Checks frames, counts messages, and stops the time from the end of the warm-up."""

    def __init__(self, count):
        self.count = count
        self.warm_up = max(count // 20, 1)
        self.n_messages = 0
        self.next_frame = 0

    def take(self, frames):
        """Takes the frames of a message, as bytes, and returns whether it was the last one."""
        for frame in frames:
            number = unpack_number(frame)[0] if len(frame) >= 8 else None
            if number != self.next_frame:
                print(f"Frame {number} came instead of {self.next_frame}", file=sys.stderr)
                os._exit(1)  # whatever the main loop does with exceptions
            self.next_frame += 1

        self.n_messages += 1
        if self.n_messages == self.warm_up:
            self.started = time.perf_counter()
        if self.n_messages < self.count:
            return False

        self.ended = time.perf_counter()
        return True

    def print(self):
        rate = (self.count - self.warm_up) / (self.ended - self.started)
        print(json.dumps({"messages_per_second": round(rate, 3)}))


class Bench:
    """The options, and a peer that sends."""

    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--side")  # each program has one only
        parser.add_argument("--transport", choices=["tcp", "ipc"], default="tcp")
        parser.add_argument("--size", type=int, default=64)
        parser.add_argument("--frames", type=int, default=1)
        parser.add_argument("--count", type=int, default=100000)
        self.options = parser.parse_args()

        self.meter = Meter(self.options.count)
        self.directory = tempfile.TemporaryDirectory(prefix="zmqglib-")
        signal.alarm(DEADLINE_SECONDS)

    def get_endpoint(self):
        """The endpoint to bind to."""
        if self.options.transport == "ipc":
            return f"ipc://{self.directory.name}/socket"
        return "tcp://127.0.0.1:*"

    def start_peer(self, endpoint):
        options = self.options
        arguments = ["push", endpoint, options.size, options.frames, options.count]
        self.peer = subprocess.Popen(
            [os.environ["BENCH_PEER"], *map(str, arguments)], stdin=subprocess.PIPE
        )

    def finish(self):
        """Prints the figure; all has to be received by then."""
        self.meter.print()
        self.peer.communicate()
        if self.peer.returncode != 0:
            sys.exit("The peer failed")
