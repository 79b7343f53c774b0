# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Jupyter kernel as an object of the main loop. Nothing here knows of windows.

spec        which kernels are installed, and how they are started
connection  where a kernel's sockets are, and the key that its messages are signed with
wire        a message as Jupyter has it, and its frames, signed
contents    what has to be in it
channels    the sockets, as streams
heartbeat   whether the kernel still answers
process     the kernel's process
request     what was asked of a kernel
kernel      all of it together
"""
