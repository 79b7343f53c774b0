# SPDX-License-Identifier: LGPL-2.1-or-later
"""The inspector's window for who does not see it, or has no mouse: its accessible tree, and its keys."""

import re
import shutil
import subprocess
import unittest

import gi
import zmq
from gi.repository import GLib
from support import Case, until

try:
    gi.require_version('Atspi', '2.0')
    from gi.repository import Atspi
except ValueError:
    Atspi = None


def find_all(accessible, is_wanted):
    """What is below, and can be seen, that a function likes."""
    found = []
    for index in range(accessible.get_child_count()):
        child = accessible.get_child_at_index(index)
        if child is None:
            continue
        if child.get_state_set().contains(Atspi.StateType.VISIBLE):
            if is_wanted(child):
                found.append(child)
            found += find_all(child, is_wanted)
    return found


def widths():
    """Of all windows that are seen."""
    found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', '.', 'getwindowgeometry', '%@'],
                           capture_output=True, text=True)
    return [int(width) for width in re.findall(r'Geometry: (\d+)x', found.stdout)]


@unittest.skipUnless(Atspi, 'without AT-SPI')
class Tree(Case):
    def application(self):
        def find():
            desktop = Atspi.get_desktop(0)
            for index in range(desktop.get_child_count()):
                child = desktop.get_child_at_index(index)
                if child is not None and child.get_name() == 'zmqglib-inspector' and child.get_child_count() > 0:
                    return child
            return None
        return until(find, 'the application in the accessible tree')

    def find(self, role, name):
        return until(lambda: find_all(self.application(),
                                      lambda one: one.get_role() == role and one.get_name() == name), name)[0]

    def assertAllNamed(self):
        nameless = [one for one in find_all(self.application(), lambda one: True)
                    if one.get_role() in (Atspi.Role.PUSH_BUTTON, Atspi.Role.TOGGLE_BUTTON, Atspi.Role.COMBO_BOX,
                                          Atspi.Role.ENTRY, Atspi.Role.TEXT, Atspi.Role.LIST)
                    and one.get_state_set().contains(Atspi.StateType.FOCUSABLE)
                    and not one.get_name() and not one.get_relation_set()]
        self.assertEqual([(one.get_role_name(), one.get_parent().get_role_name()) for one in nameless], [])

    def test_names(self):
        pusher, endpoint = self.bound_peer(zmq.PUSH)
        inspector = self.start()
        self.assertAllNamed()
        inspector.make_socket('dealer', bind=['tcp://127.0.0.1:*'])
        self.assertAllNamed()
        inspector.make_socket('pull', connect=[endpoint])
        pusher.send_multipart([b'topic', b'content'])
        inspector.until_is(received=1)
        inspector.do('select-message', GLib.Variant('u', 0))
        self.find(Atspi.Role.LABEL, 'Received: topic  │  content')
        inspector.change('page', GLib.Variant('s', 'connections'))
        self.find(Atspi.Role.PUSH_BUTTON, 'Disconnect')
        self.assertAllNamed()
        inspector.change('page', GLib.Variant('s', 'rates'))
        until(lambda: find_all(self.application(), lambda one: one.get_name().startswith('Messages a second')), 'a graph')


    def close_new_window(self, inspector):
        inspector.do_in_application('new-window')
        until(lambda: self.application().get_child_count() == 2, 'a second window')
        window = self.application().get_child_at_index(1)
        button = find_all(window, lambda one: one.get_role() == Atspi.Role.PUSH_BUTTON and one.get_name() == 'Close')[0]
        button.get_action_iface().do_action(0)
        until(lambda: self.application().get_child_count() == 1, 'one window')

    def test_closed_windows_are_gone(self):
        """A window is closed with all that belongs to it."""
        inspector = self.start()
        for _ in range(5):
            self.close_new_window(inspector)
        memory = inspector.memory
        for _ in range(15):
            self.close_new_window(inspector)
        self.assertLess(inspector.memory - memory, 4 << 20)


@unittest.skipUnless(shutil.which('xdotool'), 'without xdotool')
class Sizes(Case):
    """However long a text is, windows are as wide as they were."""

    LONG = 'a' * 300

    def started(self, kind):
        inspector = self.start()
        inspector.make_socket(kind)
        inspector.until_is(sessions=1)
        self.assertEqual(len(widths()), 1)
        return inspector, widths()[0]

    def test_complaint(self):
        inspector, width = self.started('sub')
        inspector.do('connect', GLib.Variant('s', self.LONG))
        inspector.until(lambda status: self.LONG in status['complaint'])
        self.assertEqual(widths(), [width])

    def test_filter(self):
        inspector, width = self.started('sub')
        inspector.do('filter', GLib.Variant('s', f'hex:x{self.LONG}'))
        frames = inspector.status['frames']
        inspector.change('page', GLib.Variant('s', 'rates'))
        inspector.until(lambda status: status['frames'] > frames + 1)
        self.assertEqual(widths(), [width])

    def test_subscription(self):
        inspector, width = self.started('sub')
        inspector.change('page', GLib.Variant('s', 'connections'))
        inspector.do('subscribe', GLib.Variant('s', self.LONG))
        inspector.until_is(subscriptions=[self.LONG])
        self.assertEqual(widths(), [width])

    def test_narrow(self):
        """There is no room for a sidebar, unless somebody asks for it."""
        inspector = self.start()
        window = until(Keys.windows, 'a window')[0]
        inspector.change('sidebar', GLib.Variant('b', True))
        subprocess.run(['xdotool', 'windowsize', '--sync', window, '600', '600'], check=True)
        until(lambda: not inspector.describe('sidebar')[1], 'no sidebar')
        inspector.make_socket('sub')
        self.assertFalse(inspector.describe('sidebar')[1])
        inspector.change('sidebar', GLib.Variant('b', True))
        self.assertTrue(inspector.describe('sidebar')[1])

    def test_dialog(self):
        inspector, width = self.started('push')
        for port in range(1, 20):
            inspector.do('connect', GLib.Variant('s', f'tcp://127.0.0.1:{port}'))
        inspector.do('replay')
        until(lambda: len(widths()) == 2, 'the dialog')
        self.assertLessEqual(max(widths()), width)


@unittest.skipUnless(shutil.which('xdotool'), 'without xdotool')
class Keys(Case):
    @staticmethod
    def press(*keys):
        subprocess.run(['xdotool', 'key', '--delay', '60', *keys], check=True)

    @staticmethod
    def write(text):
        subprocess.run(['xdotool', 'type', '--delay', '30', text], check=True)

    @staticmethod
    def windows():
        found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', '.'], capture_output=True, text=True)
        return found.stdout.split()

    def focused(self, *args):
        """An inspector whose window has the keyboard, without anybody who manages windows."""
        inspector = self.start(*args)
        window = until(self.windows, 'a window')[0]
        subprocess.run(['xdotool', 'windowfocus', '--sync', window], check=True)
        return inspector

    def test_without_a_mouse(self):
        puller, endpoint = self.bound_peer(zmq.PULL)
        inspector = self.focused()
        inspector.make_socket('push', connect=[endpoint])
        inspector.until_is(endpoints=[(endpoint, 'Ready')])
        self.press('ctrl+m')
        self.write('ello')
        # keys of text are not those of actions
        self.press('ctrl+Home')
        self.write('h')
        self.press('ctrl+End')
        self.write('!')
        self.press('ctrl+Return')
        self.assertEqual(puller.recv(), b'hello!')
        inspector.until_is(shown=1)

        self.press('ctrl+f')
        self.write('nothing')
        inspector.until_is(shown=0)
        self.press('Escape')
        inspector.until_is(shown=1)
        self.press('alt+2')
        until(lambda: inspector.describe('page')[1] == 'connections', 'the page')
        self.press('alt+1')
        until(lambda: inspector.describe('page')[1] == 'messages', 'the page')
        self.press('F9')
        until(lambda: inspector.describe('sidebar')[1] is False, 'no sidebar')
        self.press('ctrl+space')
        until(lambda: inspector.describe('pause')[1] is True, 'a pause')
        self.press('ctrl+w')
        inspector.until_is(sessions=0)

    def test_enter(self):
        """Enter in a field does what the button beside it does."""
        publisher, endpoint = self.bound_peer(zmq.XPUB)
        inspector = self.focused()
        inspector.make_socket('sub')
        self.press('alt+2')
        until(lambda: inspector.describe('page')[1] == 'connections', 'the page')
        self.write(endpoint)
        self.press('Return')
        inspector.until_is(endpoints=[(endpoint, 'Ready')])
        # over the two buttons into the next field
        self.press('Tab', 'Tab', 'Tab')
        self.write('weather')
        self.press('Return')
        inspector.until_is(subscriptions=['weather'])

    def test_dialog(self):
        inspector = self.focused()
        self.press('ctrl+n')
        dialog = until(lambda: self.windows()[1:], 'the dialog')[0]
        subprocess.run(['xdotool', 'windowfocus', '--sync', dialog], check=True)
        self.press('alt+e', 'ctrl+a')
        self.write('nonsense' * 12)
        before = widths()
        self.press('Return')
        # what is wrong is said, and the dialog stays
        inspector.until_is(sessions=0)
        self.press('alt+e', 'ctrl+a')
        self.write('tcp://127.0.0.1:1')
        self.assertEqual(widths(), before)
        self.press('Return')
        inspector.until_is(sessions=1, title='SUB', subscriptions=[''])


if __name__ == '__main__':
    unittest.main(verbosity=2)
