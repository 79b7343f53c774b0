# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where a kernel's sockets are, and the key that its messages are signed with."""

import contextlib
import json
import os
import pathlib
import secrets
import shutil
import socket
import tempfile

from gi.repository import GLib

ADDRESS = '127.0.0.1'
CHANNELS = ('shell', 'control', 'stdin', 'iopub', 'hb')


def choose_ports(n_ports):
    """As many ports as nobody has, found by having them all at once.

    Until the kernel has them somebody else may take one. Such a kernel ends, and the next one is given others.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n_ports)]
        for each in sockets:
            each.bind((ADDRESS, 0))
        return [each.getsockname()[1] for each in sockets]


class Connection:
    """The connection file that a kernel is started with, in a folder of its own that only the user may enter."""

    def __init__(self):
        self.ports = dict(zip(CHANNELS, choose_ports(len(CHANNELS))))
        self.key = secrets.token_hex(32)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='zmqglib-console-', dir=self._get_parent()))
        self.file = self.folder / 'kernel.json'
        # for the kernel, who has the key can run anything as the user
        with open(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w', encoding='utf-8') as file:
            json.dump(self._get_content(), file)

    @staticmethod
    def _get_parent():
        folder = GLib.get_user_runtime_dir()
        return folder if os.access(folder, os.W_OK) else None

    def _get_content(self):
        content = {f'{channel}_port': port for channel, port in self.ports.items()}
        content.update(transport='tcp', ip=ADDRESS, key=self.key, signature_scheme='hmac-sha256')
        return content

    def get_endpoint(self, channel):
        """Where a channel's socket is bound."""
        return f'tcp://{ADDRESS}:{self.ports[channel]}'

    def remove(self):
        """Removes the file."""
        shutil.rmtree(self.folder, ignore_errors=True)
