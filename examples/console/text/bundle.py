# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which of the forms of a result is shown: a kernel sends several, by their media types."""

import base64
import json

from . import markup

PICTURES = ('image/png', 'image/jpeg', 'image/gif', 'image/svg+xml')
# plain text comes last: where there is another form, it may be no more than “<JSON object>”
TEXTS = ('text/html', 'text/markdown', 'text/latex', 'application/json', 'text/plain')


def get_pictures(data):
    """The forms that are pictures, as bytes, the best first."""
    for kind in PICTURES:
        value = data.get(kind)
        if not isinstance(value, str):
            continue
        try:
            yield value.encode() if kind == 'image/svg+xml' else base64.b64decode(value)
        except ValueError:
            # not a picture, after all
            continue


def get_text(data):
    """The best form that can be text."""
    for kind in TEXTS:
        value = data.get(kind)
        if kind == 'text/html' and isinstance(value, str):
            value = markup.to_text(value)
        elif kind == 'application/json' and value is not None:
            value = json.dumps(value, indent=2, ensure_ascii=False)
        if isinstance(value, str) and value:
            return value
    return ', '.join(f'<{kind}>' for kind in data)
