# SPDX-License-Identifier: LGPL-2.1-or-later
"""What has to be in the content of a message from a kernel, so that who shows it need not ask."""

import copy

from .wire import BadMessage

# by the type of the message: of what type it is, or, where a message can do without it, what stands for it then
FIELDS: dict[str, dict[str, object]] = {
    'complete_reply': {'status': 'error', 'matches': [], 'cursor_start': 0, 'cursor_end': 0},
    'display_data': {'data': dict, 'metadata': {}, 'transient': {}},
    'error': {'ename': '', 'evalue': '', 'traceback': []},
    'execute_input': {'execution_count': int},
    'execute_reply': {'status': 'error', 'payload': []},
    'execute_result': {'data': dict, 'metadata': {}, 'execution_count': int},
    'input_request': {'prompt': ''},
    'inspect_reply': {'status': 'error', 'data': {}},
    'is_complete_reply': {'status': 'error', 'indent': ''},
    'kernel_info_reply': {'banner': ''},
    'stream': {'name': 'stdout', 'text': str},
    'update_display_data': {'data': dict, 'metadata': {}, 'transient': {}},
}


def complete(message):
    """Puts in what a message can do without. Raises BadMessage when something else is missing."""
    for name, expected in FIELDS.get(message.kind, {}).items():
        value = message.content.get(name)
        if not isinstance(expected, type):
            message.content[name] = value if isinstance(value, type(expected)) else copy.copy(expected)
        elif not isinstance(value, expected):
            raise BadMessage(f'it is of type {message.kind}, and its “{name}” is not what it should be')
