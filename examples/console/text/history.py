# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was entered."""

N_KEPT = 1000


class History:
    """Goes back and forth in what was entered. What is being written is the newest, and is kept meanwhile."""

    def __init__(self):
        self.entries = []
        self.position = 0
        self.draft = ''

    def add(self, text):
        """Adds an entry, unless it is that before, and goes to the end."""
        if self.entries[-1:] != [text]:
            self.entries.append(text)
            del self.entries[:-N_KEPT]
        self.position = len(self.entries)
        self.draft = ''

    def go(self, n_steps, text):
        """The entry so many steps on, or back, from what is shown now; None when there is none."""
        position = self.position + n_steps
        if not 0 <= position <= len(self.entries):
            return None
        if self.position == len(self.entries):
            self.draft = text
        self.position = position
        return self.draft if position == len(self.entries) else self.entries[position]
