"""Source texts as they lie on disk, read again only when a file has changed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from jobtui_core.errors import ScriptError
from jobtui_core.project.tree.walk import RACY_NS
from jobtui_core.regular import read_regular
from jobtui_core.root import relative_name
from jobtui_core.sources.tree import read_source

__all__ = ["Texts"]

_SIZE_LIMIT = 8_000_000
"""Bytes; a longer file is data in the shape of a module, and no script."""


@dataclass(slots=True)
class _Text:
    mark: tuple[int, int, int, int]
    seen: int
    text: str | None
    garbled: str | None


class Texts:
    """Reads source files of a project and remembers them by size, times and inode.

    An unchanged text is the very same object again, so that comparing is cheap.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[Path, _Text] = {}

    def get(self, name: str | Path) -> str | None:
        """Give the text of a file, absolute or relative to the root; ``None`` if unreadable."""
        known = self._look(self.root / name)
        return None if known is None else known.text

    def garbled(self, name: str | Path) -> str | None:
        """Give what can be made out of a file that Python could not decode, else ``None``.

        Enough to tell whether it would import this package.
        """
        known = self._look(self.root / name)
        return None if known is None else known.garbled

    def _look(self, path: Path) -> _Text | None:
        try:
            stat = path.stat()
        except OSError:
            self._known.pop(path, None)
            return None
        mark = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
        known = self._known.get(path)
        # A file changed twice within one tick of the clock keeps its mark: young ones are
        # compared by content.
        if known and known.mark == mark and known.seen - stat.st_mtime_ns > RACY_NS:
            return known
        seen = time.time_ns()
        text, garbled = self._read(path, stat.st_size)
        if known is not None and known.text == text:
            text = known.text
        found = self._known[path] = _Text(mark, seen, text, garbled)
        return found

    def _read(self, path: Path, size: int) -> tuple[str | None, str | None]:
        if size > _SIZE_LIMIT:
            return None, None
        try:
            return read_source(path, relative_name(path, self.root)), None
        except ScriptError:
            pass
        try:
            return None, read_regular(path, _SIZE_LIMIT).decode("latin-1")
        except OSError:
            return None, None
