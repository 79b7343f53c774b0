# SPDX-License-Identifier: LGPL-2.1-or-later
"""How texts look: by tags of a text buffer."""

from gi.repository import Gdk, Gtk, Pango

# the first sixteen colours, on something bright and on something dark
ON_BRIGHT = ('#171421', '#c01c28', '#17703f', '#8a5a00', '#12488b', '#a347ba', '#12747f', '#5e5c64',
             '#3d3846', '#c01c28', '#17703f', '#8a5a00', '#1a5fb4', '#a347ba', '#12747f', '#5e5c64')
ON_DARK = ('#9a9996', '#ff7b78', '#6fdc8c', '#f5c451', '#7ab4f5', '#dc9ff0', '#5fd3de', '#deddda',
           '#c0bfbc', '#ff7b78', '#6fdc8c', '#f5c451', '#99c1f1', '#dc9ff0', '#5fd3de', '#ffffff')
IN, OUT, ERROR = 12, 9, 9
N_CHARACTERS = len('Out[999]: ')
MARGIN = 12
# how much of a colour is behind a text, which is to be read all the same
STRENGTH = 0.2
# the least brightness on something dark, and the most on something bright
BRIGHT, DARK = 0.55, 0.45


def parse(text):
    """A colour by name."""
    colour = Gdk.RGBA()
    colour.parse(text)
    return colour


def make_readable(parts, is_dark):
    """A colour of red, green and blue, made brighter on something dark, and darker on something bright."""
    red, green, blue = parts
    brightness = 0.21 * red + 0.72 * green + 0.07 * blue
    if is_dark and brightness < BRIGHT:
        share = (BRIGHT - brightness) / (1 - brightness)
        parts = [part + share * (1 - part) for part in parts]
    elif not is_dark and brightness > DARK:
        parts = [part * DARK / brightness for part in parts]
    colour = Gdk.RGBA()
    colour.red, colour.green, colour.blue = parts
    colour.alpha = 1
    return colour


class Tags:
    """The tags of a view's buffer, which follow its colours: dark, bright or of high contrast."""

    def __init__(self, view):
        self.view = view
        self.buffer = view.get_buffer()
        self.by_style = {}
        self.painted = []
        self.gutter = 0
        # paragraphs: the first line that was entered, the others, a result with its prompt, output, what else is said
        self.entered, self.code, self.result, self.output, self.said = self._create(5)
        # and what is in them
        self.prompt, self.out_prompt, self.error, self.dim = self._create(4)
        self._shape()
        self._paint()
        settings = Gtk.Settings.get_default()
        for name in ('gtk-theme-name', 'gtk-application-prefer-dark-theme'):
            settings.connect(f'notify::{name}', lambda *_args: self._paint())

    def _create(self, n_tags):
        # where a word is too long for a line, it has no hyphen all the same
        return [self.buffer.create_tag(None, insert_hyphens=False) for _ in range(n_tags)]

    def _shape(self):
        """Puts everything beside a gutter, in which the prompts stand."""
        layout = self.view.create_pango_layout('0' * N_CHARACTERS)
        self.gutter = layout.get_pixel_size()[0]
        tabs = Pango.TabArray.new(1, True)
        tabs.set_tab(0, Pango.TabAlign.LEFT, self.gutter)
        for tag in (self.entered, self.result):
            tag.props.left_margin = MARGIN
            tag.props.indent = -self.gutter
            tag.props.tabs = tabs
        for tag in (self.code, self.output):
            tag.props.left_margin = MARGIN + self.gutter
        self.entered.props.pixels_above_lines = MARGIN
        self.said.props.pixels_above_lines = MARGIN
        for tag in (self.prompt, self.out_prompt):
            tag.props.weight = Pango.Weight.BOLD

    def is_dark(self):
        """Whether texts are brighter than what is behind them."""
        colour = self.view.get_style_context().get_color()
        return colour.red + colour.green + colour.blue > 1.5

    def _get_shade(self, strength):
        colour = self.view.get_style_context().get_color()
        colour.alpha *= strength
        return colour

    def _get_colour(self, colour):
        if isinstance(colour, tuple):
            return make_readable([value / 255 for value in colour], self.is_dark())
        return parse((ON_DARK if self.is_dark() else ON_BRIGHT)[colour])

    def _paint(self):
        self.prompt.props.foreground_rgba = self._get_colour(IN)
        self.out_prompt.props.foreground_rgba = self._get_colour(OUT)
        self.error.props.foreground_rgba = self._get_colour(ERROR)
        self.dim.props.foreground_rgba = self._get_shade(0.7)
        for tag, style in self.painted:
            self._paint_tag(tag, style)

    def _paint_tag(self, tag, style):
        if style.foreground is not None:
            tag.props.foreground_rgba = self._get_colour(style.foreground)
        if style.background is not None:
            colour = self._get_colour(style.background)
            colour.alpha = STRENGTH
            tag.props.background_rgba = colour

    def get(self, style):
        """The tags for a style of the escape sequences: none or one."""
        if style not in self.by_style:
            self.by_style[style] = self._make(style)
        return self.by_style[style]

    def _make(self, style):
        if not any(value not in (None, False) for value in vars(style).values()):
            return []
        tag = self.buffer.create_tag(None)
        if style.bold:
            tag.props.weight = Pango.Weight.BOLD
        if style.italic:
            tag.props.style = Pango.Style.ITALIC
        if style.underline:
            tag.props.underline = Pango.Underline.SINGLE
        self._paint_tag(tag, style)
        self.painted.append((tag, style))
        return [tag]
