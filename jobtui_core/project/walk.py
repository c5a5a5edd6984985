"""The Python files of a project, found quickly and again more quickly.

A folder's listing is kept while its modification time stands, so that looking again costs one
``stat`` a folder.  Hidden folders, environments, folders of other projects and what git ignores
are not entered; links to folders are not followed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jobtui_core.root import STATE_FOLDER

if TYPE_CHECKING:
    from jobtui_core.project.gitignore import IgnoreRules

__all__ = ["RACY_NS", "FolderWalk"]

RACY_NS = 50_000_000
"""A change within this time of a look may leave the same time stamp behind: look again."""

FOLDER_LIMIT = 20_000
"""Folders visited at most; a project that has more names its scripts in its settings."""

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages"})
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
_PROJECT_MARKS = frozenset({STATE_FOLDER, "jobtui.toml"})
_SHARED_SETTINGS = "pyproject.toml"
_MARKS = _ENVIRONMENT_MARKS | _PROJECT_MARKS | {_SHARED_SETTINGS}


class _Listing(NamedTuple):
    modified: int
    seen: int
    folders: tuple[str, ...]
    files: tuple[str, ...]
    marks: frozenset[str]
    ignore: bool


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

    def to_json(self) -> dict[str, list[Any]]:
        """Give what was seen as plain data."""
        return {
            folder: [
                one.modified, one.seen, list(one.folders), list(one.files), sorted(one.marks),
                one.ignore,
            ]
            for folder, one in self._listings.items()
        }  # fmt: skip

    def restore(self, data: Mapping[str, Sequence[Any]]) -> None:
        """Take what another walk saw, as `to_json` gives it; folders that changed are read anew."""
        for folder, (modified, seen, folders, files, marks, ignore) in data.items():
            self._listings[folder] = _Listing(
                modified, seen, tuple(folders), tuple(files), frozenset(marks), ignore
            )

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
            if listing is None or (folder and self._foreign(folder, listing)):
                continue
            if listing.ignore:
                stack = self._with_rules(stack, folder)
            prefix = f"{folder}/" if folder else ""
            for name in listing.files:
                if not self._left_out(prefix + name, stack, is_folder=False):
                    yield prefix + name
            pending += [
                (prefix + name, stack)
                for name in listing.folders
                if not self._left_out(prefix + name, stack, is_folder=True)
            ]
        self.truncated = False
        for gone in self._listings.keys() - seen:
            del self._listings[gone]

    def _foreign(self, folder: str, listing: _Listing) -> bool:
        """An environment, or the folder of another project."""
        if listing.marks & (_ENVIRONMENT_MARKS | _PROJECT_MARKS):
            return True
        if _SHARED_SETTINGS not in listing.marks:
            return False
        settings = self.root / folder / _SHARED_SETTINGS
        try:
            return settings.is_file() and "[tool.jobtui" in settings.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return False

    def _with_rules(self, stack: tuple[IgnoreRules, ...], folder: str) -> tuple[IgnoreRules, ...]:
        from jobtui_core.project.gitignore import parse_rules

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
        from jobtui_core.project.gitignore import is_ignored

        return is_ignored(stack, path, is_folder=is_folder)

    def _list(self, folder: str) -> _Listing | None:
        place = self.root / folder
        try:
            modified = place.stat().st_mtime_ns
            known = self._listings.get(folder)
            if known and known.modified == modified and known.seen - modified > RACY_NS:
                return known
            listing = _read_listing(place, modified)
        except OSError:
            self._listings.pop(folder, None)
            return None
        self._listings[folder] = listing
        return listing


def _expressions(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    if not patterns:
        return []
    # Not above: an unchanged status of a project without patterns needs none of it.
    from jobtui_core.project.gitignore import glob_expression

    return [re.compile(glob_expression(pattern.rstrip("/"))) for pattern in patterns]


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        # A link that leads to itself.
        return False


def _read_listing(place: Path, modified: int) -> _Listing:
    seen = time.time_ns()
    folders, files, marks, ignore = [], [], set(), False
    with os.scandir(place) as entries:
        for entry in entries:
            name = entry.name
            if name in _MARKS:
                marks.add(name)
            if name == ".gitignore":
                ignore = _is_file(entry)
            elif name.startswith(".") or name in _SKIPPED:
                continue
            elif name.endswith(".py"):
                if _is_file(entry):
                    files.append(name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(name)
    return _Listing(
        modified, seen, tuple(sorted(folders)), tuple(sorted(files)), frozenset(marks), ignore
    )
