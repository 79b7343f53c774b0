# SPDX-License-Identifier: LGPL-2.1-or-later
"""Foreign handles: PyGObject gives a pointer as a number, and takes it for a property in a capsule."""

import ctypes

_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


def to_pointer(handle):
    """What the property “handle” takes of what get_handle() gives."""
    return _new_capsule(handle, None, None) if isinstance(handle, int) else handle
