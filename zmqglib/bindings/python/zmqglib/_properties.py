# SPDX-License-Identifier: LGPL-2.1-or-later
"""Properties of GObject as attributes, as gjs and Vala have them."""

from gi.repository import GObject


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
