# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where code is written."""

from gi.repository import Gdk, GLib, GObject, Gtk

from text import bundle
from text import code as source
from text.history import History

from .completion import Completion
from .hint import Hint

MAX_HEIGHT = 240
ENTER = (Gdk.KEY_Return, Gdk.KEY_KP_Enter)


class Entry(Gtk.TextView):
    """A text of one line or more, with what was entered before it.

    “entered” is emitted at its end, where it may go on; “run” where it is to be run as it is. “completing” asks what
    it may go on with, which is given to offer (), and “interrupted” is Ctrl+C with nothing to copy.
    """

    __gsignals__ = {name: (GObject.SignalFlags.RUN_LAST, None, ())
                    for name in ('entered', 'run', 'completing', 'inspecting', 'interrupted')}

    def __init__(self):
        super().__init__(
            monospace=True, wrap_mode=Gtk.WrapMode.WORD_CHAR, accepts_tab=True, hexpand=True,
            top_margin=8, bottom_margin=8, left_margin=8, right_margin=8,
        )
        self.update_property([Gtk.AccessibleProperty.LABEL], ['Code'])
        self.buffer = self.get_buffer()
        # has no hyphens where a word is too long for a line
        self.plain = self.buffer.create_tag(None, insert_hyphens=False)
        self.history = History()
        # where a completion that was asked for begins and ends, and the text that it is for
        self.completed = (0, 0)
        # unless somebody scrolls to look at something else
        self.shows_cursor = True
        # what an input method has begun, as with Ctrl+Shift+U
        self.preedit = ''
        self.connect('preedit-changed', self._on_preedit_changed)
        self.completion = Completion(self)
        self.completion.connect('chosen', self._on_chosen)
        self.hint = Hint(self)
        self.keys = Gtk.EventControllerKey(propagation_phase=Gtk.PropagationPhase.CAPTURE)
        self.keys.connect('key-pressed', self._on_key_pressed)
        self.add_controller(self.keys)
        focus = Gtk.EventControllerFocus()
        focus.connect('leave', lambda _focus: self._stop_helping())
        self.add_controller(focus)
        self.buffer.connect('changed', self._on_changed)

    def make_scrolled(self):
        """Puts it into something that grows with it, and scrolls from some height on."""
        scrolled = Gtk.ScrolledWindow(
            child=self, hscrollbar_policy=Gtk.PolicyType.NEVER, propagate_natural_height=True,
            max_content_height=MAX_HEIGHT, has_frame=True,
        )
        scrolled.get_vadjustment().connect('value-changed', self._on_scrolled)
        scrolled.get_vadjustment().connect('changed', self._on_resized)
        scroll = Gtk.EventControllerScroll(flags=Gtk.EventControllerScrollFlags.VERTICAL,
                                           propagation_phase=Gtk.PropagationPhase.CAPTURE)
        scroll.connect('scroll', self._on_scroll)
        scrolled.add_controller(scroll)
        return scrolled

    def _on_scrolled(self, adjustment):
        # GTK 4.8 may show the cursor by scrolling and by growing as well, and then not know how much of it is seen
        if adjustment.get_page_size() != self.get_height():
            GLib.idle_add(self._measure)

    def _measure(self):
        self.queue_resize()
        return GLib.SOURCE_REMOVE

    def _on_resized(self, _adjustment):
        # It grows, scrolls, and comes to know how high its lines are, in any order: what was shown may be so no more.
        if self.shows_cursor:
            self.scroll_mark_onscreen(self.buffer.get_insert())

    def _on_scroll(self, *_args):
        self.shows_cursor = False
        return Gdk.EVENT_PROPAGATE

    # The text

    def get_code(self):
        """What is written."""
        return self.buffer.get_text(*self.buffer.get_bounds(), False)

    def set_code(self, text):
        """Replaces what is written; can be undone."""
        self.buffer.begin_user_action()
        self.buffer.delete(*self.buffer.get_bounds())
        self.buffer.insert(self.buffer.get_start_iter(), text)
        self.buffer.end_user_action()
        self.buffer.place_cursor(self.buffer.get_end_iter())
        self.scroll_mark_onscreen(self.buffer.get_insert())

    def take(self):
        """Takes what is written, and remembers it."""
        text = self.get_code().rstrip()
        self.history.add(text)
        self.buffer.set_text('')
        return text

    def _get_cursor(self):
        return self.buffer.get_iter_at_mark(self.buffer.get_insert())

    def get_position(self):
        """Where the cursor is, in characters."""
        return self._get_cursor().get_offset()

    def _get_line_before_cursor(self):
        cursor = self._get_cursor()
        start = cursor.copy()
        start.set_line_offset(0)
        return self.buffer.get_text(start, cursor, False)

    def _insert(self, text):
        self.buffer.delete_selection(True, True)
        self.buffer.begin_user_action()
        self.buffer.insert_at_cursor(text)
        self.buffer.end_user_action()
        self.scroll_mark_onscreen(self.buffer.get_insert())

    def begin_line(self, indent=None):
        """Goes on with another line, which begins as the one before unless it is said how."""
        self._insert('\n' + (source.get_indent(self._get_line_before_cursor()) if indent is None else indent))

    # Completion

    def offer(self, words, start, end):
        """Completes with the one word that there is, with what all begin with, or asks which."""
        self._stop_helping()
        written = self.get_code()[start:end]
        if not words:
            self.error_bell()
            return
        self.completed = (start, end)
        common = source.get_common_start(words)
        if len(words) == 1 or common.startswith(written) and len(common) > len(written):
            self._replace(common)
        if len(words) > 1:
            self.completion.offer(words, self._get_place(self.buffer.get_iter_at_offset(start)))

    def _get_place(self, position):
        place = self.get_iter_location(position)
        place.x, place.y = self.buffer_to_window_coords(Gtk.TextWindowType.WIDGET, place.x, place.y)
        return place

    def _stop_helping(self):
        self.completion.popdown()
        self.hint.popdown()

    def _replace(self, text):
        start, end = self.completed
        self.buffer.begin_user_action()
        self.buffer.delete(self.buffer.get_iter_at_offset(start), self.buffer.get_iter_at_offset(end))
        self.buffer.insert(self.buffer.get_iter_at_offset(start), text)
        self.buffer.end_user_action()
        self.completed = (start, start + len(text))

    def tell(self, data):
        """Tells about what is at the cursor."""
        self.hint.tell(bundle.get_text(data), self._get_place(self._get_cursor()))

    def _on_chosen(self, _completion, word):
        self._replace(word)

    def _on_changed(self, _buffer):
        self.buffer.apply_tag(self.plain, *self.buffer.get_bounds())
        self.shows_cursor = True
        # what is typed on while words are offered leaves fewer of them
        if self.completion.get_visible():
            start, position = self.completed[0], self.get_position()
            if position > start:
                self.completed = (start, position)
                self.completion.narrow(self.get_code()[start:position])
            else:
                self.completion.popdown()

    # Keys

    def _on_preedit_changed(self, _entry, text):
        self.preedit = text

    def _on_key_pressed(self, _controller, key, _code, state):
        # whose Return, Tab and arrows they are then
        if self.preedit:
            return Gdk.EVENT_PROPAGATE
        is_control = bool(state & Gdk.ModifierType.CONTROL_MASK)
        is_shift = bool(state & Gdk.ModifierType.SHIFT_MASK)
        is_hinting = self.hint.get_visible()
        self.hint.popdown()
        if not is_control and not is_shift and self.completion.handle_key(key):
            return Gdk.EVENT_STOP
        if is_hinting and key == Gdk.KEY_Escape:
            return Gdk.EVENT_STOP
        if self._handle_key(key, is_control, is_shift):
            return Gdk.EVENT_STOP
        return Gdk.EVENT_PROPAGATE

    def _handle_key(self, key, is_control, is_shift):
        if key in ENTER:
            return self._on_enter(is_control, is_shift)
        if key == Gdk.KEY_Tab and not is_control:
            return self._on_tab()
        if key == Gdk.KEY_ISO_Left_Tab:
            self.emit('inspecting')
            return True
        if key == Gdk.KEY_c and is_control and not self.buffer.get_has_selection():
            self.emit('interrupted')
            return True
        if key in (Gdk.KEY_Up, Gdk.KEY_Down) and not is_shift:
            return self._go(-1 if key == Gdk.KEY_Up else 1, is_control)
        return False

    def _on_enter(self, is_control, is_shift):
        if is_control:
            self.emit('run')
        elif is_shift or self._get_cursor().get_line() < self.buffer.get_line_count() - 1:
            self.begin_line()
        else:
            self.emit('entered')
        return True

    def _on_tab(self):
        before = self._get_line_before_cursor()
        if self.buffer.get_has_selection():
            return False
        if before.strip():
            self.emit('completing')
        else:
            self._insert(source.INDENT[len(before) % len(source.INDENT):])
        return True

    def _go(self, n_steps, is_anywhere):
        """Goes through what was entered, from the first line or the last one."""
        line = self._get_cursor().get_line()
        if not is_anywhere and line != (0 if n_steps < 0 else self.buffer.get_line_count() - 1):
            return False
        text = self.history.go(n_steps, self.get_code())
        if text is not None:
            self.set_code(text)
        return True
