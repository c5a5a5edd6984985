"""Whose statement a warning points at: the user's, however deep in here it was noticed."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["level_of_user"]

_OURS = str(Path(__file__).parent)


def level_of_user() -> int:
    """Give the ``stacklevel`` with which the caller's warning points at the user's code."""
    level = 1
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
        level += 1
    return level
