# SPDX-License-Identifier: LGPL-2.1-or-later
"""A class of exceptions for each code of Zmq.Error."""

import functools

from gi.repository import GLib


class ZmqError(GLib.Error):
    """An error of ZeroMQ. Its subclasses have the names of the codes, as AgainError."""

    def __str__(self):
        return self.message


def _new_class(name):
    class_name = ''.join(word.capitalize() for word in name.split('_')) + 'Error'
    return type(class_name, (ZmqError,), {'__doc__': f'An error with the code Zmq.Error.{name.upper()}.',
                                          '__module__': 'gi.repository.Zmq'})


class Errors:
    """The errors of the namespace Zmq: their classes, and how what fails raises them."""

    def __init__(self, namespace):
        self._by_code = {info.get_value(): _new_class(info.get_name())
                         for info in namespace.Error.__info__.get_values()}
        self._quark = namespace.error_quark()
        self._domain = GLib.quark_to_string(self._quark)
        self.classes = [ZmqError, *self._by_code.values()]

    def new(self, code, message):
        return self._by_code[int(code)](message, self._domain, int(code))

    def matches(self, error, code):
        return error.matches(self._quark, code)

    def convert(self, error):
        """The same error as an instance of the class for its code."""
        if error.domain != self._domain or isinstance(error, ZmqError):
            return error
        return self._by_code.get(error.code, ZmqError)(error.message, error.domain, error.code)

    def wrap(self, function):
        """The same function, which raises errors of the classes for their codes."""
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            try:
                return function(*args, **kwargs)
            except GLib.Error as error:
                raise self.convert(error) from None
        return wrapper

    def wrap_methods(self, cls):
        """Wraps all methods of a class that fail; what is awaited fails later, and does so by itself."""
        own = dict(vars(cls))
        for info in cls.__info__.get_methods():
            name = info.get_name()
            if info.can_throw_gerror() and name not in own:
                function = self.wrap(getattr(cls, name))
                setattr(cls, name, function if info.is_method() else staticmethod(function))
        for name, value in own.items():
            is_public = name == '__init__' or not name.startswith('_')
            if callable(value) and is_public and not name.endswith('_async'):
                setattr(cls, name, self.wrap(value))

    def wrap_handler(self, signal, handler):
        """A handler of a signal, which is given errors of the classes for their codes."""
        return _Handler(self, handler) if signal in ('closed', 'rejected', 'sent', 'stopped') else handler

    def wrap_function(self, function):
        """A virtual function that is given them."""
        handler = _Handler(self, function)

        @functools.wraps(function)
        def wrapper(*args):
            return handler(*args)
        return wrapper


class _Handler:
    def __init__(self, errors, function):
        self._errors = errors
        self._function = function

    def __call__(self, *args):
        return self._function(*[self._errors.convert(arg) if isinstance(arg, GLib.Error) else arg for arg in args])

    # to be disconnected by the function
    def __eq__(self, other):
        return self._function == (other._function if isinstance(other, _Handler) else other)

    def __hash__(self):
        return hash(self._function)
