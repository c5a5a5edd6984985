"""What people wrote beside a run: ``notes.json`` in its folder.

It is read by whoever prunes as well: a run with a star stays, with all that it needs.  What a file
says that is no note, tag or star is left out; what a later version added is kept when it is
written again.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedWriter
from pathlib import Path
from typing import Any

from jobtui_core.entry.describe import clean
from jobtui_core.labbook import RunNotes
from jobtui_core.regular import open_regular, read_regular
from jobtui_core.whole import write_whole

__all__ = [
    "LONGEST_NOTE",
    "LONGEST_TAG",
    "MOST_TAGS",
    "NOTES",
    "NotedRuns",
    "change_notes",
    "is_tag",
    "read_notes",
    "starred_runs",
    "tag_problem",
]

NOTES = "notes.json"
LONGEST_NOTE = 10_000
"""Characters of a note."""

LONGEST_TAG = 60
MOST_TAGS = 50

_FORMAT = 1
_LARGEST = 1 << 20
_JOURNAL = "noted"
"""In the state folder: the ids of runs whose notes were changed, for those who look on; it is
locked while notes are changed."""

_LONGEST_JOURNAL = 1 << 16
_PATIENCE = 2.0
"""Seconds to wait for somebody who writes notes too; then the last one wins."""

NO_NOTES = RunNotes()


def read_notes(folder: Path) -> RunNotes:
    """Give what was written beside a run; nothing where nothing can be read."""
    return _notes(_raw(folder / NOTES))


def starred_runs(runs: Path) -> frozenset[str]:
    """Give the ids of the runs with a star.

    Parameters
    ----------
    runs : Path
        The folder of all runs.
    """
    try:
        with os.scandir(runs) as entries:
            # Texts, and one look each: most runs have no notes, and there may be thousands.
            noted = [one.name for one in entries if os.path.exists(f"{one.path}/{NOTES}")]  # noqa: PTH110
    except OSError:
        return frozenset()
    return frozenset(run for run in noted if read_notes(runs / run).starred)


def is_tag(text: str) -> bool:
    """Tell whether a text can be a tag: one word that a command line and a filter can hold."""
    return (
        0 < len(text) <= LONGEST_TAG
        and text.isprintable()
        and not any(one.isspace() or one in ",\"'" for one in text)
        and text[0] not in "-!#"
    )


def change_notes(folder: Path, change: Callable[[RunNotes], RunNotes], user: str = "") -> RunNotes:
    """Read what is written beside a run, and write what it is to be.

    Parameters
    ----------
    folder : Path
        The run's.
    change : callable
        Gives the new notes for those that are there; several who change at once come one after
        the other.
    user : str
        Who does it.

    Returns
    -------
    RunNotes
        As written.

    Raises
    ------
    OSError
        If they cannot be written; what was there is then still there.
    """
    path = folder / NOTES
    with _alone(folder.parent.parent / _JOURNAL, folder.name):
        raw = _raw(path)
        before = _notes(raw)
        after = change(before)
        if after == before and raw:
            return before
        data = {
            **raw,
            "format": _FORMAT,
            "note": after.note,
            "tags": list(after.tags),
            "starred": after.starred,
            "changed": time.time(),
            "user": user,
        }
        write_whole(path, json.dumps(data, ensure_ascii=True).encode("ascii"))
        return _notes(data)


def _raw(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(read_regular(path, _LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _notes(data: dict[str, Any]) -> RunNotes:
    if not data:
        return NO_NOTES
    note, tags, changed = data.get("note"), data.get("tags"), data.get("changed")
    texts = tags[: 10 * MOST_TAGS] if isinstance(tags, list) else []
    words = {one for one in texts if isinstance(one, str) and is_tag(one)}
    moment = isinstance(changed, int | float) and not isinstance(changed, bool)
    return RunNotes(
        note=_lines(note) if isinstance(note, str) else "",
        tags=tuple(sorted(words)[:MOST_TAGS]),
        starred=data.get("starred") is True,
        changed=float(changed) if moment and 0 <= changed < 1e15 else None,  # type: ignore[arg-type, operator]  # ``moment``
    )


def _lines(note: str) -> str:
    """Give a note whose lines stay lines, and in which nothing steers a terminal."""
    return "\n".join(clean(one, LONGEST_NOTE) for one in note[:LONGEST_NOTE].splitlines()).strip()


class NotedRuns:
    """Tells which runs got other notes since the last time that it was asked.

    Parameters
    ----------
    runs : Path
        The folder of all runs.
    """

    def __init__(self, runs: Path) -> None:
        self._path = runs.parent / _JOURNAL
        self._size = self._now()

    def changed(self) -> tuple[str, ...] | None:
        """Give their ids; ``None`` if any of them may have.  Costs a stat if none has."""
        before, self._size = self._size, self._now()
        if self._size == before:
            return ()
        if self._size < before:
            return None
        try:
            with open_regular(self._path) as file:
                file.seek(before)
                data = file.read(self._size - before)
        except OSError:
            return None
        return tuple(dict.fromkeys(data.decode("utf-8", "replace").split()))

    def _now(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


@contextmanager
def _alone(journal: Path, run: str) -> Iterator[None]:
    """Keep others from changing notes meanwhile, as far as that can be had, and tell them after."""
    try:
        file = _appending(journal)
    except OSError:
        yield
        return
    with file:
        _wait_for(file.fileno())
        yield
        with suppress(OSError):
            if file.tell() > _LONGEST_JOURNAL:
                file.truncate(0)
            file.write(f"{run}\n".encode("utf-8", "replace"))


def _appending(journal: Path) -> BufferedWriter:
    """Open the journal, unless it is something else: a pipe may never open, a link leads off."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(journal, flags, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(journal))
    return open(descriptor, "ab")  # noqa: PTH123  # a descriptor


def _wait_for(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    give_up = time.monotonic() + _PATIENCE
    with suppress(OSError):
        while time.monotonic() < give_up:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.005)
            else:
                return


def tag_problem(tags: Sequence[str]) -> str:
    """Say what is wrong with tags; nothing where they can be written."""
    wrong = next((one for one in tags if not is_tag(one)), None)
    if wrong is not None:
        return (
            f"{clean(wrong, 80)!r} is no tag: a tag is one word of at most {LONGEST_TAG} "
            "characters, without quotes and commas"
        )
    return f"a run has {MOST_TAGS} tags at most" if len(tags) > MOST_TAGS else ""
