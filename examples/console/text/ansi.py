# SPDX-License-Identifier: LGPL-2.1-or-later
"""Texts with the escape sequences of terminals, as in tracebacks: what they say, and how it looks."""

import collections
import dataclasses
import re

# any control sequence, of which only those that end with “m” say how the text looks; links; and the rest
SEQUENCE = re.compile(r'\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]')
BEGUN = re.compile(r'\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)?\Z')
N_HELD = 1000
# no number that means anything is longer
N_DIGITS = 9

SYSTEM = 16
LEVELS = (0, 95, 135, 175, 215, 255)


@dataclasses.dataclass(frozen=True)
class Style:
    """How a text looks. A colour is a number of the first sixteen, which a theme may choose, or (red, green, blue)."""

    foreground: object = None
    background: object = None
    bold: bool = False
    italic: bool = False
    underline: bool = False


PLAIN = Style()
FLAGS = {1: ('bold', True), 3: ('italic', True), 4: ('underline', True),
         22: ('bold', False), 23: ('italic', False), 24: ('underline', False)}
PLACES = {3: 'foreground', 4: 'background', 9: 'foreground', 10: 'background'}


def get_colour(number):
    """One of the 256 colours, or None."""
    if not 0 <= number < 256:
        return None
    if number < SYSTEM:
        return number
    if number < 232:
        number -= SYSTEM
        return LEVELS[number // 36], LEVELS[number // 6 % 6], LEVELS[number % 6]
    grey = 8 + 10 * (number - 232)
    return grey, grey, grey


def read_number(text):
    """A number of a sequence; 0 where there is none."""
    return int(text) if text.isdigit() and len(text) <= N_DIGITS else 0


class Parser:
    """Reads a text bit by bit: what one bit begins, another may end."""

    def __init__(self):
        self.style = PLAIN
        self.held = ''

    def feed(self, text):
        """The pieces of the text, as (piece, style)."""
        text = self.held + text
        begun = BEGUN.search(text)
        if begun and len(begun[0]) < N_HELD:
            text, self.held = text[:begun.start()], begun[0]
        else:
            self.held = ''
        position = 0
        for match in SEQUENCE.finditer(text):
            if match.start() > position:
                yield text[position:match.start()], self.style
            if match[2] == 'm':
                self._change(collections.deque(map(read_number, re.split('[;:]', match[1]))))
            position = match.end()
        if position < len(text):
            yield text[position:], self.style

    def _change(self, codes):
        while codes:
            code = codes.popleft()
            place = PLACES.get(code // 10)
            if code == 0:
                self.style = PLAIN
            elif code in FLAGS:
                name, value = FLAGS[code]
                self.style = dataclasses.replace(self.style, **{name: value})
            elif place and code % 10 < 8:
                is_bright = code >= 90
                self._paint(place, code % 10 + 8 * is_bright)
            elif code in (39, 49):
                self._paint(place, None)
            elif code in (38, 48):
                self._paint(place, self._take_colour(codes))

    def _paint(self, place, colour):
        self.style = dataclasses.replace(self.style, **{place: colour})

    @staticmethod
    def _take_colour(codes):
        """The colour that “38;5;NUMBER” or “38;2;RED;GREEN;BLUE” has, of which the first is gone."""
        kind = codes.popleft() if codes else None
        if kind == 5 and codes:
            return get_colour(codes.popleft())
        if kind == 2 and len(codes) >= 3:
            return tuple(min(codes.popleft(), 255) for _ in range(3))
        codes.clear()
        return None


def strip(text):
    """The text alone."""
    return ''.join(piece for piece, _style in Parser().feed(text))
