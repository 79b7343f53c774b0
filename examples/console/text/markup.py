# SPDX-License-Identifier: LGPL-2.1-or-later
"""HTML as text: paragraphs, lists and tables. Nothing in it is run or fetched."""

import html.parser
import re

BLOCKS = {'address', 'article', 'blockquote', 'details', 'div', 'dl', 'dt', 'fieldset', 'figure', 'footer', 'form',
          'header', 'main', 'nav', 'ol', 'section', 'summary', 'table', 'ul'}
PARAGRAPHS = {'p', 'pre', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'}
UNSEEN = {'head', 'script', 'style', 'template', 'title'}
NUMBER = re.compile(r'[-+−]?[\d.,]+([eE][-+]?\d+)?\s*%?$')

# who reads it has a second’s patience
N_CHARACTERS = 500_000


def format_table(rows):
    """Rows of cells as lines with columns; numbers stand on the right."""
    n_columns = max(map(len, rows), default=0)
    rows = [row + [''] * (n_columns - len(row)) for row in rows]
    columns = list(zip(*rows))
    widths = [max(map(len, column)) for column in columns]
    are_numbers = [any(map(NUMBER.match, column)) and all(NUMBER.match(cell) for cell in column[1:] if cell)
                   for column in columns]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) if is_number else cell.ljust(width)
                 for cell, width, is_number in zip(row, widths, are_numbers)]
        lines.append('  '.join(cells).rstrip())
    return lines


class _Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines = ['']
        self.n_unseen = self.n_pre = 0
        # of each list that is open, how many items it has had, or None where they have no numbers
        self.lists = []
        # of the tables that are open; the cell that is open is what “lines” has
        self.tables = []

    def break_line(self, is_paragraph=False):
        """Begins a line, and leaves one free before a paragraph."""
        if self.lines[-1].strip():
            self.lines.append('')
        if is_paragraph and len(self.lines) > 1 and self.lines[-2].strip():
            self.lines.append('')

    def handle_starttag(self, tag, attrs):
        if tag in UNSEEN:
            self.n_unseen += 1
        elif tag == 'body':
            # which ends a head that nobody has ended
            self.n_unseen = 0
        elif tag == 'br':
            self.lines.append('')
        elif tag == 'hr':
            self.break_line()
            self.lines[-1:] = ['───', '']
        elif tag == 'li':
            self.begin_item()
        elif tag == 'dd':
            self.break_line()
            self.lines[-1] = '    '
        elif tag == 'img':
            self.lines[-1] += f'[{dict(attrs).get("alt") or "picture"}]'
        elif tag in ('ul', 'ol'):
            self.break_line()
            self.lists.append(0 if tag == 'ol' else None)
        elif tag == 'table':
            self.break_line()
            self.tables.append(([], self.lines))
            self.lines = ['']
        elif tag in ('tr', 'td', 'th') and self.tables:
            self.begin_cell(tag)
        elif tag in BLOCKS or tag in PARAGRAPHS:
            self.break_line(tag in PARAGRAPHS)
            self.n_pre += tag == 'pre'

    def handle_endtag(self, tag):
        if tag in UNSEEN:
            self.n_unseen = max(0, self.n_unseen - 1)
        elif tag == 'table' and self.tables:
            self.end_table()
        elif tag in ('tr', 'td', 'th') and self.tables:
            self.end_cell()
        elif tag in BLOCKS or tag in PARAGRAPHS:
            self.break_line(tag in PARAGRAPHS)
            if tag == 'pre':
                self.n_pre = max(0, self.n_pre - 1)
            elif tag in ('ul', 'ol') and self.lists:
                self.lists.pop()

    def begin_item(self):
        """Begins an item of a list with what stands before it."""
        self.break_line()
        bullet = '• '
        if self.lists and self.lists[-1] is not None:
            self.lists[-1] += 1
            bullet = f'{self.lists[-1]}. '
        self.lines[-1] = '  ' * max(0, len(self.lists) - 1) + bullet

    def begin_cell(self, tag):
        """Begins a row or a cell; what was open before is ended."""
        self.end_cell()
        rows, _lines = self.tables[-1]
        if tag == 'tr' or not rows:
            rows.append([])
        if tag != 'tr':
            rows[-1].append('')

    def end_cell(self):
        """Keeps the text of the cell."""
        rows, _lines = self.tables[-1]
        text = ' '.join(' '.join(self.lines).split())
        if text and rows and rows[-1]:
            rows[-1][-1] = text
        self.lines = ['']

    def end_table(self):
        """Puts the table where it began."""
        self.end_cell()
        rows, self.lines = self.tables.pop()
        self.lines[-1:] = [*format_table([row for row in rows if row]), '']

    def handle_data(self, data):
        if self.n_unseen:
            return
        if self.n_pre:
            first, *others = data.split('\n')
            self.lines[-1] += first
            self.lines += others
            return
        data = re.sub(r'\s+', ' ', data)
        if not self.lines[-1] or self.lines[-1].endswith(' '):
            data = data.lstrip()
        self.lines[-1] += data


def to_text(source):
    """The text of HTML, or '' where there is none, or too much to be read at once."""
    if len(source) > N_CHARACTERS:
        return ''
    reader = _Reader()
    try:
        reader.feed(source)
        reader.close()
    except AssertionError:
        # Python’s parser has no other word for a declaration that it does not know
        return ''
    while reader.tables:
        reader.end_table()
    return '\n'.join(line.rstrip() for line in reader.lines).strip('\n')
