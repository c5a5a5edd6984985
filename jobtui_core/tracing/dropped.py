"""What in a run rests on old results, given in place of those of steps dropped from its plan.

Which steps lie below a dropped one is known from the plan, which stands in the run's record before
its script starts; whether an old result was given at all, only once it was.  Other processes of
the run, and earlier runs of its queue, tell of theirs in their own event files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from jobtui_core.regular import open_regular
from jobtui_core.tracing.files import quiet

__all__ = ["Marks", "OldTrend"]

Marks = Mapping[Path, int]
"""How far event files were written at a moment, by path."""

_HEAD = 100
"""Lines of a run's record among which its plan is, if it has one."""

_OLD = b'"state":"old"'


class OldTrend:
    """Keeps account of old results in one process of a run.

    Parameters
    ----------
    folder : Path
        The run's.
    own : Path
        This process's event file.
    """

    def __init__(self, folder: Path, own: Path) -> None:
        self._folder = folder
        self.own = own
        self._given: set[str] = set()
        self._open: dict[int, Marks] = {}

    # What the plan says -------------------------------------------------------------------------

    @cached_property
    def _plan(self) -> dict[str, Any]:
        for event in _events(self._folder / "events.jsonl", first=_HEAD):
            if event.get("event") == "plan":
                return event
        return {}

    @cached_property
    def _rows(self) -> dict[str, dict[str, Any]]:
        rows = self._plan.get("rows")
        found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return {row["function"]: row for row in found if isinstance(row.get("function"), str)}

    def latest(self, function: str, site: tuple[str, int] | None, turn: int) -> str | None:
        """Give the key of the result that a call had in the newest run that recorded it.

        Parameters
        ----------
        function : str
        site : tuple or None
            Digest of the analysis and index of the call site; ``None`` if it cannot be told.
        turn : int
            How many calls this process made there before.
        """
        if site is None:
            return None
        calls = self._rows.get(function, {}).get("calls")
        keys = calls.get(str(site[1])) if isinstance(calls, dict) else None
        if not isinstance(keys, list) or turn >= len(keys):
            return None
        return keys[turn] if isinstance(keys[turn], str) else None

    # What was given -----------------------------------------------------------------------------

    def gave(self, name: str) -> None:
        """Note that a call of a dropped step got an old result here."""
        self._given.add(name)

    def below(self, function: str) -> tuple[str, ...]:
        """Give the dropped steps on whose old results a call of a function rests now."""
        names = self._rows.get(function, {}).get("on_old")
        wanted = {name for name in names if isinstance(name, str)} if names else set()
        if not wanted <= self._given:
            self._given |= wanted & {name for _, name in self._elsewhere({})}
        return tuple(sorted(wanted & self._given))

    def begin(self, call: int) -> None:
        """Note how far the other processes are, as a call begins."""
        self._open[call] = {path: _size(path) for path in self._others()}

    def end(self, call: int) -> set[str]:
        """Give the dropped steps of which other processes gave old results since it began."""
        marks = self._open.pop(call, None)
        if marks is None:
            return set()
        return {name for path, name in self._elsewhere(marks) if path.parent == self._folder}

    def _elsewhere(self, marks: Marks) -> Iterator[tuple[Path, str]]:
        for path in self._others():
            for event in _events(path, start=marks.get(path, 0), only=_OLD):
                if event.get("state") == "old" and isinstance(event.get("name"), str):
                    yield path, event["name"]

    def _others(self) -> Iterable[Path]:
        earlier = self._plan.get("after")
        runs = [run for run in earlier if _is_name(run)] if isinstance(earlier, list) else []
        for folder in (self._folder, *(self._folder.parent / run for run in runs)):
            yield from (path for path in sorted(folder.glob("events*.jsonl")) if path != self.own)


def _is_name(run: object) -> bool:
    return isinstance(run, str) and bool(run) and "/" not in run and not run.startswith(".")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _events(
    path: Path, *, start: int = 0, first: int | None = None, only: bytes = b""
) -> Iterator[dict[str, Any]]:
    """Give the events of a file, those that cannot be read left out."""
    try:
        # That a run looks at its own record is no step's business.
        with quiet(), open_regular(path) as file:
            file.seek(start)
            lines = file.readlines() if first is None else list(islice(file, first))
    except OSError:
        return
    for line in lines:
        if only not in line:
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event
