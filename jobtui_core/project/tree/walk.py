"""The Python files of a project, found quickly and again more quickly.

A folder's listing is kept while its modification time stands, so that looking again costs one
``stat`` a folder.  Hidden folders, environments, folders of other projects and what git ignores
are not entered; links to folders are not followed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jobtui_core.project.tree.foldernames import (
    ENVIRONMENT_MARKS,
    PROJECT_MARKS,
    SHARED_SETTINGS,
    Names,
    names_in,
)

if TYPE_CHECKING:
    from jobtui_core.project.tree.gitignore import IgnoreRules

__all__ = ["RACY_NS", "FolderWalk"]

RACY_NS = 50_000_000
"""A change within this time of a look may leave the same time stamp behind: look again."""

FOLDER_LIMIT = 20_000
"""Folders visited at most; a project that has more names its scripts in its settings."""


class _Listing(NamedTuple):
    modified: int
    seen: int
    names: Names

    @property
    def settled(self) -> bool:
        """Whether no later change can have left the same time of modification behind."""
        return self.seen - self.modified > RACY_NS


class FolderWalk:
    """Finds the Python files below a root; keeps what it saw for the next look.

    Parameters
    ----------
    root : Path
        Absolute.
    exclude : sequence of str
        Glob patterns, relative to the root, of files and folders to leave out.
    """

    def __init__(self, root: Path, exclude: Sequence[str] = ()) -> None:
        self.root = root
        self.truncated = False
        self._listings: dict[str, _Listing] = {}
        self._exclude = _expressions(exclude)

    def seen(self) -> Iterator[tuple[str, int | None, Names]]:
        """Give the folders that were listed by the last look.

        Yields
        ------
        tuple of str, int or None, Names
            The folder, relative to the root; its time of modification in nanoseconds, ``None`` if
            it may change without another one; and what it listed.
        """
        for folder, one in self._listings.items():
            yield folder, one.modified if one.settled else None, one.names

    def settings(self) -> Iterator[str]:
        """Give the files that decided over what is searched, relative to the root."""
        for folder, one in self._listings.items():
            _folders, _files, marks, ignore = one.names
            prefix = f"{folder}/" if folder else ""
            if ignore:
                yield f"{prefix}.gitignore"
            if folder and SHARED_SETTINGS in marks:
                yield f"{prefix}{SHARED_SETTINGS}"

    def files(self) -> tuple[str, ...]:
        """Give the files ending in ``.py``, relative to the root, sorted."""
        return tuple(sorted(self._walk()))

    def _walk(self) -> Iterator[str]:
        pending: list[tuple[str, tuple[IgnoreRules, ...]]] = [("", ())]
        seen: set[str] = set()
        while pending:
            folder, stack = pending.pop()
            if len(seen) >= FOLDER_LIMIT:
                self.truncated = True
                return
            seen.add(folder)
            listing = self._list(folder)
            if listing is None or (folder and self._foreign(folder, listing.names[2])):
                continue
            folders, files, _marks, ignore = listing.names
            if ignore:
                stack = self._with_rules(stack, folder)
            prefix = f"{folder}/" if folder else ""
            for name in files:
                if not self._left_out(prefix + name, stack, is_folder=False):
                    yield prefix + name
            pending += [
                (prefix + name, stack)
                for name in folders
                if not self._left_out(prefix + name, stack, is_folder=True)
            ]
        self.truncated = False
        for gone in self._listings.keys() - seen:
            del self._listings[gone]

    def _foreign(self, folder: str, marks: Sequence[str]) -> bool:
        """An environment, or the folder of another project."""
        if not (ENVIRONMENT_MARKS | PROJECT_MARKS).isdisjoint(marks):
            return True
        if SHARED_SETTINGS not in marks:
            return False
        settings = self.root / folder / SHARED_SETTINGS
        try:
            return settings.is_file() and "[tool.jobtui" in settings.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return False

    def _with_rules(self, stack: tuple[IgnoreRules, ...], folder: str) -> tuple[IgnoreRules, ...]:
        from jobtui_core.project.tree.gitignore import parse_rules

        try:
            text = (self.root / folder / ".gitignore").read_text("utf-8", "replace")
        except OSError:
            return stack
        return (*stack, parse_rules(folder, text))

    def _left_out(self, path: str, stack: Sequence[IgnoreRules], *, is_folder: bool) -> bool:
        if any(pattern.fullmatch(path) for pattern in self._exclude):
            return True
        if not stack:
            return False
        from jobtui_core.project.tree.gitignore import is_ignored

        return is_ignored(stack, path, is_folder=is_folder)

    def _list(self, folder: str) -> _Listing | None:
        place = self.root / folder
        try:
            modified = place.stat().st_mtime_ns
            known = self._listings.get(folder)
            if known and known.modified == modified and known.settled:
                return known
            listing = _Listing(modified, time.time_ns(), names_in(os.fspath(place)))
        except OSError:
            self._listings.pop(folder, None)
            return None
        self._listings[folder] = listing
        return listing


def _expressions(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    if not patterns:
        return []
    # Not above: an unchanged status of a project without patterns needs none of it.
    from jobtui_core.project.tree.gitignore import glob_expression

    return [re.compile(glob_expression(pattern.rstrip("/"))) for pattern in patterns]
