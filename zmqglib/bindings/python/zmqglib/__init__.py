# SPDX-License-Identifier: LGPL-2.1-or-later
"""What zmqglib has for Python besides the introspected namespace Zmq."""
