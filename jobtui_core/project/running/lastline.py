"""The last thing that a run said, apart from all else about logs: the supervisor needs no more."""

from __future__ import annotations

import os
from pathlib import Path

from jobtui_core.regular import open_regular

__all__ = ["last_line"]

_TAIL = 8192
"""Bytes at the end of a log in which its last line is looked for."""

_LINE = 300
"""Characters of it that are kept."""


def last_line(path: Path) -> str:
    """Give the last line of a log that is not empty, fit for one line of a screen."""
    try:
        with open_regular(path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            data = file.read(_TAIL)
    except OSError:
        return ""
    for line in reversed(data.decode("utf-8", "replace").splitlines()):
        text = "".join(one if one.isprintable() else " " for one in line).strip()
        if text:
            return text[:_LINE]
    return ""
