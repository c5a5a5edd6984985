"""Small JSON files that several processes read while one of them writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jobtui_core.regular import read_regular
from jobtui_core.whole import write_whole

__all__ = ["read_json", "write_json"]


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a JSON object; ``None`` if there is no such file or it holds something else."""
    try:
        data = json.loads(read_regular(path))
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write a JSON object so that a reader sees the old one or the new one, never a part.

    Raises
    ------
    OSError
        If it cannot be written; the old file is then still there.
    """
    # As private as ever: there may be words of a command line in it.
    write_whole(path, json.dumps(data, separators=(",", ":")).encode("ascii"), 0o600)
