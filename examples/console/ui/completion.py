# SPDX-License-Identifier: LGPL-2.1-or-later
"""What code may go on with, to choose from."""

from gi.repository import Gdk, GObject, Gtk

from text.clean import clean

HEIGHT = 240
N_SHOWN = 500


class Completion(Gtk.Popover):
    """A list below the cursor, which has the focus all the same. “chosen” brings what is to stand there."""

    __gsignals__ = {'chosen': (GObject.SignalFlags.RUN_LAST, None, (str,))}

    def __init__(self, entry):
        super().__init__(autohide=False, has_arrow=False, position=Gtk.PositionType.TOP, halign=Gtk.Align.START)
        self.set_parent(entry)
        self.entry = entry
        self.words = []
        self.list = Gtk.ListBox(selection_mode=Gtk.SelectionMode.BROWSE)
        self.list.add_css_class('completion')
        self.list.connect('row-activated', lambda _list, _row: self.choose())
        self.scrolled = Gtk.ScrolledWindow(
            child=self.list, hscrollbar_policy=Gtk.PolicyType.NEVER,
            propagate_natural_height=True, propagate_natural_width=True, max_content_height=HEIGHT,
        )
        self.set_child(self.scrolled)

    def offer(self, words, rectangle):
        """Shows words at a place of the entry."""
        self.set_pointing_to(rectangle)
        self._show_words(words[:N_SHOWN])
        self.popup()

    def narrow(self, start):
        """Keeps those words that begin so."""
        words = [word for word in self.words if word.startswith(start)]
        if words in ([], [start]):
            self.popdown()
        else:
            self._show_words(words)

    def _show_words(self, words):
        self.words = words
        while row := self.list.get_row_at_index(0):
            self.list.remove(row)
        for word in words:
            self.list.append(Gtk.Label(label=clean(word), xalign=0))
        self.list.select_row(self.list.get_row_at_index(0))
        self.scrolled.get_vadjustment().set_value(0)

    def choose(self):
        """Takes the word that is selected."""
        row = self.list.get_selected_row()
        self.popdown()
        if row is not None:
            self.emit('chosen', self.words[row.get_index()])

    def _move(self, n_steps):
        row = self.list.get_selected_row()
        index = (row.get_index() if row else 0) + n_steps
        row = self.list.get_row_at_index(max(0, min(index, len(self.words) - 1)))
        self.list.select_row(row)
        self._show(row)

    def _show(self, row):
        """Scrolls to a row: it would do so itself for one with the focus."""
        adjustment = self.scrolled.get_vadjustment()
        done, bounds = row.compute_bounds(self.list)
        if done:
            top = bounds.get_y()
            adjustment.clamp_page(top, top + bounds.get_height())

    def handle_key(self, key):
        """Whether a key that was pressed in the entry was for the list."""
        if not self.get_visible():
            return False
        if key == Gdk.KEY_Escape:
            self.popdown()
        elif key in (Gdk.KEY_Tab, Gdk.KEY_Return, Gdk.KEY_KP_Enter):
            self.choose()
        elif key in (Gdk.KEY_Up, Gdk.KEY_Down, Gdk.KEY_Page_Up, Gdk.KEY_Page_Down):
            self._move({Gdk.KEY_Up: -1, Gdk.KEY_Down: 1, Gdk.KEY_Page_Up: -8, Gdk.KEY_Page_Down: 8}[key])
        else:
            return False
        return True
