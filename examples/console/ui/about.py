# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shortcuts, and what this is."""

import html

from gi.repository import Gtk

SHORTCUTS = {
    'Code': [
        ('Return', 'Run it when it is complete'),
        ('<Control>Return', 'Run it as it is'),
        ('<Shift>Return', 'Another line'),
        ('Tab', 'Complete'),
        ('<Shift>Tab', 'Tell about what is at the cursor'),
        ('Up Down', 'Earlier and later code'),
        ('<Control>z', 'Undo'),
    ],
    'Kernel': [
        ('<Control>i', 'Interrupt'),
        ('<Control><Shift>r', 'Restart'),
    ],
    'Window': [
        ('<Control>l', 'Clear the transcript'),
        ('Escape', 'Back to the code'),
        ('<Control>question', 'Keyboard shortcuts'),
        ('<Control>w', 'Close'),
        ('<Control>q', 'Quit'),
    ],
}


def describe(kind, *children, **properties):
    """An object as Gtk.Builder reads it."""
    parts = [f'<property name="{name}">{html.escape(text)}</property>' for name, text in properties.items()]
    parts += [f'<child>{child}</child>' for child in children]
    return f'<object class="{kind}" id="{properties["title"]}">{"".join(parts)}</object>'


def make_shortcuts(parent):
    """The window with the shortcuts, which only a description makes whole."""
    groups = []
    for title, shortcuts in SHORTCUTS.items():
        children = [describe('GtkShortcutsShortcut', accelerator=accelerator, title=text)
                    for accelerator, text in shortcuts]
        groups.append(describe('GtkShortcutsGroup', *children, title=title))
    section = describe('GtkShortcutsSection', *groups, title='Console', section_name='shortcuts')
    window = describe('GtkShortcutsWindow', section, title='Keyboard Shortcuts', modal='1')
    made = Gtk.Builder.new_from_string(f'<interface>{window}</interface>', -1).get_object('Keyboard Shortcuts')
    made.set_transient_for(parent)
    return made


def make_about(parent, spec, info):
    """The window that says what this is."""
    implementation = f'{info.get("implementation", "")} {info.get("implementation_version", "")}'.strip()
    return Gtk.AboutDialog(
        transient_for=parent, modal=True, program_name='Console', logo_icon_name='utilities-terminal-symbolic',
        comments='A front end for Jupyter kernels, an example of zmqglib',
        license_type=Gtk.License.LGPL_2_1,
        system_information=f'Kernel: {spec.display_name}\n{implementation}',
    )
