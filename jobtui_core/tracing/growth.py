"""How a log grew, as whoever started the script saw it: for what no process of the run can mark.

Subprocesses and C libraries write to the log by its descriptor.  Nobody tells when; but whoever
looks at the size of the log now and then knows by when a byte was there.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from jobtui_core.tracing.appending import AppendFile
from jobtui_core.tracing.marks import FORMAT_VERSION

__all__ = ["EVERY", "Growth"]

EVERY = 0.25
"""Seconds between two looks, and so what the times may be late by."""

NAME = "marks-supervisor.jsonl"

_MOST = 100_000
"""Looks that are noted of a run; later output has no time of this kind."""


class Growth:
    """Notes how far a log has come.

    Parameters
    ----------
    log : Path
        In the run's folder.
    """

    def __init__(self, log: Path) -> None:
        self._log = str(log)
        self._file = AppendFile(log.with_name(NAME))
        self._size = self._looks = 0

    def look(self) -> None:
        """Note the size of the log with the time, if it has grown since the last look."""
        try:
            size = os.stat(self._log).st_size  # noqa: PTH116  # often
            if size <= self._size or self._looks >= _MOST:
                return
            head = "" if self._looks else f'{{"version":{FORMAT_VERSION}}}\n'
            line = f'{{"time":{time.time():.3f},"grown":[{self._size},{size}]}}\n'
            self._file.write((head + line).encode("ascii"))
        except OSError:
            # The disk is full, or somebody deleted the run: its times are not worth more.
            self._looks = _MOST
            return
        self._size = size
        self._looks += 1

    def close(self) -> None:
        """Take a last look, and let go of the file."""
        self.look()
        self._file.close()
