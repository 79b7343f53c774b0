# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window.

tags        how texts look
transcript  all that was said, in one text view, so that a hundred thousand lines cost no more than what is seen
cell        a part of it: what was entered, and what came of it
pictures    those of a kernel
entry       where code is written
completion  what it may go on with
hint        what there is to say about a name
question    what input () asks
banner      what is said about the kernel
header      what the kernel is doing, and what can be done to it
published   what a kernel makes public, in the transcript
about       the shortcuts, and what this is
window      all of it together, and the kernel
"""
