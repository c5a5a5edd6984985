"""Uncommitted changes of the project as a run found them: what its commit does not say.

They lie beside the run's events, for its owner alone: a diff may hold anything.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

from jobtui_core.regular import open_regular

__all__ = ["DIFF", "LARGEST_DIFF", "UNTRACKED", "is_dirty", "read_changes"]

DIFF = "changes.diff"
"""What ``git diff HEAD`` said; empty where there was nothing."""

UNTRACKED = "untracked.txt"
"""Names of files in the project that git neither follows nor ignores."""

LARGEST_DIFF = 1_000_000
"""Bytes that are kept."""


def is_dirty(folder: Path) -> bool | None:
    """Tell whether the working tree held uncommitted changes when a run began.

    Parameters
    ----------
    folder : Path
        The run's.

    Returns
    -------
    bool or None
        ``None`` where nobody found out.
    """
    with suppress(OSError):
        facts = (folder / DIFF).lstat()
        if stat.S_ISREG(facts.st_mode):
            return facts.st_size > 0
    return None


def read_changes(folder: Path, name: str = DIFF) -> str:
    """Give what was kept of the changes that a run found; nothing where nothing was."""
    try:
        with open_regular(folder / name) as file:
            data = file.read(LARGEST_DIFF + 1)
    except OSError:
        return ""
    text = data[:LARGEST_DIFF].decode("utf-8", "replace")
    return f"{text}\n…\n" if len(data) > LARGEST_DIFF else text
