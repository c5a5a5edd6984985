"""Digests of files that are trusted from one process to the next, while size and times stand.

A file of terabytes cannot be read anew by every run.  For inputs declared with
``inputs_check="stat"`` the digest of a content, read once, is noted in a file of the project's;
whoever has recalled the notes takes it from there as long as size, times and inode of the input
are those of the note.  The same holds for every input at a URL, as long as its server says of it
what it said.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jobtui_core.hashing import files
from jobtui_core.hashing.algorithms import XXH3
from jobtui_core.regular import read_regular

__all__ = ["known_url_digests", "recall_digests", "remember_digests", "remember_urls"]

_LARGEST = 16 << 20
"""Bytes of notes; a file that has grown beyond is begun anew."""

known_url_digests: dict[tuple[str, str, str], str] = {}
"""By URL, name of the algorithm, and what tells one content at the URL from another one."""

_recalled: dict[str, tuple[int, int]] = {}
"""Size and time of the files of notes that this process has read."""
_noted: dict[str, set[tuple[str, files.State | str]]] = {}


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
            if isinstance(known, str):
                known_url_digests[path, XXH3.name, known] = digest
            else:
                files.known_digests.setdefault(path, (known, digest))


def _parse(line: str) -> tuple[str, files.State | str, str] | None:
    import json

    try:
        path, *told, digest = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    if type(path) is not str or not _is_digest(digest):
        return None
    if len(told) == 1 and _is_digest(told[0]):
        return path, told[0], digest
    if len(told) != 4 or not all(type(number) is int for number in told):
        return None
    size, modified, changed, inode = told
    return path, (size, modified, changed, inode), digest


def _is_digest(value: object) -> bool:
    return type(value) is str and len(value) == 32 and value.isalnum() and value.isascii()


def remember_urls(notes: Path, urls: Iterable[str]) -> None:
    """Note the digests of what this process has read at URLs, unless they are noted already.

    Raises
    ------
    OSError
        If the notes cannot be written.
    """
    wanted = set(urls)
    found = [
        (url, state, [url, state, digest])
        for (url, algorithm, state), digest in list(known_url_digests.items())
        if url in wanted and algorithm == XXH3.name
    ]
    _append(notes, found)


def remember_digests(notes: Path, paths: Iterable[Path]) -> None:
    """Note the digests of files that this process has read, unless they are noted already.

    A file that changed a moment ago is not: it may change once more under the same time.

    Raises
    ------
    OSError
        If the notes cannot be written.
    """
    found = []
    for path in paths:
        name = str(path.absolute())
        known = files.known_digests.get(name)
        if known is not None:
            found.append((name, known[0], [name, *known[0], known[1]]))
    _append(notes, found)


def _append(notes: Path, found: Iterable[tuple[str, files.State | str, list[Any]]]) -> None:
    import json

    noted = _noted.setdefault(str(notes), set())
    lines = []
    for name, state, note in found:
        if (name, state) not in noted:
            noted.add((name, state))
            lines.append(json.dumps(note) + "\n")
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
