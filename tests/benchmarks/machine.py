# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was measured, and on what."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path
from statistics import median

SOURCE_ROOT = Path(__file__).resolve().parents[2]


def output_of(*words):
    """What a command prints, or nothing when it is not here."""
    env = dict(os.environ, GIT_OPTIONAL_LOCKS='0')
    try:
        run = subprocess.run(words, env=env, cwd=SOURCE_ROOT, capture_output=True, text=True,
                             check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.strip()


def commit():
    """The commit, with “-dirty” when the tree differs from it; nothing outside of a clone."""
    return output_of('git', 'describe', '--always', '--dirty', '--exclude=*')


def processor():
    """The processor's name; not every architecture has one."""
    try:
        text = Path('/proc/cpuinfo').read_text()
    except OSError:
        return None
    name = re.search(r'^model name\s*:\s*(.*\S)', text, re.MULTILINE)
    return name and re.sub(r'\((R|TM)\)', '', name[1])


def kind():
    """Such as “2 cores, x86-64, CPU model name”."""
    machine = platform.machine().replace('x86_64', 'x86-64')
    return ', '.join(filter(None, (f'{os.cpu_count()} cores', machine, processor())))


def load():
    """How many processes wanted to run in the last minute, on average."""
    return os.getloadavg()[0]


def calibrate():
    """The seconds that some work takes which is always the same: longer when others have the processor."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        sum(range(500_000))
        times.append(time.perf_counter() - began)
    return min(times)


# Above that something else ran before the first row; rows themselves make more.
QUIET_LOAD = 0.5
# How much longer the same work may take before a row than it does as a rule.
QUIET_DRIFT = 1.15


def why_busy(rows):
    """Why the rows tell of other things on the machine, too; nothing when they do not."""
    first = min(rows, key=lambda row: row['started'])
    if first['load'] > QUIET_LOAD:
        return f'the load was {first["load"]:.1f} before the start, not at most {QUIET_LOAD}'
    usual = median(row['calibration'] for row in rows)
    slow = [row['name'] for row in rows if row['calibration'] > usual * QUIET_DRIFT]
    if slow:
        return f'the same work took over {QUIET_DRIFT} times as long as usual before {", ".join(slow)}, to be run again'
    return None


def python_module_version(module):
    python = os.environ.get('TEST_PYTHON', '/usr/bin/python3')
    return output_of(python, '-c', f'import {module} as m; print(getattr(m, "version", 0) or '
                                   f'm.__version__)')


def versions():
    """Of everything that takes part and is here."""
    found = {
        'GLib': output_of('pkg-config', '--modversion', 'glib-2.0'),
        'libzmq': output_of('pkg-config', '--modversion', 'libzmq'),
        'CZMQ': output_of('pkg-config', '--modversion', 'libczmq'),
        'GTK': output_of('pkg-config', '--modversion', 'gtk4'),
        'pyzmq': python_module_version('zmq'),
        'tornado': python_module_version('tornado'),
        'gjs': (output_of('gjs', '--version') or '').replace('gjs ', ''),
    }
    return {name: version for name, version in found.items() if version}
