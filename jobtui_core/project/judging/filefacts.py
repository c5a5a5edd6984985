"""What files held under their earlier contents, for saying how they changed.

Traces know contents by digest.  What people want to read is "2,284 → 2,290 lines", and which.
Calls leave notes of what they read (see `jobtui_core.tracing.contents`); where there is none, the
sizes of contents that were looked at for a verdict are kept in the project's index.  Both may be
deleted at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from jobtui_core.hashing import digest_bytes
from jobtui_core.regular import read_regular
from jobtui_core.tracing.contents import (
    LARGEST_TEXT,
    Content,
    line_count,
    read_content,
    text_of_file,
)
from jobtui_core.trees import Tree, split_manifest
from jobtui_core.whole import write_whole

__all__ = ["FileFacts"]

_COUNTED_SIZE = 16_000_000
"""Bytes; the lines of a larger file are not counted."""

_KEPT = 5_000
"""Contents remembered."""

Facts = tuple[int, int | None]
"""Size in bytes, and number of lines for a text that is not too large."""


class FileFacts:
    """What is known of contents, by their digests.

    Parameters
    ----------
    root : Path
        What paths are relative to.
    folder : Path
        ``.jobtui/index``; made when there is something to keep and ``.jobtui`` exists.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._path = folder / "contents.json"
        self._known: dict[str, Facts] | None = None
        self._dirty = False

    def of(self, digest: str | None) -> Content | None:
        """Give what is known of an earlier content."""
        if digest is None:
            return None
        noted = read_content(self._root, digest)
        if noted is not None:
            return noted
        known = self._load().get(digest)
        return Content(*known) if known is not None else None

    def now(self, path: str, digest: str | None) -> Content | None:
        """Give what a file holds that is there, with its text where that is small."""
        if digest is None:
            return None
        place = self._root / path
        try:
            status = place.stat()
            data = read_regular(place) if status.st_size <= LARGEST_TEXT else None
        except (OSError, ValueError):
            return self.of(digest)
        if data is None:
            known = self.of(digest)
            return None if known is None else replace(known, time=status.st_mtime)
        if digest_bytes(data) != digest:
            # A fresh step's hit will put another content there.
            return self.of(digest)
        return Content(
            size=len(data),
            lines=line_count(data),
            time=status.st_mtime,
            text=text_of_file(data),
        )

    def tree(self, tree: Tree, digest: str | None) -> Mapping[str, str] | None:
        """Give the digests of a tree's files as they are now, by path; ``None`` if not known.

        Parameters
        ----------
        tree : Tree
        digest : str or None
            Of what it holds now, or will; ``None`` if there is no such folder, or no file in it.
        """
        if digest is None:
            return {}
        try:
            found = tree.digests(self._root)
            if digest_bytes(tree.manifest(self._root, found)) == digest:
                return found
        except (OSError, ValueError):
            pass
        noted = self.of(digest)
        return None if noted is None or noted.text is None else split_manifest(noted.text)

    def learn(self, files: Iterable[tuple[str, str | None]]) -> None:
        """Look at files, given with their present digests, unless their contents are known."""
        known = self._load()
        for path, digest in files:
            if digest is not None and digest not in known:
                with suppress(OSError):
                    known[digest] = _measure(self._root / path)
                    self._dirty = True

    def save(self) -> None:
        """Write what is new; a folder that cannot be written costs the next process a look."""
        if not self._dirty or not self._path.parent.parent.is_dir():
            return
        self._dirty = False
        recent = dict(list(self._load().items())[-_KEPT:])
        with suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            write_whole(self._path, json.dumps(recent).encode())

    def _load(self) -> dict[str, Facts]:
        if self._known is None:
            self._known = {}
            with suppress(OSError, ValueError, RecursionError, AttributeError, TypeError):
                for digest, (size, lines) in json.loads(read_regular(self._path)).items():
                    if isinstance(size, int) and isinstance(lines, int | None):
                        self._known[digest] = (size, lines)
        return self._known


def _measure(path: Path) -> Facts:
    size = path.stat().st_size
    if size > _COUNTED_SIZE:
        return size, None
    return size, line_count(read_regular(path))
