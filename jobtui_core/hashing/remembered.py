"""Digests of files that are trusted from one process to the next, while size and times stand.

A file of terabytes cannot be read anew by every run.  For inputs declared with
``inputs_check="stat"`` the digest of a content, read once, is noted in a file of the project's;
whoever has recalled the notes takes it from there as long as size, times and inode of the input
are those of the note.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from jobtui_core.hashing import files
from jobtui_core.regular import read_regular

__all__ = ["recall_digests", "remember_digests"]

_LARGEST = 16 << 20
"""Bytes of notes; a file that has grown beyond is begun anew."""

_recalled: dict[str, tuple[int, int]] = {}
"""Size and time of the files of notes that this process has read."""
_noted: dict[str, set[tuple[str, files.State]]] = {}


def recall_digests(notes: Path) -> None:
    """Take over what earlier processes noted, so that `digest_file` need not read it again.

    Parameters
    ----------
    notes : Path
        Need not exist; what in it is no note is passed over.
    """
    name = str(notes)
    try:
        status = os.stat(name)  # noqa: PTH116  # as in `digest_file`
        state = (status.st_size, status.st_mtime_ns)
        if _recalled.get(name) == state or status.st_size > _LARGEST:
            return
        lines = read_regular(notes, _LARGEST).decode("utf-8", "replace").split("\n")
    except (OSError, ValueError):
        return
    _recalled[name] = state
    noted = _noted.setdefault(name, set())
    for line in lines:
        note = _parse(line)
        if note is not None:
            path, known, digest = note
            noted.add((path, known))
            # What this process has read itself is newer, or the same.
            files.known_digests.setdefault(path, (known, digest))


def _parse(line: str) -> tuple[str, files.State, str] | None:
    import json

    try:
        path, size, modified, changed, inode, digest = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    state = (size, modified, changed, inode)
    if not all(type(number) is int for number in state):
        return None
    if type(path) is not str or type(digest) is not str or len(digest) != 32:
        return None
    return (path, state, digest) if digest.isalnum() and digest.isascii() else None


def remember_digests(notes: Path, paths: Iterable[Path]) -> None:
    """Note the digests of files that this process has read, unless they are noted already.

    A file that changed a moment ago is not: it may change once more under the same time.

    Raises
    ------
    OSError
        If the notes cannot be written.
    """
    import json

    noted = _noted.setdefault(str(notes), set())
    lines = []
    for path in paths:
        name = str(path.absolute())
        known = files.known_digests.get(name)
        if known is not None and (name, known[0]) not in noted:
            noted.add((name, known[0]))
            lines.append(json.dumps([name, *known[0], known[1]]) + "\n")
    if not lines:
        return
    notes.parent.mkdir(parents=True, exist_ok=True)
    if notes.exists():
        if not notes.is_file():
            # A pipe would wait for a reader.
            raise OSError(errno.EINVAL, "not a regular file", str(notes))
        if notes.stat().st_size > _LARGEST:
            notes.unlink()
    with notes.open("a", encoding="utf-8") as file:
        # In one piece, since other processes may be writing too.
        file.write("".join(lines))
