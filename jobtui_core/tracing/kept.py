"""What a call printed, put into the entry of its result."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.errors import ConfigurationError
from jobtui_core.root import load_config
from jobtui_core.tracing.hooks import look_again
from jobtui_core.tracing.observers import Observer

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import CallHandle
    from jobtui_core.tracing.capture import Capture

__all__ = ["LONGEST_KEPT", "KeptOutput"]

LONGEST_KEPT = 64 << 10
"""Characters kept of what a call printed: the last ones."""

_LONGEST_READ = 4 * LONGEST_KEPT
"""Bytes that are read of it: progress bars come to much less than they print."""


class KeptOutput(Observer):
    """Reads back what each call printed.

    Parameters
    ----------
    capture : Capture
    root : Path
        The project root.
    worker : bool
        Whether this is not the run's main process.
    """

    def __init__(self, capture: Capture, root: Path, *, worker: bool) -> None:
        self._capture = capture
        self._root = root
        self._worker = worker
        self._wanted: bool | None = None

    def began(self, handle: CallHandle) -> None:
        """Listen to warnings again, where the script put back what it found."""
        look_again()

    def returned(self, handle: CallHandle, error: BaseException | None) -> None:
        """Give the entry what was printed since the call began."""
        if error is not None:
            return
        self._capture.flush()
        end = self._capture.here()
        if end > handle.log and self._is_wanted() and (text := self._text(handle, end)):
            handle.kept["log"] = text

    def ended(self, handle: CallHandle, error: BaseException | None) -> None:
        """Bring the marks to their file: those who look on will want to know now."""
        self._capture.marks.flush()

    def after_fork(self) -> None:
        """Take what this process writes for all that its calls print."""
        self._worker = True

    def close(self) -> None:
        """Bring the marks to their file."""
        self._capture.marks.close()

    def _is_wanted(self) -> bool:
        if self._wanted is None:
            # Not before: most calls print nothing.
            self._wanted = _keeps_logs(self._root)
        return self._wanted

    def _text(self, handle: CallHandle, end: int) -> str:
        pieces: list[bytes] = []
        left = _LONGEST_READ
        with suppress(OSError), self._capture.log.open("rb") as file:
            for start, high in reversed(self._ranges(handle, end)):
                low = max(start, high - left)
                file.seek(low)
                pieces.append(file.read(high - low))
                left -= high - low
                if left <= 0:
                    break
        text = b"".join(reversed(pieces)).decode("utf-8", "replace")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\x1b[A\n", "\r")
            text = "\n".join(map(_last_state, text.split("\n")))
        return text[-LONGEST_KEPT:]

    def _ranges(self, handle: CallHandle, end: int) -> list[tuple[int, int]]:
        """Give where in the log a call's own output lies, in order.

        What lies between the marks was written by subprocesses and C libraries, of this call as
        far as anybody knows; but where several processes write, it may be another one's.
        """
        start = handle.log
        marks = [mark for mark in self._capture.marks.recent() if mark.end > start]
        if self._worker:
            return [
                (max(mark.start, start), min(mark.end, end))
                for mark in marks
                if handle.id in mark.within and mark.stream != "replay"
            ]
        if marks and self._capture.marks.forgets:
            start = max(start, marks[0].start)
        found = []
        for mark in marks:
            own = mark.call is None or handle.id in mark.within
            if own and mark.stream != "replay":
                continue
            if mark.start > start:
                found.append((start, mark.start))
            start = max(start, mark.end)
        if end > start:
            found.append((start, end))
        return found


def _last_state(line: str) -> str:
    """Give of a line what was not overwritten: progress bars write theirs again and again."""
    return line.rstrip("\r").rpartition("\r")[2]


def _keeps_logs(root: Path) -> bool:
    try:
        return load_config(root).keep_logs
    except ConfigurationError:
        # Settings that cannot be read may have said no.
        return False
