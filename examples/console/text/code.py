# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can be said about code without asking a kernel, which may be busy."""

import os

INDENT = '    '


def get_indent(line):
    """With what the line after this one begins."""
    indent = line[:len(line) - len(line.lstrip())]
    return indent + INDENT if line.rstrip().endswith(':') else indent


def goes_on(code):
    """Whether another line seems to belong to it."""
    last = code.split('\n')[-1]
    is_in_block = last.startswith((' ', '\t')) and bool(last.strip())
    return is_in_block or last.rstrip().endswith((':', '\\', ',', '(', '[', '{'))


def get_common_start(words):
    """With what all of them begin."""
    return os.path.commonprefix(words)
