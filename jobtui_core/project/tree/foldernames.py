"""What of a folder's names matters to the search for Python files, read with one listing.

Apart from the search, since an unchanged status lists folders without loading anything else.
"""

from __future__ import annotations

import os

__all__ = ["ENVIRONMENT_MARKS", "PROJECT_MARKS", "SHARED_SETTINGS", "Names", "names_in"]

ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
PROJECT_MARKS = frozenset({".jobtui", "jobtui.toml"})
SHARED_SETTINGS = "pyproject.toml"

_MARKS = ENVIRONMENT_MARKS | PROJECT_MARKS | {SHARED_SETTINGS}
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages"})

Names = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]
"""Folders to enter, Python files, what marks an environment or a project, and whether there are
rules about what git ignores; each sorted."""


def names_in(place: str) -> Names:
    """List a folder.

    Raises
    ------
    OSError
        If it cannot be listed.
    """
    folders, files, marks, ignore = [], [], [], False
    with os.scandir(place) as entries:
        for entry in entries:
            name = entry.name
            if name in _MARKS:
                marks.append(name)
            if name == ".gitignore":
                ignore = _is_file(entry)
            elif name.startswith(".") or name in _SKIPPED:
                continue
            elif name.endswith(".py"):
                if _is_file(entry):
                    files.append(name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(name)
    return tuple(sorted(folders)), tuple(sorted(files)), tuple(sorted(marks)), ignore


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        # A link that leads to itself.
        return False
