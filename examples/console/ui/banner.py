# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is said about the kernel, above everything else."""

from gi.repository import Gtk

from text.clean import clean


class Banner(Gtk.Revealer):
    """A sentence, and a button that starts the kernel anew."""

    def __init__(self):
        super().__init__()
        self.label = Gtk.Label(xalign=0, hexpand=True, wrap=True, selectable=True, focusable=False)
        button = Gtk.Button(label='_Restart', use_underline=True, action_name='win.restart', valign=Gtk.Align.CENTER)
        box = Gtk.Box(spacing=12)
        box.add_css_class('banner')
        box.append(self.label)
        box.append(button)
        self.set_child(box)

    def say(self, text):
        """Says something, or with “” nothing."""
        if text:
            self.label.set_text(clean(text))
        self.set_reveal_child(bool(text))
