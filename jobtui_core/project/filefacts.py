"""How long files were under their earlier contents, for saying how they changed.

Traces know contents by digest.  What people want to read is "2,284 → 2,290 lines", so the sizes of
contents that were looked at are kept in the project's index, which may be deleted at any time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["FileFacts"]

_COUNTED_SIZE = 16_000_000
"""Bytes; the lines of a larger file are not counted."""

_KEPT = 5_000
"""Contents remembered."""

Facts = tuple[int, int | None]
"""Size in bytes, and number of lines for a text that is not too large."""


class FileFacts:
    """Sizes and line counts by content digest.

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

    def of(self, digest: str | None) -> Facts | None:
        """Give what is known of a content."""
        return None if digest is None else self._load().get(digest)

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
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            beside.write_text(json.dumps(recent), "utf-8")
            beside.replace(self._path)

    def _load(self) -> dict[str, Facts]:
        if self._known is None:
            self._known = {}
            with suppress(OSError, ValueError, RecursionError, AttributeError, TypeError):
                for digest, (size, lines) in json.loads(self._path.read_text("utf-8")).items():
                    if isinstance(size, int) and isinstance(lines, int | None):
                        self._known[digest] = (size, lines)
        return self._known


def _measure(path: Path) -> Facts:
    size = path.stat().st_size
    if size > _COUNTED_SIZE:
        return size, None
    data = path.read_bytes()
    if b"\0" in data:
        return size, None
    return size, data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
