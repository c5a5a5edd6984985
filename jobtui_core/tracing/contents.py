"""What input files held when a call read them, for saying later how they changed.

Traces know contents by digest.  A person who asks why a step is stale wants to read which lines of
a file are others now, and by then only the new ones lie on disk.  So the first call that is
computed from a content leaves a note of it under ``.jobtui/inputs``: size, time and, of a small
text, the text.  A hit leaves none: the call that it repeats did.

The notes never leave this machine (a store may be shared), their owner alone can read them, and
they are bounded; the oldest go first.  Files whose names tell of secrets are noted without text.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jobtui_core.entry.describe import is_secret
from jobtui_core.errors import ConfigurationError
from jobtui_core.hashing import digest_bytes
from jobtui_core.regular import open_regular, read_regular
from jobtui_core.root import STATE_FOLDER, load_config
from jobtui_core.tracing.files import quiet
from jobtui_core.trees import Tree, is_tree
from jobtui_core.whole import write_whole

__all__ = [
    "LARGEST_TEXT",
    "Content",
    "Contents",
    "is_private",
    "line_count",
    "read_content",
    "text_of_file",
]

LARGEST_TEXT = 1_000_000
"""Bytes of a text that is kept, and compared line by line."""

_LARGEST_NOTE = 8 * LARGEST_TEXT
"""Bytes of a note that is read back; JSON spells some characters with six."""

MOST_BYTES = 64_000_000
"""Bytes of all notes together."""

MOST_NOTES = 5_000

_OF_ONE_CALL = 1_000
"""Files of one call that are noted; nobody reads through the changes of more."""

_OF_ONE_TREE = 100
"""Files of a folder or pattern whose own contents are noted beside the list of all of them."""

_is_note = re.compile(r"[0-9a-f]{32}\.json").fullmatch
"""Whether a file is one of the notes: the folder may be a link to where others keep theirs."""

_SECRET_SUFFIXES = frozenset({".pem", ".key", ".p12", ".pfx", ".jks", ".kdbx", ".asc", ".gpg"})
_SECRET_NAMES = ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "htpasswd")


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a content."""

    size: int
    """Bytes."""
    lines: int | None = None
    """``None`` for what is no text, or was not counted."""
    time: float | None = None
    """When the file was last modified, as of the call that read it."""
    text: str | None = None


class Contents:
    """Takes notes of the files that the calls of a run read.

    Parameters
    ----------
    root : Path
        The project root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / STATE_FOLDER / "inputs"
        self._noted: set[str] = set()
        self._left: tuple[int, int] | None = None
        """Bytes and notes that there is room for."""
        self._texts: bool | None = None

    def note(self, files: Iterable[tuple[str, str]]) -> None:
        """Note the contents of files, which are given with their digests.

        Parameters
        ----------
        files : iterable of (path, digest)
            Relative to the root, or absolute.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        fresh = [item for item in list(files)[:_OF_ONE_CALL] if item[1] not in self._noted]
        if not fresh:
            return
        with quiet():
            for path, digest in fresh:
                self._noted.add(digest)
                if self._note(path, digest) and is_tree(path):
                    self.note(self._first_of(Tree.of(path)))

    def _first_of(self, tree: Tree) -> list[tuple[str, str]]:
        """Give some files of a tree, with their digests."""
        found = sorted(tree.digests(self._root).items())[:_OF_ONE_TREE]
        return [(f"{tree.base}/{path}", digest) for path, digest in found]

    def _note(self, path: str, digest: str) -> bool:
        """Note one content; tell whether that was news."""
        place = self._folder / f"{digest}.json"
        try:
            # Known already: it was read again, and is not among the oldest any more.
            os.utime(place)
        except OSError:
            pass
        else:
            return False
        data = self._describe(path, digest)
        if data is None:
            return False
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._make_room(len(data))
        write_whole(place, data, 0o600)
        return True

    def _describe(self, name: str, digest: str) -> bytes | None:
        """Give a note as it is written; ``None`` if the file is gone, or another one by now."""
        path = self._root / name
        try:
            if is_tree(name):
                return self._list_of(Tree.of(name), digest)
            status = path.stat()
            facts: dict[str, object] = {"size": status.st_size, "time": status.st_mtime}
            if status.st_size <= LARGEST_TEXT:
                data = read_regular(path)
                if digest_bytes(data) != digest:
                    return None
                facts["lines"] = line_count(data)
                text = text_of_file(data)
                if text is not None and not is_private(path) and self._keeps_texts():
                    facts["text"] = text
        except OSError:
            return None
        return json.dumps(facts, separators=(",", ":")).encode("ascii")

    def _list_of(self, tree: Tree, digest: str) -> bytes | None:
        """Give a note of which files there are in a tree."""
        data = tree.manifest(self._root, tree.digests(self._root))
        if digest_bytes(data) != digest:
            return None
        facts: dict[str, object] = {"size": len(data), "lines": line_count(data)}
        if len(data) <= LARGEST_TEXT and self._keeps_texts():
            facts["text"] = text_of_file(data)
        return json.dumps(facts, separators=(",", ":")).encode("ascii")

    def _keeps_texts(self) -> bool:
        if self._texts is None:
            try:
                self._texts = load_config(self._root).keep_inputs
            except ConfigurationError:
                # Whoever wrote it may have meant to turn it off.
                self._texts = False
        return self._texts

    def _make_room(self, size: int) -> None:
        if self._left is None or self._left[0] < size or self._left[1] < 1:
            self._left = _sweep(self._folder, size)
        self._left = (self._left[0] - size, self._left[1] - 1)


def _sweep(folder: Path, size: int) -> tuple[int, int]:
    """Remove the oldest notes where there is no room for another; give what room there is."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not _is_note(entry.name):
                continue
            with suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime, status.st_size, entry.path))
    total, count = sum(item[1] for item in found), len(found)
    if total + size > MOST_BYTES or count + 1 > MOST_NOTES:
        for _, old, path in sorted(found):
            # Some more than needed, so that the next one need not look again.
            if total + size <= MOST_BYTES * 9 // 10 and count + 1 <= MOST_NOTES * 9 // 10:
                break
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108  a text of scandir's
                total, count = total - old, count - 1
    return MOST_BYTES - total, MOST_NOTES - count


def is_private(path: Path) -> bool:
    """Tell whether a file's name says that others should not read it."""
    name = path.name.lower()
    return (
        name.startswith((".", *_SECRET_NAMES))
        or path.suffix.lower() in _SECRET_SUFFIXES
        or is_secret(path.stem)
    )


def text_of_file(data: bytes) -> str | None:
    """Give the text that a file holds; ``None`` for what is none."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def line_count(data: bytes) -> int | None:
    """Count lines as editors do, the last one whether or not it ends; ``None`` for no text."""
    if b"\0" in data:
        return None
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def read_content(root: Path, digest: str) -> Content | None:
    """Give what was noted of a content, or ``None``.

    The notes are files that anybody may have written: a text that does not have the digest is
    left out.
    """
    if len(digest) != 32 or not digest.isalnum() or not digest.isascii():
        return None
    try:
        with open_regular(root / STATE_FOLDER / "inputs" / f"{digest}.json") as file:
            facts = json.loads(file.read(_LARGEST_NOTE))
        size, lines, time, text = (facts.get(name) for name in ("size", "lines", "time", "text"))
    except (OSError, ValueError, RecursionError, AttributeError):
        return None
    if not _is_count(size):
        return None
    if not isinstance(text, str) or digest_bytes(text.encode("utf-8", "replace")) != digest:
        text = None
    return Content(
        size=size,
        lines=lines if _is_count(lines) else None,
        time=float(time) if isinstance(time, int | float) and abs(time) < 1e12 else None,
        text=text,
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
