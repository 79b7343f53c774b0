# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which kernels are installed, and how they are started.

Jupyter has a folder for each, with a file kernel.json in it, in “kernels” below a few others.
"""

import json
import os
import pathlib
import sys

PYTHONS = ('python', 'python3', f'python3.{sys.version_info.minor}')


class Spec:
    """How a kernel is started, and what it is called."""

    def __init__(self, name, content):
        self.name = name
        self.display_name = str(content.get('display_name', name))
        self.arguments = [str(word) for word in content['argv']]
        self.environment = {str(name): str(value) for name, value in content.get('env', {}).items()}
        if isinstance(content['argv'], str) or not self.arguments:
            raise ValueError('“argv” is no list of words')
        self.is_interrupted_by_message = content.get('interrupt_mode') == 'message'

    def get_command(self, connection_file):
        """The words of the command line."""
        words = [word.replace('{connection_file}', str(connection_file)) for word in self.arguments]
        # the Python that runs this program rather than whichever comes first, as Jupyter has it
        if words[0] in PYTHONS:
            words[0] = sys.executable
        return words


def make_own():
    """The kernel of the Python that runs this program, installed under a name or not."""
    return Spec('python3', {
        'display_name': 'Python 3',
        'argv': [sys.executable, '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
    })


def get_folders():
    """Where Jupyter looks for kernels; the first that has a name is taken."""
    named = [path for path in os.environ.get('JUPYTER_PATH', '').split(os.pathsep) if path]
    user = os.environ.get('JUPYTER_DATA_DIR') or pathlib.Path.home() / '.local/share/jupyter'
    system = [f'{sys.prefix}/share/jupyter', '/usr/local/share/jupyter', '/usr/share/jupyter']
    return [pathlib.Path(folder) / 'kernels' for folder in [*named, user, *system]]


def find_all():
    """The kernels that are installed, by name."""
    found = {}
    for folder in get_folders():
        for file in sorted(folder.glob('*/kernel.json')):
            try:
                found.setdefault(file.parent.name, Spec(file.parent.name, json.loads(file.read_text())))
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                print(f'“{file}” is no kernel: {error!r}', file=sys.stderr)
    found.setdefault('python3', make_own())
    return found
