#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The recipes, where it goes otherwise than they show: some of their lines are changed to see that."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

import support

RECIPES = pathlib.Path(__file__).resolve().parents[2] / 'examples' / 'recipes'
HAS_DISPLAY = 'DISPLAY' in os.environ


class RecipeCase(unittest.TestCase):
    def start(self, name, changes):
        """Starts a recipe in which some texts are others."""
        source = (RECIPES / f'{name}.py').read_text()
        for before, after in changes.items():
            self.assertEqual(source.count(before), 1, before)
            source = source.replace(before, after)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = pathlib.Path(folder.name) / f'{name}.py'
        program.write_text(source)
        process = subprocess.Popen([sys.executable, '-u', program], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def finish(self, process):
        """Waits for its end; returns what it has written to its standard output and error."""
        return process.communicate(timeout=support.PATIENCE)


class CacheTest(RecipeCase):
    def test_many_topics(self):
        """A newcomer is given all values, however many there are."""
        process = self.start('last-value-cache', {
            "[['apple', '3'], ['pear', '2'], ['apple', '4']]": '[[f"apple {i}", "4"] for i in range(5000)]',
            # what the publisher does is not the cache’s
            "publisher = Zmq.Stream.new_bound(Zmq.SocketType.XPUB, 'tcp://127.0.0.1:*')":
                'publisher = Zmq.Stream(Zmq.Socket(Zmq.SocketType.XPUB, send_high_water_mark=0))\n'
                'publisher.get_socket().bind("tcp://127.0.0.1:*")',
            'len(cache.last) == 2': 'len(cache.last) == 5000',
            "    print('cached:', *(frame.decode() for frame in message))\n": '',
            'def on_late(stream, message):\n': 'known = set()\n\n\ndef on_late(stream, message):\n'
                                               '    known.add(message[0])\n    if len(known) < 5000:\n        return\n',
        })
        output, _errors = self.finish(process)
        self.assertIn('came later', output)


class SigtermTest(RecipeCase):
    def test_nobody_collects(self):
        """A collector that is not there holds up the end for no longer than is said."""
        process = self.start('sigterm', {
            'DRAIN_S = 5': 'DRAIN_S = 0.1',
            'LINGER_MS = 5_000': 'LINGER_MS = 100',
            '    collecting =': '    collector.stream.close()\n    return await service\n    collecting =',
        })
        output, errors = self.finish(process)
        self.assertEqual((output, process.returncode), ('told to end\n', 0), errors)
        self.assertRegex(errors, r'^\d+ records were not taken in time\n$')


class WorkersTest(RecipeCase):
    def test_interrupted(self):
        """Ctrl-C ends the threads, too, for which Python waits."""
        process = self.start('workers', {'N_JOBS = 20': 'N_JOBS = 10_000_000',
                                         'range(N_JOBS)': 'range(N_WORKERS)',
                                         'loop.run()': 'print("begun")\n    loop.run()'})
        self.assertEqual(process.stdout.readline(), 'begun\n')
        process.send_signal(signal.SIGINT)
        _output, errors = self.finish(process)
        self.assertIn('KeyboardInterrupt', errors)

    def test_failed(self):
        """A job that fails is told, and nobody waits for its result."""
        process = self.start('workers', {'    numbers =': '    if first == 3000:\n        raise ValueError("odd")\n    numbers ='})
        _output, errors = self.finish(process)
        self.assertIn('ValueError: odd', errors)
        self.assertEqual(process.returncode, 1)


@unittest.skipUnless(HAS_DISPLAY, 'there is no display')
class ProgressTest(RecipeCase):
    QUICK = {
        'N_STEPS = 100\n': 'N_STEPS = 10_000_000\n',
        '            sum(n * n for n in range(100_000))\n': '',
        # the window is too busy to read until the thread has to wait for it
        '    def on_progress': '    def wait(self):\n'
                              '        socket = self.stream.get_socket()\n'
                              '        limit = 2 * socket.receive_high_water_mark\n'
                              '        while steps[-1] < limit:\n'
                              '            pass\n'
                              '        END\n\n'
                              '    def on_progress',
        'def work(': 'steps = [0]\n\n\ndef work(',
    }

    def start_busy(self, end):
        changes = dict(self.QUICK)
        changes['    def on_progress'] = changes['    def on_progress'].replace('END', end)
        changes['        self.thread.start()\n'] = '        self.thread.start()\n        GLib.idle_add(self.wait)\n'
        changes['                socket.send('] = '                steps.append(step)\n                socket.send('
        return self.start('progress', changes)

    def test_closed_while_it_waits(self):
        process = self.start_busy('self.close()')
        _output, errors = self.finish(process)
        self.assertEqual((process.returncode, errors), (0, ''))

    def test_interrupted_while_it_waits(self):
        process = self.start_busy('print("waits")')
        self.assertEqual(process.stdout.readline(), 'waits\n')
        process.send_signal(signal.SIGINT)
        self.finish(process)


if __name__ == '__main__':
    support.main()
