# SPDX-License-Identifier: LGPL-2.1-or-later
"""A part of the transcript: what was entered, and what came of it."""

import re

from text import ansi, bundle
from text.clean import clean
from text.fold import fold

from . import pictures

RUNNING = '*'
CONTROL = re.compile('[\r\b]')


class Cell:
    """Writes where it has its place, whatever has been written after it. Without code it has only what comes out.

    The place ends with a line feed of its own, before which “end” stands and moves on. Another that ends an output
    is held back until there is more, so that no line is left free.
    """

    def __init__(self, transcript, code):
        self.transcript = transcript
        self.buffer = transcript.buffer
        self.tags = transcript.tags
        self.parser = ansi.Parser()
        self.stream = None
        self.has_code = self.has_line_feed = code is not None
        self.is_returned = False
        self.is_to_clear = False
        # what came from streams and is not written yet
        self.pending = []

        position = self.buffer.get_end_iter()
        offset = position.get_offset()
        # of no tags, which what is written before it would have as well
        self._insert(position, '\n', [])
        self.end = self.buffer.create_mark(None, self.buffer.get_iter_at_offset(offset), False)
        self.prompt = self.buffer.create_mark(None, self.buffer.get_iter_at_offset(offset), True)
        self.code = self.prompt
        if self.has_code:
            self._write_code(code)
        self.output = self.buffer.create_mark(None, self._get_end(), True)

    def _write_code(self, code):
        self._write(f'In [{RUNNING}]:', [self.tags.entered, self.tags.prompt])
        self.code = self.buffer.create_mark(None, self._get_end(), True)
        first, *others = code.split('\n')
        self._write(f'\t{first}', [self.tags.entered])
        for line in others:
            self._write('\n', [self.tags.code])
            self._write(line, [self.tags.code])

    # Its place in the buffer

    def _get_end(self):
        return self.buffer.get_iter_at_mark(self.end)

    def _insert(self, position, text, tags):
        self.buffer.insert_with_tags(position, fold(clean(text), position.get_line_offset()), *tags)

    def _write(self, text, tags):
        self._insert(self._get_end(), text, tags)

    def _begin(self):
        """Before anything is written: does what was put off."""
        if self.is_to_clear:
            self._clear()
        if self.has_line_feed:
            self._write('\n', [self.tags.output])
            self.has_line_feed = False

    def _begin_block(self):
        """Begins with a line of its own."""
        self.flush()
        if not self.has_line_feed and not self._get_end().starts_line():
            self.has_line_feed = True
        self.stream = None
        self.is_returned = False
        self._begin()

    def _clear(self):
        self.is_to_clear = self.is_returned = False
        self.buffer.delete(self.buffer.get_iter_at_mark(self.output), self._get_end())
        self.has_line_feed = self.has_code
        self.stream = None
        self.parser = ansi.Parser()

    # What is written

    def set_number(self, number):
        """Says which of all it is, once it is known."""
        start, end = (self.buffer.get_iter_at_mark(mark) for mark in (self.prompt, self.code))
        if start.equal(end):
            return
        self.buffer.delete(start, end)
        position = self.buffer.get_iter_at_mark(self.prompt)
        self._insert(position, f'In [{number}]:', [self.tags.entered, self.tags.prompt])
        self.buffer.move_mark(self.code, position)

    def write(self, text, name='stdout'):
        """Writes what came from a stream, which goes on where it was: soon, together with what comes until then."""
        if self.pending and self.pending[-1][0] == name:
            self.pending[-1][1].append(text)
        else:
            self.pending.append((name, [text]))
        self.transcript.flush_soon(self)

    def flush(self):
        """Writes it now, but for what would be forgotten at once."""
        pending, self.pending = self.pending, []
        for name, texts in pending:
            self._write_stream(self.transcript.cut(''.join(texts)), name)
        self.transcript.trim()

    def _write_stream(self, text, name):
        if self.is_to_clear:
            self._clear()
        if self.stream != name:
            if self.stream is not None and not self.has_line_feed:
                self.has_line_feed = not self._get_end().starts_line()
            self.stream = name
            self.parser = ansi.Parser()
        tags = [self.tags.output, self.tags.error] if name == 'stderr' else [self.tags.output]
        for piece, style in self.parser.feed(text.replace('\r\n', '\n')):
            self._write_piece(piece, [*tags, *self.tags.get(style)])

    def _write_piece(self, text, tags):
        """Writes a text, in which “\\r” goes to the beginning of the line, and “\\b” a character back."""
        position = 0
        for control in CONTROL.finditer(text):
            self._write_lines(text[position:control.start()], tags)
            position = control.end()
            if control[0] == '\r':
                self.is_returned = True
            else:
                self._erase(is_line=False)
        self._write_lines(text[position:], tags)

    def _write_lines(self, text, tags):
        if not text:
            return
        if self.is_returned:
            self.is_returned = False
            if not text.startswith('\n'):
                self._erase(is_line=True)
        self._begin()
        if text.endswith('\n'):
            text = text[:-1]
            self.has_line_feed = True
        self._write(text, tags)

    def _erase(self, is_line):
        """Takes back the last character of the line, or all of them."""
        if self.has_line_feed:
            return
        end = self._get_end()
        start = end.copy()
        if is_line:
            start.set_line_offset(0)
        elif not start.starts_line():
            start.backward_char()
        self.buffer.delete(start, end)

    def write_block(self, text, tags=()):
        """Writes a text with escape sequences that stands alone."""
        self._begin_block()
        for piece, style in ansi.Parser().feed(self.transcript.cut(text.rstrip('\n'))):
            self._write(piece, [self.tags.output, *tags, *self.tags.get(style)])
        self.has_line_feed = True
        self.transcript.trim()

    def show(self, data, metadata, number=None, display_id=None):
        """Shows a result, or what is displayed."""
        self._begin_block()
        start = self.buffer.create_mark(None, self._get_end(), True)
        if number is not None:
            self._write(f'Out[{number}]:', [self.tags.result, self.tags.out_prompt])
            self._write('\t', [self.tags.result])
        shown = self.buffer.create_mark(None, self._get_end(), True)
        self._show_at(self._get_end(), data, metadata, number is not None)
        if display_id is None:
            self.buffer.delete_mark(start)
            self.buffer.delete_mark(shown)
        else:
            self.transcript.add_display(display_id, self, shown, self.buffer.create_mark(None, self._get_end(), True))
        self.has_line_feed = True
        self.transcript.trim()

    def update(self, start, end, data, metadata):
        """Shows what is displayed from one mark to the other anew."""
        self.buffer.delete(self.buffer.get_iter_at_mark(start), self.buffer.get_iter_at_mark(end))
        position = self.buffer.get_iter_at_mark(start)
        self._show_at(position, data, metadata, False)
        self.buffer.move_mark(end, position)

    def _show_at(self, position, data, metadata, has_prompt):
        text = bundle.get_text(data)
        texture = pictures.load(data)
        if texture is not None:
            tag = self.tags.result if has_prompt else self.tags.output
            self._insert_picture(position, texture, pictures.get_size(texture, metadata), text, tag)
            return
        first, line_feed, others = ansi.strip(self.transcript.cut(text.rstrip('\n'))).partition('\n')
        self._insert(position, first + line_feed, [self.tags.result if has_prompt else self.tags.output])
        self._insert(position, others, [self.tags.output])

    def _insert_picture(self, position, texture, size, text, tag):
        offset = position.get_offset()
        anchor = self.buffer.create_child_anchor(position)
        self.buffer.apply_tag(tag, self.buffer.get_iter_at_offset(offset), position)
        self.transcript.add_picture(anchor, texture, size, text)

    def clear(self, is_to_wait):
        """Forgets its output: now, or when there is more of it."""
        self.flush()
        self.is_to_clear = True
        if not is_to_wait:
            self._clear()
