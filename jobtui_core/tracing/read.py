"""Reading run records, whole or as they grow.

Reads the files only: nothing of the user's is imported, unpickled or run.  What the files say is
untrusted text, and may be torn, garbled or from another version: a line that cannot be read is
counted and left out.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from jobtui_core.records import RunState
from jobtui_core.tracing.liveness import liveness
from jobtui_core.tracing.replay import Replay
from jobtui_core.tracing.traces import (
    AnalysisUse,
    CallError,
    CallRecord,
    CountedCalls,
    FileDigest,
    FileUse,
    ParameterUse,
    RunTrace,
)

__all__ = [
    "AnalysisUse",
    "CallError",
    "CallRecord",
    "CountedCalls",
    "FileDigest",
    "FileUse",
    "ParameterUse",
    "RunReader",
    "RunTrace",
    "read_run",
]

LONGEST_LINE = 8 << 20
"""Bytes of one event; a longer line is not one of ours."""

CHUNK = 1 << 20

QUIET = 300.0
"""Seconds without a sign of life after which a run on another machine is silent."""


class _EventFile:
    """One event file, read as far as it went so far."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._offset = 0
        self._rest = b""
        self._too_long = False

    def shrunk(self, size: int) -> bool:
        """Tell whether the file is not the one that was read."""
        return size < self._offset

    def read(self, size: int) -> tuple[list[bytes], int]:
        """Give the lines that are complete by now, and how many were too long to be kept."""
        lines: list[bytes] = []
        skipped = 0
        if size <= self._offset:
            return lines, skipped
        try:
            with open(self.path, "rb", buffering=0) as file:  # noqa: PTH123  # often, and hot
                file.seek(self._offset)
                while self._offset < size and (data := file.read(CHUNK)):
                    self._offset += len(data)
                    *whole, rest = data.split(b"\n")
                    if not whole:
                        self._rest += rest
                    else:
                        lines += [self._rest + whole[0], *whole[1:]]
                        if self._too_long:
                            # The end of a line whose beginning was dropped.
                            lines[-len(whole)] = b""
                            self._too_long = False
                        self._rest = rest
                    if len(self._rest) > LONGEST_LINE:
                        skipped += not self._too_long
                        self._too_long, self._rest = True, b""
        except OSError:
            return lines, skipped
        return lines, skipped


class RunReader:
    """Follows one run's folder.

    Parameters
    ----------
    folder : Path
        ``.jobtui/runs/<id>``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, _EventFile] = {}
        self._replay = Replay(folder.name)
        self._state: RunState | None = None
        self._trace: RunTrace | None = None

    def update(self) -> bool:
        """Read what is new since the last time; tell whether anything changed.

        Costs one listing and one stat a file when nothing did.  The passing of time may change
        ``info.state`` (a process that died) without any new event: that counts as a change too.
        """
        sizes = self._sizes()
        known = self._files
        if any(name not in sizes or known[name].shrunk(sizes[name]) for name in known):
            # Somebody deleted or rewrote records: nothing of the old reading holds.
            self._files, self._replay = {}, Replay(self.folder.name)
        changed = False
        # The main process first: the others' calls belong to its.
        for name in sorted(sizes, key=lambda name: (name != "events.jsonl", name)):
            file = self._files.get(name)
            if file is None:
                file = self._files[name] = _EventFile(str(self.folder / name))
            lines, skipped = file.read(sizes[name])
            self._replay.skipped += skipped
            for line in lines:
                changed = self._take(name, line) or changed
        state = self._derive_state()
        changed = changed or state is not self._state
        if changed or self._trace is None:
            self._state = state
            self._trace = None
        return changed

    def _sizes(self) -> dict[str, int]:
        found = {}
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    name = entry.name
                    ours = name.startswith("events") and name.endswith(".jsonl")
                    # Nobody writes links or pipes here; following one may fail, or never end.
                    if ours and entry.is_file(follow_symlinks=False):
                        found[name] = entry.stat(follow_symlinks=False).st_size
        except OSError:
            # Not there, or gone while it was listed: what was found is what there is.
            return found
        return found

    def _take(self, name: str, line: bytes) -> bool:
        if not line.strip():
            return False
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict) or not isinstance(event.get("event"), str):
            self._replay.skipped += 1
            return True
        self._replay.take(name.removesuffix(".jsonl"), event)
        return True

    @property
    def trace(self) -> RunTrace:
        """What is known as of the last ``update``."""
        if self._trace is None:
            self._trace = self._replay.trace(self._state or self._derive_state())
        return self._trace

    def _derive_state(self) -> RunState:
        replay = self._replay
        if replay.end is not None:
            return _ended(replay.end)
        if not replay.processes:
            return RunState.QUEUED if replay.queued else RunState.DIED
        fates = {liveness(record) for record in replay.processes}
        if "alive" in fates:
            return RunState.RUNNING
        if "zombie" in fates:
            # Its supervisor is about to say how it ended; by hand nobody is.
            return RunState.RUNNING if replay.supervised else RunState.DIED
        if "dead" in fates:
            return RunState.DIED
        quiet = time.time() - (replay.last_heard or 0.0)
        return RunState.RUNNING if quiet < QUIET else RunState.SILENT


def _ended(end: dict[str, Any]) -> RunState:
    try:
        return RunState(str(end.get("state")))
    except ValueError:
        return RunState.DONE if end.get("code") == 0 else RunState.FAILED


def read_run(folder: Path) -> RunTrace:
    """Read all records of a run.

    A folder that is missing or empty gives a trace without events whose state is ``DIED``.
    """
    reader = RunReader(folder)
    reader.update()
    return reader.trace
