#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window of the example “console”, which is driven as a user does, in front of a real kernel."""

import importlib.util
import os
import pathlib
import signal
import sys
import tempfile
import unittest

import support
from support import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'examples' / 'console'))
import console  # noqa: E402
from gi.repository import Gdk, GLib, Gtk  # noqa: E402
from kernel import spec  # noqa: E402
from kernel.request import Request  # noqa: E402

HAS_DISPLAY = Gdk.Display.get_default() is not None
HAS_KERNEL = importlib.util.find_spec('ipykernel') is not None
HAS_MATPLOTLIB = importlib.util.find_spec('matplotlib') is not None


@unittest.skipUnless(HAS_DISPLAY, 'there is no display')
@unittest.skipUnless(HAS_KERNEL, 'python3-ipykernel is not installed')
class WindowCase(support.Case):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        kernel_spec = spec.make_own()
        kernel_spec.environment['IPYTHONDIR'] = folder.name
        self.start(kernel_spec)

    def start(self, kernel_spec):
        self.app = console.Console(kernel_spec)
        self.app.register()
        self.app.activate()
        self.window, = self.app.get_windows()
        self.kernel, self.entry = self.window.kernel, self.window.entry
        self.transcript, self.question = self.window.transcript, self.window.question
        self.replies = []
        self.window.connect('settled', lambda _window, reply: self.replies.append(reply))
        self.addCleanup(self.close)

    def close(self):
        self.app.activate_action('quit', None)
        wait_for(lambda: not self.app.get_windows())
        self.assertIsNone(self.kernel.process)

    def wait_for_state(self, state):
        wait_for(lambda: self.kernel.state == state)

    def press(self, key, state=0):
        return self.entry.keys.emit('key-pressed', key, 0, state)

    def begin(self, code):
        self.entry.set_code(code)
        self.window.activate_action('win.run', None)

    def run_code(self, code):
        """Runs code until it has ended; returns what the transcript has got by it."""
        before, n_replies = self.text(), len(self.replies)
        self.begin(code)
        wait_for(lambda: len(self.replies) > n_replies)
        return self.text().removeprefix(before)

    def run_code_after_error(self, code):
        """The same, when the kernel takes code again, which it does not just then."""
        shown = self.run_code(code)
        while 'Not run, after an error before it' in shown:
            shown = self.run_code(code)
        return shown

    def text(self):
        return self.transcript.get_text()

    def wait_for_text(self, text):
        wait_for(lambda: text in self.text())


class RunTest(WindowCase):
    def test_entered(self):
        # before there is a kernel to run it, which may never be: one that hangs can be restarted
        self.assertEqual(self.kernel.state, 'starting')
        self.assertTrue(self.window.get_action_enabled('restart'))
        self.begin('6 * 7')
        wait_for(lambda: self.replies)
        self.assertIn('IPython', self.text().split('In [')[0])
        self.assertTrue(self.text().endswith('In [1]:\t6 * 7\nOut[1]:\t42\n'), self.text())

        # by Return, which asks whether it is complete
        self.entry.set_code('for i in range(2):')
        self.press(Gdk.KEY_Return)
        wait_for(lambda: self.entry.get_code() == 'for i in range(2):\n    ')
        self.entry.buffer.insert_at_cursor('print(i)')
        self.press(Gdk.KEY_Return)
        wait_for(lambda: self.entry.get_code().endswith('print(i)\n    '))
        self.press(Gdk.KEY_Return)
        wait_for(lambda: len(self.replies) == 2)
        self.assertTrue(self.text().endswith('In [2]:\tfor i in range(2):\n    print(i)\n0\n1\n'), self.text())

        # and what was entered is there again
        self.press(Gdk.KEY_Up)
        self.press(Gdk.KEY_Up)
        self.assertEqual(self.entry.get_code(), 'for i in range(2):\n    print(i)')
        self.entry.buffer.place_cursor(self.entry.buffer.get_start_iter())
        self.press(Gdk.KEY_Up)
        self.assertEqual(self.entry.get_code(), '6 * 7')
        self.press(Gdk.KEY_Down)
        self.press(Gdk.KEY_Down)
        self.assertEqual(self.entry.get_code(), '')
        self.press(Gdk.KEY_Return)
        self.assertEqual(len(self.replies), 2)

        # who types on while the kernel is asked loses nothing
        self.entry.set_code('for i in range(2):')
        self.press(Gdk.KEY_Return)
        self.entry.buffer.insert_at_cursor('print')
        wait_for(lambda: self.entry.get_code() == 'for i in range(2):\n    print')
        self.entry.set_code('12')
        self.press(Gdk.KEY_Return)
        self.entry.buffer.insert_at_cursor('34')
        wait_for(lambda: len(self.replies) == 3)
        self.assertEqual(self.entry.get_code(), '34')
        self.assertTrue(self.text().endswith('Out[3]:\t12\n'), self.text())

        # what an input method has begun is ended by keys that have another meaning otherwise
        self.entry.set_code('pi')
        self.entry.emit('preedit-changed', 'u3c0')
        for key in (Gdk.KEY_Return, Gdk.KEY_Tab, Gdk.KEY_Up):
            self.assertFalse(self.press(key))
        self.assertEqual((self.entry.get_code(), self.kernel.requests), ('pi', {}))
        self.entry.emit('preedit-changed', '')
        self.press(Gdk.KEY_Up)
        self.assertEqual(self.entry.get_code(), '12')

        # Return where it is not at the end, and Shift+Return, go on with a line
        self.entry.set_code('a\nb')
        self.entry.buffer.place_cursor(self.entry.buffer.get_iter_at_offset(1))
        self.press(Gdk.KEY_Return)
        self.press(Gdk.KEY_Return, Gdk.ModifierType.SHIFT_MASK)
        self.press(Gdk.KEY_Tab)
        self.assertEqual(self.entry.get_code(), 'a\n\n    \nb')

    def test_grows(self):
        """The field shows all that is written, until it is so much that it scrolls."""
        adjustment = self.entry.get_parent().get_vadjustment()
        self.entry.grab_focus()
        for n_lines in (5, 1, 3):
            self.entry.set_code('')
            self.window.get_clipboard().set('\n'.join(n_lines * ['x']))
            self.entry.emit('paste-clipboard')
            wait_for(lambda: self.entry.buffer.get_line_count() == n_lines)
            wait_for(lambda: adjustment.get_page_size() == adjustment.get_upper() and adjustment.get_value() == 0)
        self.entry.set_code('\n'.join(100 * ['x']))

        def is_cursor_seen():
            left = adjustment.get_upper() - adjustment.get_page_size() - adjustment.get_value()
            return adjustment.get_value() > 0 and left <= self.entry.get_bottom_margin()

        wait_for(is_cursor_seen)
        # and again where it is laid out after that, but for who looks at something else
        adjustment.set_value(0)
        adjustment.emit('changed')
        wait_for(is_cursor_seen)
        self.entry._on_scroll()
        adjustment.set_value(0)
        adjustment.emit('changed')
        self.assertEqual(adjustment.get_value(), 0)

    def test_outputs(self):
        self.wait_for_state('idle')
        self.assertEqual(self.run_code('print("a\\0b\\x1b[31mred")'), 'In [1]:\tprint("a\\0b\\x1b[31mred")\na\ufffdbred\n')
        self.assertTrue(self.run_code('{}[1]').endswith('KeyError: 1\n'))
        self.assertNotIn('\x1b', self.text())
        shown = self.run_code_after_error('from IPython.display import HTML, clear_output, display\nHTML("<p>a<p>b &lt; c")')
        self.assertTrue(shown.endswith('Out[3]:\ta\n\nb < c\n'), shown)
        self.assertTrue(self.run_code('print("10 %", end="\\r"); print("20 %\\b\\bX")').endswith('\n20X\n'), self.text())
        self.assertTrue(self.run_code('print("gone"); clear_output(); print("left")').endswith(')\nleft\n'), self.text())
        self.assertTrue(self.run_code('print("gone"); clear_output(wait=True)').endswith(')\ngone\n'), self.text())
        self.run_code('handle = display("old", display_id=True); print("after")')
        self.run_code('handle.update("new")')
        self.assertIn("\n'new'\nafter\nIn [8]", self.text())
        self.assertIn('Docstring', self.run_code('len?'))

        self.window.activate_action('win.clear', None)
        self.assertEqual(self.text(), '')
        self.assertEqual(self.run_code('1'), 'In [10]:\t1\nOut[10]:\t1\n')

    def test_odd(self):
        """What is not as it should be is told, and keeps nothing else from being shown."""
        self.wait_for_state('idle')
        self.run_code('kernel = get_ipython().kernel\ndef say(kind, **content):\n'
                      '    kernel.session.send(kernel.iopub_socket, kind, content, kernel.get_parent())')
        shown = self.run_code('say("error", traceback=[], ename="E", evalue="why")')
        self.assertTrue(shown.endswith(')\nE: why\n'), shown)
        shown = self.run_code('say("display_data", data={"text/plain": "x"})')
        self.assertTrue(shown.endswith(')\nx\n'), shown)
        shown = self.run_code('say("stream", name="stdout"); print("y")')
        self.assertIn(')\ny\nA message on iopub was not taken: it is of type stream', shown)
        # of many of them, as of all else, not all is kept
        for number in range(30_000):
            self.window._on_rejected(self.kernel, 'iopub', str(number))
        self.assertLess(self.transcript.buffer.get_line_count(), 25_000)
        self.assertTrue(self.text().endswith('not taken: 29999\n'), self.text()[-100:])

    def test_asked_for_by_nobody(self):
        """What comes when there is no cell, as from a thread after all was cleared, is shown all the same."""
        self.wait_for_state('idle')
        self.run_code('import threading\nevent = threading.Event()\ndef run():\n    event.wait(); print("seen", flush=True)\n'
                      'thread = threading.Thread(target=run)\nthread.start()')
        self.window.activate_action('win.clear', None)
        self.kernel.execute('event.set(); thread.join()', silent=True)
        wait_for(lambda: self.text() == 'seen\n')
        self.assertEqual(self.run_code('1'), 'In [2]:\t1\nOut[2]:\t1\n')

    def test_long_lines(self):
        """They would keep the window from anything else, and so they are folded; and no more than a bit is done at once."""
        self.wait_for_state('idle')
        adjustment = self.transcript.get_vadjustment()
        n_told = [0]

        def on_changed(_adjustment):
            n_told[-1] += 1

        def on_turn():
            n_told.append(0)
            return GLib.SOURCE_CONTINUE

        adjustment.connect('changed', on_changed)
        timer = GLib.timeout_add(1, on_turn)
        self.addCleanup(GLib.source_remove, timer)
        self.run_code('print(1_000_000 * "x")')
        shown = self.run_code('1_000_000 * "y"')
        self.assertEqual(shown.count('y'), 1_000_001)
        self.assertEqual(max(map(len, self.text().split('\n'))), 1000)
        # nor has it hyphens that nobody has written
        self.entry.set_code('z')
        for buffer in (self.transcript.buffer, self.entry.buffer):
            position = buffer.get_start_iter()
            while not position.is_end():
                self.assertIn(False, [tag.props.insert_hyphens for tag in position.get_tags() if tag.props.insert_hyphens_set])
                position.forward_line()
        wait_for(lambda: sum(n_told) >= 2000 and adjustment.get_value() + adjustment.get_page_size() >= adjustment.get_upper() - 1)
        self.assertLess(max(n_told), 500)

    def test_cells(self):
        """Each writes where it is, whatever has been written below."""
        self.wait_for_state('idle')
        self.transcript.clear()
        first, second = self.transcript.add('a'), self.transcript.add('b\nc')
        second.write('1\n')
        first.write('one\n')
        first.write('two', 'stderr')
        first.write('three')
        second.write('2')
        second.set_number(10)
        first.set_number(9)
        second.write_block('block')
        second.write('3\r4\n\r\n5')
        first.show({'text/plain': 'x\ny'}, {}, 9)
        self.assertEqual(self.text(), 'In [9]:\ta\none\ntwo\nthree\nOut[9]:\tx\ny\n'
                                      'In [10]:\tb\nc\n1\n2\nblock\n4\n\n5\n')
        first.clear(False)
        second.clear(True)
        self.assertTrue(self.text().startswith('In [9]:\ta\nIn [10]:\tb\nc\n1'), self.text())
        second.write('6')
        self.assertTrue(self.text().endswith('In [10]:\tb\nc\n6\n'), self.text())

    def test_flood(self):
        """The window lives on, shows the end, and does not keep it all."""
        self.wait_for_state('idle')
        self.run_code('for i in range(200_000): print(i)')
        self.assertTrue(self.text().endswith('199998\n199999\n'))
        self.assertLess(self.transcript.buffer.get_line_count(), 30_000)
        adjustment = self.transcript.get_vadjustment()

        def is_at_end():
            return adjustment.get_value() + adjustment.get_page_size() >= adjustment.get_upper() - 1

        wait_for(is_at_end)

        # who looks back is left alone, until there is something new that was asked for
        self.transcript.keys.emit('key-pressed', Gdk.KEY_Page_Up, 0, 0)
        adjustment.set_value(0)
        upper = adjustment.get_upper()
        self.transcript.say('more', self.transcript.tags.dim)
        wait_for(lambda: adjustment.get_upper() > upper)
        self.assertEqual(adjustment.get_value(), 0)
        self.run_code('1')
        wait_for(is_at_end)

    @unittest.skipUnless(HAS_MATPLOTLIB, 'python3-matplotlib is not installed')
    def test_picture(self):
        self.wait_for_state('idle')
        self.run_code('import matplotlib.pyplot as plt\nplt.figure(figsize=(30, 3))\nplt.plot([1, 3, 2])\nplt.show()')
        picture, = self.transcript.pictures
        wait_for(lambda: picture.get_width() > 0)
        texture = picture.get_paintable()
        self.assertIsInstance(texture, Gdk.Texture)
        # made smaller, since it is wider than the window
        self.assertLess(picture.get_width(), self.window.get_width())
        self.assertLess(picture.get_width(), texture.get_width())
        self.assertIn('Figure size', picture.get_alternative_text())
        # one that is broken is a text
        shown = self.run_code('from IPython.display import display\n'
                              'display({"image/png": "AAAA", "text/plain": "no picture"}, raw=True)')
        self.assertTrue(shown.endswith('\nno picture\n'), shown)


class HelpTest(WindowCase):
    def test_completed(self):
        self.wait_for_state('idle')
        self.run_code('abacus = abate = abate_more = 1')
        completion = self.entry.completion
        self.entry.set_code('x = aba')
        self.press(Gdk.KEY_Tab)
        wait_for(completion.get_visible)
        self.assertEqual(completion.words, ['abacus', 'abate', 'abate_more'])
        self.press(Gdk.KEY_Escape)
        self.assertFalse(completion.get_visible())
        self.press(Gdk.KEY_Tab)
        wait_for(completion.get_visible)
        self.entry.buffer.insert_at_cursor('t')
        self.assertEqual(completion.words, ['abate', 'abate_more'])
        self.press(Gdk.KEY_Down)
        self.press(Gdk.KEY_Return)
        self.assertEqual(self.entry.get_code(), 'x = abate_more')
        self.assertFalse(completion.get_visible())

        # what there is only one of, and what all begin with
        self.entry.set_code('abac')
        self.press(Gdk.KEY_Tab)
        wait_for(lambda: self.entry.get_code() == 'abacus')
        self.entry.set_code('abat')
        self.press(Gdk.KEY_Tab)
        wait_for(completion.get_visible)
        self.assertEqual(self.entry.get_code(), 'abate')

    def test_told(self):
        self.wait_for_state('idle')
        self.entry.set_code('len')
        self.press(Gdk.KEY_ISO_Left_Tab, Gdk.ModifierType.SHIFT_MASK)
        wait_for(self.entry.hint.get_visible)
        self.assertIn('number of items', self.entry.hint.label.get_text())
        self.press(Gdk.KEY_Escape)
        self.assertFalse(self.entry.hint.get_visible())
        for action in ('win.shortcuts', 'win.about'):
            self.window.activate_action(action, None)
            window, = [each for each in self.app.get_windows() + list(Gtk.Window.list_toplevels())
                       if isinstance(each, (Gtk.ShortcutsWindow, Gtk.AboutDialog))][:1]
            wait_for(window.get_mapped)
            window.destroy()


class QuestionTest(WindowCase):
    def test_answered(self):
        self.wait_for_state('idle')
        self.begin('from getpass import getpass\ninput("Who? "), getpass("Word? ")')
        wait_for(self.window.is_asking)
        self.assertEqual(self.question.label.get_text(), 'Who?')
        self.question.text.set_text('Zoë')
        self.question.text.emit('activate')
        wait_for(self.question.is_password)
        self.question.password.set_text('secret')
        self.question.password.emit('activate')
        wait_for(lambda: self.replies)
        self.assertFalse(self.window.is_asking())
        self.assertTrue(self.text().endswith("\nWho? Zoë\nWord? \nOut[1]:\t('Zoë', 'secret')\n"), self.text())

    def test_interrupted(self):
        self.wait_for_state('idle')
        self.begin('input()')
        wait_for(self.window.is_asking)
        self.window.activate_action('win.interrupt', None)
        wait_for(lambda: self.replies)
        self.assertFalse(self.window.is_asking())
        self.assertIn('KeyboardInterrupt', self.text())

    def test_long(self):
        """All of it can be read."""
        self.wait_for_state('idle')
        self.begin('input("x " * 100 + "really? ")')
        wait_for(self.window.is_asking)
        wait_for(lambda: self.question.label.get_height() > 0)
        self.assertFalse(self.question.label.get_layout().is_ellipsized())
        self.assertIn('really?', self.question.label.get_tooltip_text())
        # and a short one stands in a line
        self.question.ask('Well? ', False)
        wait_for(lambda: self.question.label.get_height() > 0)
        self.assertEqual(self.question.label.get_layout().get_line_count(), 1)

    def test_not_the_last(self):
        """A question belongs to its own cell, whatever waits behind it, and whatever is told late."""
        self.wait_for_state('idle')
        for code in ('1', 'input("Who? ")', '3'):
            self.begin(code)
        wait_for(self.window.is_asking)
        wait_for(lambda: self.replies)
        self.window.running['another'], self.window.cells['another'] = '', self.window.cells[self.window.last_id]
        self.window._on_executed(Request('execute', 'another'), {'status': 'ok'})
        self.assertTrue(self.window.is_asking())
        self.question.text.set_text('Zoë')
        self.question.text.emit('activate')
        wait_for(lambda: len(self.replies) == 4)
        self.assertTrue(self.text().endswith(
            "In [2]:\tinput(\"Who? \")\nWho? Zoë\nOut[2]:\t'Zoë'\nIn [3]:\t3\nOut[3]:\t3\n"), self.text())


class LifeTest(WindowCase):
    def test_interrupted(self):
        self.wait_for_state('idle')
        self.assertFalse(self.window.get_action_enabled('interrupt'))
        self.begin('print("begun", flush=True)\nwhile True: pass')
        self.wait_for_text('\nbegun')
        self.assertTrue(self.window.header.spinner.get_spinning())
        self.begin('print("never")')
        self.window.activate_action('win.interrupt', None)
        wait_for(lambda: len(self.replies) == 2)
        self.assertFalse(self.window.header.spinner.get_spinning())
        self.assertIn('KeyboardInterrupt', self.text())
        self.assertTrue(self.text().endswith('In [ ]:\tprint("never")\nNot run, after an error before it\n'), self.text())

    def test_cleared_meanwhile(self):
        self.wait_for_state('idle')
        self.run_code('1')
        self.begin('input("Who? ")\nprint("after")')
        wait_for(self.window.is_asking)
        self.window.activate_action('win.clear', None)
        self.assertEqual(self.text(), 'In [*]:\tinput("Who? ")\nprint("after")\n')
        self.question.text.set_text('Zoë')
        self.question.text.emit('activate')
        wait_for(lambda: len(self.replies) == 2)
        self.assertEqual(self.text(), 'In [2]:\tinput("Who? ")\nprint("after")\nWho? Zoë\nafter\n')

    def test_restarted(self):
        self.wait_for_state('idle')
        self.run_code('x = 1')
        self.window.activate_action('win.restart', None)
        dialog, = [each for each in Gtk.Window.list_toplevels() if isinstance(each, Gtk.MessageDialog)]
        dialog.response(Gtk.ResponseType.CANCEL)
        self.assertEqual(self.kernel.state, 'idle')
        self.window.activate_action('win.restart', None)
        dialog, = [each for each in Gtk.Window.list_toplevels() if isinstance(each, Gtk.MessageDialog)]
        dialog.response(Gtk.ResponseType.ACCEPT)
        self.wait_for_state('starting')
        self.wait_for_state('idle')
        self.assertIn('NameError', self.run_code('x'))
        self.assertIn('In [1]:\tx\n', self.text())

    def test_killed(self):
        self.wait_for_state('idle')
        self.begin('print("begun", flush=True)\nwhile True: pass')
        self.wait_for_text('\nbegun')
        os.kill(self.kernel.process.get_pid(), signal.SIGKILL)
        wait_for(self.window.banner.get_reveal_child)
        self.assertEqual(self.window.banner.label.get_text(), 'The kernel has died: it was ended by SIGKILL.')
        self.assertTrue(self.text().endswith('\nbegun\nNot finished\n'), self.text())
        self.assertFalse(self.window.get_action_enabled('run'))
        # there is nothing to lose, and so no question
        self.window.activate_action('win.restart', None)
        self.wait_for_state('idle')
        self.assertFalse(self.window.banner.get_reveal_child())
        self.assertIn('Out[1]:\t2', self.run_code('1 + 1'))

    def test_closed_by_the_program(self):
        self.wait_for_state('idle')
        self.begin('exit')
        wait_for(lambda: not self.app.get_windows())


class StartTest(WindowCase):
    def start(self, kernel_spec):
        super().start(spec.Spec('none', {'argv': ['sh', '-c', 'echo of no use >&2; exit 3']}))

    def test_does_not_start(self):
        self.begin('1')
        wait_for(self.window.banner.get_reveal_child)
        self.assertEqual(self.window.banner.label.get_text(), 'The kernel has died: it ended with status 3.')
        self.assertEqual(self.text(), 'of no use\n')


if __name__ == '__main__':
    support.main()
