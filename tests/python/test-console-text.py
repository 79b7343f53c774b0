#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the example “console” makes of a kernel's texts."""

import base64
import pathlib
import sys
import unittest

import support

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'examples' / 'console'))
from text import ansi, bundle, code, fold, markup  # noqa: E402
from text.ansi import PLAIN, Style  # noqa: E402
from text.history import History  # noqa: E402


class AnsiTest(unittest.TestCase):
    def assertPieces(self, text, *pieces):
        self.assertEqual(list(ansi.Parser().feed(text)), list(pieces))

    def test_styles(self):
        self.assertPieces('plain', ('plain', PLAIN))
        self.assertPieces('\x1b[31mred\x1b[0m not', ('red', Style(foreground=1)), (' not', PLAIN))
        self.assertPieces('\x1b[1;94;43mall\x1b[22;39mless', ('all', Style(12, 3, True)), ('less', Style(None, 3)))
        self.assertPieces('\x1b[3;4mboth\x1b[23m one\x1b[m', ('both', Style(italic=True, underline=True)),
                          (' one', Style(underline=True)))

    def test_colours(self):
        for codes, colour in {'38;5;9': 9, '38;5;16': (0, 0, 0), '38;5;231': (255, 255, 255), '38;5;232': (8, 8, 8),
                              '38;2;1;2;300': (1, 2, 255), '38:5:21': (0, 0, 255)}.items():
            self.assertPieces(f'\x1b[{codes}mx', ('x', Style(foreground=colour)))
        self.assertPieces('\x1b[48;5;2mx', ('x', Style(background=2)))
        for broken in ('38', 5000 * '1', '38;5', '38;5;256', '38;2;1', '48;9;1', '99', ''):
            self.assertPieces(f'\x1b[{broken}mx', ('x', PLAIN))

    def test_other_sequences(self):
        self.assertEqual(ansi.strip('\x1b[2Ja\x1b[?25lb\x1b]8;;http://x\x07c\x1b]0;title\x1b\\d\x1bMe'), 'abcde')

    def test_in_bits(self):
        text = 'a\x1b[1;3'
        parser = ansi.Parser()
        self.assertEqual(list(parser.feed(text)), [('a', PLAIN)])
        self.assertEqual(list(parser.feed('1mb')), [('b', Style(foreground=1, bold=True))])
        self.assertEqual(list(parser.feed('c')), [('c', Style(foreground=1, bold=True))])
        # nor is what comes after something that is none
        self.assertEqual(ansi.strip('a\x1b\n'), 'a\x1b\n')
        self.assertEqual(ansi.strip('a\x1b[31\n'), 'a\x1b[31\n')
        # what never ends is not held for ever
        self.assertEqual(''.join(piece for piece, _style in parser.feed('\x1b[' + 2000 * '1'))[-4:], '1111')


class MarkupTest(unittest.TestCase):
    def test_texts(self):
        for source, text in {
            'a <b>bold</b>  &amp;\n text': 'a bold & text',
            '<p>one</p><p>two<br>lines</p>': 'one\n\ntwo\nlines',
            '<h1>T</h1><div>x</div>y': 'T\n\nx\ny',
            '<ul><li>a<li>b<ol><li>c<li>d</ol></ul>e': '• a\n• b\n  1. c\n  2. d\ne',
            '<pre>a\n  b</pre>': 'a\n  b',
            '<script>evil()</script><style>p {}</style>seen': 'seen',
            '<img src=x alt="a cat"><img>': '[a cat][picture]',
            '1 < 2 &lt; 3': '1 < 2 < 3',
            '</table></td></ul></pre></script>x': 'x',
            '<head><title>T</title><body>x': 'x',
            # what Python’s parser fails at, and what is too much for it
            '<![odd[x]]>y': '',
            500_001 * 'x': '',
            '': '',
        }.items():
            self.assertEqual(markup.to_text(source), text, source[:100])

    def test_tables(self):
        table = ('<table><thead><tr><th></th><th>name</th><th>price</th></tr></thead>'
                 '<tbody><tr><th>0</th><td>apple</td><td>1.25</td></tr>'
                 '<tr><th>10</th><td>fig</td><td>-3</td></tr></tbody></table>')
        self.assertEqual(markup.to_text(table), '    name   price\n 0  apple   1.25\n10  fig       -3')
        self.assertEqual(markup.to_text('<table><tr><td>a<td>b<tr><td>longer</table>after'), 'a       b\nlonger\nafter')
        self.assertEqual(markup.to_text('<table><tr><td><table><tr><td>x</table>'), 'x')
        self.assertEqual(markup.to_text('<table></table>'), '')


class BundleTest(unittest.TestCase):
    def test_chosen(self):
        both = {'text/plain': '<HTML object>', 'text/html': '<i>x</i>'}
        self.assertEqual(bundle.get_text(both), 'x')
        self.assertEqual(bundle.get_text({'text/html': '', 'text/plain': 'y'}), 'y')
        self.assertEqual(bundle.get_text({'application/json': {'a': [1]}}), '{\n  "a": [\n    1\n  ]\n}')
        self.assertEqual(bundle.get_text({'text/plain': '<JSON object>', 'application/json': [1]}), '[\n  1\n]')
        self.assertEqual(bundle.get_text({'application/x-odd': 1}), '<application/x-odd>')
        self.assertEqual(bundle.get_text({}), '')

    def test_pictures(self):
        data = {'image/svg+xml': '<svg/>', 'image/png': base64.b64encode(b'png').decode(), 'image/jpeg': 'a', 'image/gif': 1}
        self.assertEqual(list(bundle.get_pictures(data)), [b'png', b'<svg/>'])


class FoldTest(unittest.TestCase):
    def test_folded(self):
        for text in ('', 'a', 'a\nb\n', 1000 * 'x', f'{1000 * "x"}\n{1000 * "x"}'):
            self.assertEqual(fold.fold(text), text)
        self.assertEqual(fold.fold(2500 * 'x' + '\ny'), f'{1000 * "x"}\n{1000 * "x"}\n{500 * "x"}\ny')
        self.assertEqual(fold.fold('abc\n', 999), 'a\nbc\n')
        self.assertEqual(fold.fold('abc', 1000), '\nabc')
        self.assertEqual(fold.fold('\n', 1000), '\n')


class HistoryTest(unittest.TestCase):
    def test_gone_through(self):
        history = History()
        self.assertIsNone(history.go(-1, 'draft'))
        for text in ('a', 'b', 'b'):
            history.add(text)
        self.assertEqual(history.go(-1, 'draft'), 'b')
        self.assertEqual(history.go(-1, 'b'), 'a')
        self.assertIsNone(history.go(-1, 'a'))
        self.assertEqual(history.go(1, 'changed'), 'b')
        self.assertEqual(history.go(1, 'b'), 'draft')
        self.assertIsNone(history.go(1, 'draft'))


class CodeTest(unittest.TestCase):
    def test_goes_on(self):
        for text in ('for x in y:', 'f(', 'a = [1,', 'x \\', 'for x in y:\n    z'):
            self.assertTrue(code.goes_on(text), text)
        for text in ('x', 'for x in y:\n    z\n', 'f()', 'for x in y:\n    z\n    '):
            self.assertFalse(code.goes_on(text), text)

    def test_indented(self):
        self.assertEqual(code.get_indent('  if x:'), '      ')
        self.assertEqual(code.get_indent('  x'), '  ')
        self.assertEqual(code.get_common_start(['abc', 'abd']), 'ab')


if __name__ == '__main__':
    support.main()
