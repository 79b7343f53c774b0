# SPDX-License-Identifier: LGPL-2.1-or-later
"""All that was said."""

from gi.repository import Gdk, GLib, Gtk

from text.clean import clean
from text.fold import fold

from .cell import Cell
from .pictures import Picture
from .tags import MARGIN, Tags

N_LINES = 20_000
# of what is written at once
N_CHARACTERS = 2_000_000
UPWARDS = (Gdk.KEY_Up, Gdk.KEY_Page_Up, Gdk.KEY_Home)


class Transcript(Gtk.ScrolledWindow):
    """The cells below each other. It follows what is written, unless somebody looks at what was before."""

    def __init__(self):
        super().__init__(vexpand=True, hexpand=True)
        self.view = Gtk.TextView(
            editable=False, cursor_visible=False, monospace=True, wrap_mode=Gtk.WrapMode.WORD_CHAR,
            top_margin=MARGIN, bottom_margin=MARGIN, left_margin=MARGIN, right_margin=MARGIN,
        )
        self.view.add_css_class('transcript')
        self.view.update_property([Gtk.AccessibleProperty.LABEL], ['Transcript'])
        self.set_child(self.view)
        self.buffer = self.view.get_buffer()
        self.tags = Tags(self.view)
        self.displays = {}
        self.pictures = []
        self.follows = True
        self.returning = 0
        self.width = 0
        # the cells that have something to write
        self.unwritten = {}
        self.flushing = 0

        adjustment = self.get_vadjustment()
        adjustment.connect('changed', self._on_changed)
        adjustment.connect('value-changed', self._on_value_changed)
        scroll = Gtk.EventControllerScroll(flags=Gtk.EventControllerScrollFlags.VERTICAL,
                                           propagation_phase=Gtk.PropagationPhase.CAPTURE)
        scroll.connect('scroll', self._on_scroll)
        self.add_controller(scroll)
        drag = Gtk.GestureClick(propagation_phase=Gtk.PropagationPhase.CAPTURE)
        drag.connect('pressed', self._look_back)
        self.get_vscrollbar().add_controller(drag)
        self.get_hadjustment().connect('notify::page-size', self._on_resized)
        self.keys = Gtk.EventControllerKey(propagation_phase=Gtk.PropagationPhase.CAPTURE)
        self.keys.connect('key-pressed', self._on_key_pressed)
        self.view.add_controller(self.keys)

    def add(self, code=None):
        """A new cell at the end, for code or for what nobody has asked for."""
        self.follows = True
        return Cell(self, code)

    def say(self, text, tag):
        """Writes something that belongs to no cell."""
        first, *others = fold(clean(text)).rstrip('\n').split('\n')
        self.buffer.insert_with_tags(self.buffer.get_end_iter(), f'{first}\n', self.tags.said, tag)
        for line in others:
            self.buffer.insert_with_tags(self.buffer.get_end_iter(), f'{line}\n', tag)
        self.trim()

    def clear(self):
        """Forgets everything."""
        self.flush()
        self.displays.clear()
        self.pictures.clear()
        self.buffer.set_text('')

    def get_text(self):
        """All of it."""
        self.flush()
        return self.buffer.get_text(*self.buffer.get_bounds(), False)

    def flush_soon(self, cell):
        """Lets a cell write when there is nothing more urgent to do, such as to draw."""
        self.unwritten[cell] = True
        if not self.flushing:
            self.flushing = GLib.idle_add(self.flush)

    def flush(self):
        """Lets all cells write."""
        if self.flushing:
            GLib.source_remove(self.flushing)
            self.flushing = 0
        cells, self.unwritten = self.unwritten, {}
        for cell in cells:
            cell.flush()
        return GLib.SOURCE_REMOVE

    @staticmethod
    def cut(text):
        """The end of a text: as much as there may be."""
        text = text[-N_CHARACTERS:]
        n_more = text.count('\n') - N_LINES
        return text.split('\n', n_more)[-1] if n_more > 0 else text

    def trim(self):
        """Forgets what is too much of it, now and then."""
        n_more = self.buffer.get_line_count() - N_LINES
        if n_more > N_LINES // 10:
            self.buffer.delete(self.buffer.get_start_iter(), self.buffer.get_iter_at_line(n_more)[1])

    # What is displayed, and may be displayed anew

    def add_display(self, display_id, cell, start, end):
        """Remembers where something is displayed."""
        self.displays.setdefault(display_id, []).append((cell, start, end))

    def update_displays(self, display_id, data, metadata):
        """Displays it anew, wherever it is."""
        for cell, start, end in self.displays.get(display_id, []):
            cell.update(start, end, data, metadata)

    def add_picture(self, anchor, texture, size, text):
        """Puts a picture at its place in the text."""
        picture = Picture(texture, size, text)
        picture.fit(self._get_available())
        self.view.add_child_at_anchor(picture, anchor)
        self.pictures = [each for each in self.pictures if each.get_parent()]
        self.pictures.append(picture)

    def _get_available(self):
        return (self.width or self.get_width()) - self.tags.gutter - 3 * MARGIN

    # Scrolling

    def _on_changed(self, adjustment):
        if self.follows or adjustment.get_upper() <= adjustment.get_page_size():
            self.follows = True
            # At once, before it is drawn; but by that the view comes to know of more lines, and tells of each. The rest
            # is done later, with turns for others in between.
            if not self.returning:
                self._return_soon()
                adjustment.set_value(adjustment.get_upper() - adjustment.get_page_size())

    def _return_soon(self):
        self.returning = GLib.idle_add(self._return, priority=Gdk.PRIORITY_REDRAW - 1)

    def _on_value_changed(self, adjustment):
        # That it is elsewhere need not be what the user wants: the view goes up and down where lines are taken out, and where
        # it comes to know how high they are.
        if adjustment.get_upper() - adjustment.get_page_size() - adjustment.get_value() < 1:
            self.follows = True
        elif self.follows and not self.returning:
            self._return_soon()

    def _return(self):
        self.returning = 0
        adjustment = self.get_vadjustment()
        if adjustment.get_upper() - adjustment.get_page_size() - adjustment.get_value() >= 1:
            self._on_changed(adjustment)
        return GLib.SOURCE_REMOVE

    def _look_back(self, *_args):
        self.follows = False

    def _on_scroll(self, _controller, _dx, dy):
        if dy < 0:
            self._look_back()
        return Gdk.EVENT_PROPAGATE

    def _on_resized(self, adjustment, _pspec):
        self.width = adjustment.get_page_size()
        for picture in self.pictures:
            picture.fit(self._get_available())

    def _on_key_pressed(self, _controller, key, _code, _state):
        if key in UPWARDS:
            self._look_back()
        return Gdk.EVENT_PROPAGATE
