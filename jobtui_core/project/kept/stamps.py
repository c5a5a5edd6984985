"""Stamps of all that a look at a project rested on, to tell later whether it still holds.

A file is what it was while its size, its times and its inode are.  A look is not stamped at all
when one of its files is so young that a change might leave the same stamp behind, or when a run
was going on: then the next one looks properly.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from jobtui_core.packages import looked_in
from jobtui_core.project.kept.lastlook import (
    Stamp,
    circumstances,
    listed,
    stamped,
    to_line,
    written,
)
from jobtui_core.project.tree.walk import RACY_NS
from jobtui_core.root import is_library

if TYPE_CHECKING:
    from jobtui_core.project.tree.walk import FolderWalk

__all__ = ["Stamps"]


class Stamps:
    """Collects stamps after a look.

    Parameters
    ----------
    root : str
        Of the project; absolute.
    began : int
        When the look began, in nanoseconds: what was changed since, or shortly before, might be
        changed again without a trace.
    """

    def __init__(self, root: str, began: int) -> None:
        self._root = root
        self._settled = began - RACY_NS
        self.certain = True
        """Whether nothing can have changed since the look without another stamp."""
        self._lines: dict[tuple[str, str], str] = {}
        self._there: dict[str, set[str]] = {}
        """Objects of stores that are there, by the folder of the store."""

    def add_file(self, path: str) -> None:
        """Stamp a file, whether it is there or not."""
        if ("file", path) in self._lines:
            return
        found = stamped(path)
        self._lines["file", path] = to_line("file", written(found), path)
        self._settle(found if found is not None else stamped(_nearest_folder(path)))

    def add_folder(self, path: str, prefix: str = "") -> None:
        """Stamp the files in a folder whose names begin with a prefix."""
        found = listed(path, prefix)
        self._lines[f"listing {prefix}", path] = to_line("listing", written(found), path, [prefix])
        self._settle(stamped(path if found is not None else _nearest_folder(path)))
        for _name, stamp in found or ():
            self._settle(stamp)

    def _settle(self, found: Stamp | None) -> None:
        """Note what may be another one than the look saw; where it is gone, its folder tells."""
        if found is None or max(found[1], found[2]) > self._settled:
            self.certain = False

    def add_search(self, walk: FolderWalk) -> None:
        """Stamp the folders that were searched for Python files, and what decided over that."""
        for folder, modified, names in walk.seen():
            place = f"{self._root}{os.sep}{folder}".rstrip(os.sep)
            line = to_line("searched", written(modified), place, [written(names)])
            self._lines["searched", folder] = line
        for name in (*walk.settings(), "jobtui.toml", "pyproject.toml"):
            self.add_file(f"{self._root}{os.sep}{name}")

    def add_packages(self) -> None:
        """Stamp the folders of installed packages: their versions may be part of keys."""
        root = self._root
        for place in (*sys.path, *looked_in()):
            # The project's own folders are walked through, but for an environment among them.
            own = f"{place}{os.sep}".startswith(root + os.sep) and not is_library(place)
            # Some are no folders at all, but what an editable install puts there.
            if os.path.isabs(place) and not own:  # noqa: PTH117  # a text
                self.add_file(place)
        # Where there is one, it is the scripts' packages that count.
        self.add_file(f"{root}{os.sep}.venv{os.sep}bin{os.sep}python")

    def add_object(self, folder: str, name: str, *, there: bool) -> None:
        """Note whether a store in a folder has an object."""
        if there:
            self._there.setdefault(folder, set()).add(name)
        else:
            self.add_gone(f"{folder}{os.sep}{name}")

    def add_gone(self, path: str) -> None:
        """Note that there is no such file or folder."""
        self._lines["gone", path] = to_line("gone", "", path)

    def to_bytes(self) -> bytes:
        """Give them as the index keeps them.

        Raises
        ------
        ValueError
            If a name cannot stand in a line.
        """
        objects = [to_line("objects", "", *one) for one in sorted(self._there.items())]
        lines = [circumstances(self._root), *self._lines.values(), *objects]
        return "\n".join(lines).encode("utf-8", "surrogateescape")


def _nearest_folder(path: str) -> str:
    while not os.path.lexists(path) and os.path.dirname(path) != path:  # noqa: PTH120  # texts
        path = os.path.dirname(path)  # noqa: PTH120  # as above
    return path
