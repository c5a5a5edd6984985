"""Appending events to one process's event file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jobtui_core.tracing.appending import AppendFile

__all__ = ["Journal", "bounded", "encode"]

LONGEST_TEXT = 16_000
"""Characters kept of one text (a message, a note, a parameter's repr)."""

LONGEST_TRACEBACK = 64_000

encode = json.JSONEncoder(separators=(",", ":"), default=repr).encode


def bounded(text: str, limit: int = LONGEST_TEXT) -> str:
    """Cut a text in its middle, where the least is told."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


class Journal:
    """One event file, to which one process appends whole lines.

    Parameters
    ----------
    path : Path
        Created at the first event, with its folder.
    failed : callable
        Told once, with the error, when writing fails; nothing is written from then on.

    Notes
    -----
    Each event (or group of events) is one ``write`` to a descriptor opened for appending, so
    that threads need no lock, and a supervisor may append to the same file.
    """

    def __init__(self, path: Path, failed: Callable[[OSError], None]) -> None:
        self._file = AppendFile(path)
        self._failed = failed
        self._dead = False
        self._torn = False

    def write(self, event: str, /, **fields: Any) -> None:
        """Append one event; ``time`` is added unless given."""
        fields.setdefault("time", round(time.time(), 6))
        self._append(self._line(event, fields))

    def write_text(self, line: str) -> None:
        """Append an event that is encoded already."""
        self._append(line.encode("ascii") + b"\n")

    def open(self) -> None:
        """Create the file.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._file.open()

    def move(self, path: Path) -> None:
        """Go on in another file: a forked child has its own."""
        self.close()
        self._file = AppendFile(path)
        self._dead = self._torn = False

    def close(self) -> None:
        """Close the file; a later event opens it again."""
        self._file.close()

    @staticmethod
    def _line(event: str, fields: dict[str, Any]) -> bytes:
        record = {"event": event, **fields}
        try:
            text = encode(record)
        except (TypeError, ValueError, RecursionError):
            # Keys that are no strings, cycles: somebody's parameter.  Say what can be said.
            text = encode({name: _plain(value) for name, value in record.items()})
        return text.encode("ascii") + b"\n"

    def _append(self, line: bytes) -> None:
        if self._dead:
            return
        try:
            if self._torn:
                line = b"\n" + line
            written = self._file.write(line)
            # A full disk takes part of a line; what follows must not be glued to it.
            self._torn = written < len(line)
        except OSError as error:
            self._dead = True
            self._failed(error)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else bounded(repr(value), 2000)
