"""Which bytes of ``output.log`` were written when, by which stream and in which call.

The log itself stays what was put out, byte by byte.  Beside it each process notes marks: the range
that a stream wrote at a time, and records of logging and warnings, whether or not anybody saw
them.  What lies between the marks was written by others, as subprocesses and C libraries do.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.tracing.appending import AppendFile
from jobtui_core.tracing.journal import bounded, encode
from jobtui_core.tracing.liveness import file_safe_host

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import CallHandle

__all__ = ["FORMAT_VERSION", "MARKS_NAME", "Mark", "Marks", "worker_marks"]

MARKS_NAME = "marks.jsonl"
FORMAT_VERSION = 1

GRAIN = 0.01
"""Seconds of one stream's output that one mark stands for, to begin with."""

COARSER = 10_000
"""Marks after which one stands for twice as long."""

MOST_MARKS = 200_000
"""Of one process; what is put out later has no time."""

MOST_RECORDS = 16 << 20
"""Characters of records that one process notes."""

LONGEST_RECORD = 4_000
"""Characters kept of one record's text."""

_RECENT = 5_000
"""Marks that are remembered for telling calls apart that go on at a time."""

_LATEST = 0.25
"""Seconds after which marks are written, for those who look on."""


def worker_marks(pid: int) -> str:
    """Give the name of the marks of a process that is not the run's main one."""
    return f"marks-{file_safe_host()}-{pid}.jsonl"


class Mark:
    """A range of the log that one stream wrote in one call."""

    __slots__ = ("call", "end", "origin", "start", "stream", "time", "within")

    def __init__(
        self, start: int, end: int, moment: float, stream: str, call: str | None, origin: str
    ) -> None:
        self.start = start
        self.end = end
        self.time = moment
        self.stream = stream
        self.call = call
        """Id of the innermost call; empty for the script itself, ``None`` if nobody knows."""
        self.origin = origin
        self.within: tuple[str, ...] = ()
        """Ids of the calls in whose course it was written, the innermost first."""

    def line(self) -> str:
        """Give it as it is written."""
        call = "null" if self.call is None else f'"{self.call}"'
        origin = f',"origin":{encode(self.origin)}' if self.origin else ""
        return (
            f'{{"time":{self.time:.6f},"bytes":[{self.start},{self.end}],'
            f'"stream":"{self.stream}","call":{call}{origin}}}\n'
        )


class Marks:
    """The marks of one process, few and late enough to cost next to nothing.

    Parameters
    ----------
    path : Path
        Made with the first mark.
    """

    def __init__(self, path: Path) -> None:
        self._begin(path)

    def _begin(self, path: Path) -> None:
        self._file: AppendFile | None = AppendFile(path)
        self._lock = threading.RLock()
        self._waiting: list[Mark | str] = [f'{{"version":{FORMAT_VERSION}}}\n']
        self._last: Mark | None = None
        self._recent: deque[Mark] = deque(maxlen=_RECENT)
        self._marks = self._records = 0
        self._grain = GRAIN
        self._latest = _LATEST
        self._due = 0.0

    def note(
        self,
        start: int,
        end: int,
        stream: str,
        call: str | None,
        handle: CallHandle | None,
        origin: str = "",
    ) -> None:
        """Note that a stream wrote a range of the log just now."""
        now = time.time()
        with self._lock:
            last = self._last
            if (
                last is not None
                and last.end == start
                and last.stream == stream
                and last.call == call
                and last.origin == origin
                and now - last.time < self._grain
            ):
                last.end = end
                return
            if self._marks >= MOST_MARKS:
                return
            self._marks += 1
            if self._marks % COARSER == 0:
                self._grain *= 2
            self._last = mark = Mark(start, end, now, stream, call, origin)
            mark.within = tuple(_chain(handle))
            self._recent.append(mark)
            self._waiting.append(mark)
            if now >= self._due:
                self._write(now)

    def record(
        self,
        kind: str,
        level: str,
        logger: str,
        text: str,
        place: str,
        call: str | None,
        span: tuple[int, int],
        moment: float,
    ) -> None:
        """Note a record of logging, or a warning.

        Parameters
        ----------
        kind : {"log", "warning"}
        level : str
            Name of the level; of a warning, its category.
        logger, text, place : str
        call : str, optional
            As in `Mark`.
        span : tuple of int
            Where in the log it stands, and what of the log shows it; empty if nothing does.
        moment : float
        """
        with self._lock:
            if not self.takes_records:
                return
            # By hand: an encoder of dicts takes three times as long.
            who = "null" if call is None else f'"{call}"'
            line = (
                f'{{"time":{moment:.6f},"bytes":[{span[0]},{span[1]}],"stream":"{kind}",'
                f'"call":{who},"level":{encode(level[:100])},"logger":{encode(logger[:200])},'
                f'"place":{encode(place[-500:])},"text":{encode(bounded(text, LONGEST_RECORD))}}}\n'
            )
            self._records += len(line)
            self._waiting.append(line)
            if moment >= self._due:
                self._write(moment)

    @property
    def takes_records(self) -> bool:
        """Whether records are still noted: there may be too many."""
        return self._records < MOST_RECORDS

    def recent(self) -> tuple[Mark, ...]:
        """Give the latest marks, in order."""
        with self._lock:
            return tuple(self._recent)

    @property
    def forgets(self) -> bool:
        """Whether there were marks before those that ``recent`` gives."""
        return self._marks > _RECENT

    def flush(self) -> None:
        """Write what is held back."""
        with self._lock:
            if len(self._waiting) > 1 or self._marks or self._records:
                self._write(time.time())

    def _write(self, now: float) -> None:
        self._due = now + self._latest
        self._last = None
        waiting, self._waiting = self._waiting, []
        if self._file is None or not waiting:
            return
        text = "".join(one if isinstance(one, str) else one.line() for one in waiting)
        try:
            self._file.write(text.encode("ascii", "replace"))
        except OSError:
            # A full disk: there is the log itself.
            self._file = None

    def after_fork(self, path: Path) -> None:
        """Go on in a forked child, with a file of its own."""
        self._begin(path)
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            # A worker of multiprocessing ends without ``atexit``.  What is registered to be done
            # at its end is forgotten while it begins; what is registered for that is not.
            util.register_after_fork(self, _flush_at_end)

    def close(self) -> None:
        """Write what is held back, and each later mark at once: the process is about to end."""
        self.flush()
        self._latest, self._due = -1.0, 0.0


def _flush_at_end(marks: Marks) -> None:
    util = sys.modules["multiprocessing.util"]
    util.Finalize(None, marks.flush, exitpriority=0)


def _chain(handle: CallHandle | None) -> Iterator[str]:
    while handle is not None:
        yield handle.id
        handle = handle.parent
