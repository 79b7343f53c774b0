# SPDX-License-Identifier: LGPL-2.1-or-later
"""The header bar: which kernel it is, what it is doing, and what can be done to it."""

from gi.repository import Gio, Gtk

MENU = (
    (('_Clear the Transcript', 'win.clear'),),
    (('_Keyboard Shortcuts', 'win.shortcuts'), ('_About Console', 'win.about'), ('_Quit', 'app.quit')),
)


def make_menu():
    """The menu."""
    menu = Gio.Menu()
    for items in MENU:
        section = Gio.Menu()
        for label, action in items:
            section.append(label, action)
        menu.append_section(None, section)
    return menu


def make_button(icon_name, tooltip, action):
    """A button that leaves the focus where one writes."""
    button = Gtk.Button(icon_name=icon_name, tooltip_text=tooltip, action_name=action, focus_on_click=False)
    button.update_property([Gtk.AccessibleProperty.LABEL], [tooltip])
    return button


def make_label(text, css_class):
    """A label of the title."""
    label = Gtk.Label(label=text)
    label.add_css_class(css_class)
    return label


class Header(Gtk.HeaderBar):
    """The header bar."""

    def __init__(self):
        super().__init__()
        self.subtitle = make_label('', 'subtitle')
        titles = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, valign=Gtk.Align.CENTER)
        titles.append(make_label('Console', 'title'))
        titles.append(self.subtitle)
        self.set_title_widget(titles)

        self.spinner = Gtk.Spinner(tooltip_text='The kernel is busy')
        self.pack_start(make_button('media-playback-stop-symbolic', 'Interrupt (Ctrl+I)', 'win.interrupt'))
        self.pack_start(make_button('view-refresh-symbolic', 'Restart the kernel (Ctrl+Shift+R)', 'win.restart'))
        self.pack_end(Gtk.MenuButton(
            icon_name='open-menu-symbolic', menu_model=make_menu(), primary=True, tooltip_text='Menu'))
        self.pack_end(self.spinner)

    def say(self, text, is_busy):
        """Says what the kernel is doing."""
        self.subtitle.set_text(text)
        self.spinner.set_spinning(is_busy)
