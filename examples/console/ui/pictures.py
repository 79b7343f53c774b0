# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures of a kernel."""

from gi.repository import Gdk, GLib, Gtk

from text import bundle
from text.clean import clean

# of what may be asked for
MAX_WIDTH = 10_000


def load(data):
    """The picture of a result, or None when it has none that can be shown."""
    for picture in bundle.get_pictures(data):
        try:
            return Gdk.Texture.new_from_bytes(GLib.Bytes.new(picture))
        except GLib.Error:
            # of a kind that is not known here, or broken: there may be another
            continue
    return None


def get_size(texture, metadata):
    """How large it is meant to be, in pixels of the window: one for screens of high density has more of its own."""
    width, height = texture.get_width(), texture.get_height()
    for each in metadata.values():
        asked = each.get('width') if isinstance(each, dict) else None
        if isinstance(asked, (int, float)) and 0 < asked < MAX_WIDTH:
            return asked, asked * height / width
    return width, height


class Picture(Gtk.Picture):
    """A picture, made smaller where it would be wider than what there is."""

    def __init__(self, texture, size, text):
        text = clean(text)
        super().__init__(paintable=texture, can_shrink=True, alternative_text=text, tooltip_text=text)
        self.size = size
        # what is around it is bright or dark, and it may count on bright
        self.add_css_class('picture')

    def fit(self, available):
        """Takes what it needs of the width that there is."""
        width, height = self.size
        scale = min(1, max(available, 1) / width)
        self.set_size_request(round(width * scale), round(height * scale))
