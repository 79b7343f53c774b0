# SPDX-License-Identifier: LGPL-2.1-or-later
"""The options of a socket as attributes, which raise when they are refused."""

import contextlib

from gi.repository import GLib, GObject


def make_attribute(pspec, to_bytes, check_text, nothing):
    """The attribute of an option.

    @to_bytes makes bytes of what is given for such, @check_text refuses a text that C would not take whole, and
    @nothing is a value that no option can be made of.
    """
    name = pspec.name
    is_bytes = pspec.value_type == GLib.Bytes.__gtype__

    def take(value):
        if is_bytes and value is not None and not isinstance(value, GLib.Bytes):
            return GLib.Bytes.new(to_bytes(value))
        what = f'The option “{name}”'
        # PyGObject would show it, and it may be a secret. A key that is missing is none.
        if (pspec.value_type == GObject.TYPE_STRING and (value is not None or name.endswith('-key')) and
                not isinstance(value, str)):
            raise TypeError(f'{what} takes a string, not {type(value).__name__}')
        return check_text(value, what)

    def get(self):
        value = self.get_property(name)
        return value.get_data() if is_bytes and value is not None else value

    def set(self, value):
        try:
            taken = GObject.Value(pspec.value_type, take(value))
        except Exception:
            # the socket is to know, which without a security option connects to nobody
            with contextlib.suppress(GLib.Error):
                self.set_option(name, nothing)
            raise
        self.set_option(name, taken)

    is_readable = pspec.flags & GObject.ParamFlags.READABLE
    is_writable = pspec.flags & GObject.ParamFlags.WRITABLE and not pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY
    return property(get if is_readable else None, set if is_writable else None, doc=pspec.blurb)
