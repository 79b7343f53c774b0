# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the overrides of Zmq have of keys and of who may come in."""

from . import _awaiting

# PyGObject takes classes of other modules for types of their own.
_MODULE = 'gi.overrides.Zmq'


def make_classes(namespace, errors, closing):
    """The classes that take the place of those of the namespace; closing is what closes at the end of a “with” block."""

    class AuthRequest(namespace.AuthRequest):
        """A peer that wants to be let in."""

        __module__ = _MODULE

    class Certificate(namespace.Certificate):
        """A key of CURVE: Certificate() makes a new one."""

        __module__ = _MODULE

        def __init__(self):
            super().__init__()
            self.init(None)

    class Authenticator(closing, namespace.Authenticator):
        """Who may talk to a context's sockets: Authenticator(context). It lives until it is closed."""

        __module__ = _MODULE

        def __init__(self, context=None, **properties):
            with _awaiting.in_running_loop():
                super().__init__(**{'context': context, 'owned_by_loop': True, **properties})
                self.init(None)

        @classmethod
        def new(cls, context=None):
            return cls(context)

        def allow_address(self, address):
            self._check(super().allow_address(address), f'“{address}” is neither an address nor a range of addresses')

        def deny_address(self, address):
            self._check(super().deny_address(address), f'“{address}” is neither an address nor a range of addresses')

        def allow_key(self, domain, public_key, user_id=None):
            self._check(super().allow_key(domain, public_key, user_id), 'A public key is not 40 characters of Z85')

        def deny_key(self, domain, public_key):
            self._check(super().deny_key(domain, public_key), 'A public key is not 40 characters of Z85')

        @staticmethod
        def _check(was_taken, message):
            if not was_taken:
                raise errors.new(namespace.Error.INVALID_ARGUMENT, message)

    return AuthRequest, Authenticator, Certificate
