# SPDX-License-Identifier: LGPL-2.1-or-later
"""Texts that a widget can show."""

import re

# control characters but for tabs and line feeds, and what cannot be written in UTF-8
UNSEEN = re.compile('[\0-\x08\x0b-\x1f\x7f\ud800-\udfff]')


def clean(text):
    """The text, with a sign where something in it cannot be shown."""
    return UNSEEN.sub('\ufffd', text)
