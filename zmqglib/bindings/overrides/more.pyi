# SPDX-License-Identifier: LGPL-2.1-or-later
# What else gi and gi.repository have is not told here.

from typing import Any

def __getattr__(name: str) -> Any: ...
