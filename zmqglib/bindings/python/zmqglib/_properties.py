# SPDX-License-Identifier: LGPL-2.1-or-later
"""Properties of GObject as attributes, as gjs and Vala have them; those of a socket are its options."""

import contextlib

from gi.repository import GLib, GObject


def _attribute(pspec):
    is_writable = pspec.flags & GObject.ParamFlags.WRITABLE and not pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY
    return property(lambda self: self.get_property(pspec.name),
                    (lambda self, value: self.set_property(pspec.name, value)) if is_writable else None, doc=pspec.blurb)


def add_attributes(cls):
    """Adds those that a class has of its own, and that no method has the name of."""
    if not issubclass(cls, GObject.Object):
        return
    for pspec in cls.list_properties():
        name = pspec.name.replace('-', '_')
        if pspec.owner_type == cls.__gtype__ and pspec.flags & GObject.ParamFlags.READABLE and not hasattr(cls, name):
            setattr(cls, name, _attribute(pspec))


class Options:
    """The options of sockets as attributes, whose assignment fails where a property only warns."""

    def __init__(self, namespace, errors, to_bytes):
        self._invalid_argument = lambda text: errors.new(namespace.Error.INVALID_ARGUMENT, text)
        self._to_bytes = to_bytes
        # what no option can be made of
        self._nothing = GObject.Value(namespace.Message.__gtype__)

    def _convert(self, pspec, value):
        """What the property takes."""
        if pspec.value_type == GLib.Bytes.__gtype__ and value is not None and not isinstance(value, GLib.Bytes):
            return GLib.Bytes.new(self._to_bytes(value))
        # The value may be a secret one, and is in no error. A key that is missing is none.
        if pspec.value_type == GObject.TYPE_STRING and (value is not None or pspec.name.endswith('-key')):
            if not isinstance(value, str):
                raise TypeError(f'the option “{pspec.name}” is a string, not {type(value).__name__}')
            if '\0' in value:
                raise self._invalid_argument(f'The option “{pspec.name}” has a NUL character in it')
        return value

    def _set(self, socket, pspec, value):
        try:
            taken = GObject.Value(pspec.value_type, self._convert(pspec, value))
        except Exception:
            # the socket is to know, which without a security option connects to nobody
            with contextlib.suppress(GLib.Error):
                socket.set_option(pspec.name, self._nothing)
            raise
        socket.set_option(pspec.name, taken)

    def attribute(self, pspec):
        """The property of a class for an option."""
        is_bytes = pspec.value_type == GLib.Bytes.__gtype__

        def get(socket):
            value = socket.get_property(pspec.name)
            return value.get_data() if is_bytes and value is not None else value

        is_readable = pspec.flags & GObject.ParamFlags.READABLE
        is_writable = pspec.flags & GObject.ParamFlags.WRITABLE and not pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY
        return property(get if is_readable else None,
                        (lambda socket, value: self._set(socket, pspec, value)) if is_writable else None, doc=pspec.blurb)
