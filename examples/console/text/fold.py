# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lines that are not too long: a text view takes a second and more for one of a hundred thousand characters."""

N_CHARACTERS = 1000


def fold(text, n_before=0):
    """The text with lines broken where they would be too long; the first one is so long already."""
    lines = []
    for line in text.split('\n'):
        room = max(0, N_CHARACTERS - n_before)
        if len(line) > room:
            lines.append(line[:room])
            lines += [line[start:start + N_CHARACTERS] for start in range(room, len(line), N_CHARACTERS)]
        else:
            lines.append(line)
        n_before = 0
    return '\n'.join(lines)
