# SPDX-License-Identifier: LGPL-2.1-or-later
"""What there is to say about a name."""

from gi.repository import Gtk

from text import ansi
from text.clean import clean


class Hint(Gtk.Popover):
    """A text beside the cursor, until a key is pressed."""

    def __init__(self, entry):
        super().__init__(autohide=False, position=Gtk.PositionType.TOP)
        self.set_parent(entry)
        self.label = Gtk.Label(xalign=0, yalign=0)
        self.label.add_css_class('monospace')
        self.set_child(Gtk.ScrolledWindow(
            child=self.label, propagate_natural_height=True, propagate_natural_width=True,
            max_content_height=300, max_content_width=700,
        ))

    def tell(self, text, rectangle):
        """Shows a text at a place of the entry."""
        self.label.set_text(clean(ansi.strip(text)).strip())
        self.set_pointing_to(rectangle)
        self.popup()
