# SPDX-License-Identifier: LGPL-2.1-or-later
"""What input () asks."""

from gi.repository import GObject, Gtk, Pango

from text.clean import clean

N_LINES = 10


class Question(Gtk.Box):
    """Takes the place of the code while a question is open. “answered” brings the answer."""

    __gsignals__ = {'answered': (GObject.SignalFlags.RUN_LAST, None, (str,))}

    def __init__(self):
        super().__init__(spacing=6)
        self.prompt = ''
        # all of a question is to be read, unless it is a long story
        self.label = Gtk.Label(
            xalign=0, max_width_chars=40, wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR,
            natural_wrap_mode=Gtk.NaturalWrapMode.NONE, lines=N_LINES, ellipsize=Pango.EllipsizeMode.END,
        )
        self.label.add_css_class('monospace')
        self.label.set_attributes(Pango.AttrList.from_string('0 -1 insert-hyphens false'))
        self.text = Gtk.Entry(hexpand=True, valign=Gtk.Align.CENTER)
        self.password = Gtk.PasswordEntry(hexpand=True, show_peek_icon=True, valign=Gtk.Align.CENTER)
        button = Gtk.Button(label='_Answer', use_underline=True, valign=Gtk.Align.CENTER)
        button.add_css_class('suggested-action')
        for widget in (self.label, self.text, self.password, button):
            self.append(widget)
        for entry in (self.text, self.password):
            entry.connect('activate', lambda _entry: self._answer())
        button.connect('clicked', lambda _button: self._answer())

    def get_entry(self):
        """Where the answer is written."""
        return self.password if self.is_password() else self.text

    def is_password(self):
        """Whether the answer is not to be seen."""
        return self.password.get_visible()

    def ask(self, prompt, is_password):
        """Asks."""
        self.prompt = prompt
        text = clean(prompt).rstrip() or ('Password:' if is_password else 'Input:')
        self.label.set_text(text)
        self.label.set_tooltip_text(text)
        self.text.set_visible(not is_password)
        self.password.set_visible(is_password)
        self.label.set_mnemonic_widget(self.get_entry())
        self.get_entry().set_text('')
        self.get_entry().grab_focus()

    def _answer(self):
        answer = self.get_entry().get_text()
        # a password is not kept
        self.get_entry().set_text('')
        self.emit('answered', answer)
