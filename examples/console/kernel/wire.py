# SPDX-License-Identifier: LGPL-2.1-or-later
"""A message as Jupyter has it, and its frames, signed.

On the wire it is: routing ids or a topic, the delimiter, the signature, four dictionaries in JSON, and buffers.
"""

import dataclasses
import datetime
import hashlib
import hmac
import json
import uuid

DELIMITER = b'<IDS|MSG>'
VERSION = '5.3'
N_PARTS = 4


class BadMessage(Exception):
    """What came is no message, or not one of who has the key."""


@dataclasses.dataclass
class Message:
    """What is in a message."""

    header: dict
    parent: dict
    metadata: dict
    content: dict
    buffers: list = dataclasses.field(default_factory=list)

    @property
    def kind(self):
        """Its type, such as “execute_request”."""
        return self.header.get('msg_type', '')

    @property
    def id(self):
        """What an answer names as its parent."""
        return self.header.get('msg_id', '')

    @property
    def parent_id(self):
        """The id of the request that it is due to, or ''."""
        return self.parent.get('msg_id', '')


class Session:
    """Makes messages and signs them, and opens those of who has the same key."""

    def __init__(self, key):
        self.id = uuid.uuid4().hex
        self.key = key.encode()

    def make(self, kind, content, parent=None):
        """A new message."""
        header = {
            'msg_id': uuid.uuid4().hex,
            'msg_type': kind,
            'session': self.id,
            'username': 'user',
            'date': datetime.datetime.now(datetime.timezone.utc).isoformat(),
            'version': VERSION,
        }
        return Message(header, parent.header if parent else {}, {}, content)

    def _sign(self, parts):
        return hmac.new(self.key, b''.join(parts), hashlib.sha256).hexdigest().encode()

    def pack(self, message):
        """The frames of a message."""
        dictionaries = (message.header, message.parent, message.metadata, message.content)
        parts = [json.dumps(dictionary).encode() for dictionary in dictionaries]
        return [DELIMITER, self._sign(parts), *parts, *message.buffers]

    def unpack(self, frames):
        """The message of these frames. Raises BadMessage when it is not signed with the key, or is none."""
        frames = list(frames)
        if DELIMITER not in frames:
            raise BadMessage('it has no delimiter')
        signature, *parts = frames[frames.index(DELIMITER) + 1:] or [b'']
        parts, buffers = parts[:N_PARTS], parts[N_PARTS:]
        if not hmac.compare_digest(signature, self._sign(parts)):
            raise BadMessage('its signature is not that of the key')
        try:
            dictionaries = [json.loads(part) for part in parts]
        except (ValueError, RecursionError) as error:
            raise BadMessage(f'it is not JSON: {error}') from error
        if len(dictionaries) != N_PARTS or not all(isinstance(each, dict) for each in dictionaries):
            raise BadMessage('it does not have four dictionaries')
        header, parent, metadata, content = dictionaries
        if not all(isinstance(each, str) for each in (header.get('msg_type', ''), parent.get('msg_id', ''))):
            raise BadMessage('it does not say what it is')
        return Message(header, parent, metadata, content, buffers)
