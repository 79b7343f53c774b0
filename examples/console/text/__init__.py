# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is made of a kernel's texts. Nothing here knows of windows.

ansi     texts with the escape sequences of terminals
clean    what a widget can show
fold     lines that are not too long
markup   HTML as text
bundle   which of the forms of a result is shown
history  what was entered
code     what can be said about code without asking a kernel
"""
