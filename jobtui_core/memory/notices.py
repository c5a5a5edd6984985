"""Warnings, each said once, at the line of the user's code that led to it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Hashable
from pathlib import Path

from jobtui_core.errors import CacheWarning

__all__ = ["JobLibCollisionWarning", "forget_notices", "warn_once"]


class JobLibCollisionWarning(UserWarning):
    """For programs that filter joblib's; never given, as functions of one name do not collide."""


_said: set[Hashable] = set()
_OURS = str(Path(__file__).parent.parent)


def warn_once(subject: Hashable, text: str) -> None:
    """Say a sentence, unless it was said about the same subject in this process before.

    Parameters
    ----------
    subject : hashable
        What it is about, such as ``("unhashable", identity, argument)``.
    text : str
        One sentence that names the thing and what follows from it.
    """
    if subject in _said:
        return
    _said.add(subject)
    warnings.warn(text, CacheWarning, stacklevel=_level())


def forget_notices() -> None:
    """Say everything anew, as a fresh process would; for tests."""
    _said.clear()


def _level() -> int:
    """Count the frames of this package between `warn_once` and the user's code."""
    level = 2
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
        level += 1
    return level
