"""What a run put out, line by line: when, by which stream and in which call."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from jobtui_core.entry import entry_name, read_info
from jobtui_core.errors import UnknownNameError
from jobtui_core.labbook import LogLine
from jobtui_core.plain import plain
from jobtui_core.project.evidence.stores import MALFORMED, Stores
from jobtui_core.project.nearest import hint, nearest
from jobtui_core.project.running.history import find_run
from jobtui_core.project.running.journal import OUTPUT
from jobtui_core.records import CallState
from jobtui_core.regular import open_regular
from jobtui_core.tracing.loglines import Placed, lines_of
from jobtui_core.tracing.markings import Markings, read_markings
from jobtui_core.tracing.read import CallRecord, read_run

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["lines_to_json", "log_lines"]

_MOST_BYTES = 16 << 20
"""Of a log, that are read: the last ones."""

_MOST_HITS = 100
"""Hits of which the stored output is looked up: each is an entry to be read."""

_END = 1 << 62
"""Behind any log."""

_ANSWERED = (CallState.HIT, CallState.OLD)


def log_lines(
    project: Project,
    run: str,
    *,
    step: str | None = None,
    call: str | None = None,
    limit: int = 10_000,
) -> tuple[LogLine, ...]:
    """Give what a run put out as lines, with records of logging and warnings among them.

    Parameters
    ----------
    project : Project
    run : str
        Its id, or the unique beginning of one.
    step : str, optional
        Only what this step (its name or identity) put out, calls in its course included.
    call : str, optional
        Only one call, by its id.
    limit : int
        Lines at most: the last ones.

    Returns
    -------
    tuple of LogLine
        Of a call that was answered from the store, what it put out when it was computed, with
        that run as ``origin``.

    Raises
    ------
    UnknownNameError
        If there is no such run, or the run called no such step.
    """
    name = find_run(project, run)
    calls = read_run(project.runs_folder / name).calls
    chosen = None
    if step is not None or call is not None:
        chosen = {
            one.id
            for one in calls
            if step in (None, one.name, one.function) and call in (None, one.id)
        }
        if not chosen:
            near = nearest(step, {one.name for one in calls}) if step is not None else ()
            what = f"no step {step!r}" if step is not None else f"no call {call}"
            raise UnknownNameError(
                f"Run {name} called {what}{hint(near)}", name=step or str(call), nearest=near
            )
    found = _of_run(project, name, calls, chosen)
    if not any(placed[3].origin for placed in found):
        # Otherwise what they put out was shown again, and is in the log.
        answered = (one for one in calls if chosen is None or one.id in chosen)
        found += _of_hits(project, answered, _Clock(found))
        found.sort(key=lambda placed: placed[:3])
    return tuple(placed[3] for placed in found[-max(limit, 0) :] if limit > 0)


def _of_run(
    project: Project, run: str, calls: Sequence[CallRecord], chosen: set[str] | None
) -> list[Placed]:
    """Give the lines of a run, or of chosen calls in it."""
    markings = read_markings(project.runs_folder / run)
    first, last = _span(calls, chosen)
    data, offset = _read(project, run, first, last)
    found = lines_of(data, offset, markings, calls)
    if chosen is None:
        return found
    parents = {one.id: one.parent for one in calls}
    return [placed for placed in found if _is_within(placed[3].call, chosen, parents)]


def _span(calls: Iterable[CallRecord], chosen: set[str] | None) -> tuple[int, int | None]:
    """Give what part of a log chosen calls lie in."""
    if chosen is None:
        return 0, None
    spans = [one.log for one in calls if one.id in chosen]
    ends = [end for _, end in spans if end is not None]
    return min(start for start, _ in spans), max(ends) if len(ends) == len(spans) else None


def _read(project: Project, run: str, first: int, last: int | None) -> tuple[bytes, int]:
    try:
        file = open_regular(project.runs_folder / run / OUTPUT)
    except OSError:
        return b"", first
    with file:
        size = os.fstat(file.fileno()).st_size
        end = size if last is None else min(last, size)
        start = max(first, end - _MOST_BYTES)
        file.seek(start)
        return file.read(max(end - start, 0)), start


def _is_within(call: str | None, chosen: set[str], parents: dict[str, str | None]) -> bool:
    seen = 0
    while call is not None and call not in chosen and seen < len(parents):
        # Whoever wrote the records may have made somebody their own parent.
        call, seen = parents.get(call), seen + 1
    return call in chosen


class _Clock:
    """Tells how far a log was at a time, going by the lines whose time is known."""

    def __init__(self, lines: Iterable[Placed]) -> None:
        timed = sorted((one[3].time, one[0]) for one in lines if one[3].time is not None)
        self._times = [moment for moment, _ in timed]
        self._places = [place for _, place in timed]

    def at(self, moment: float) -> int | None:
        index = bisect_left(self._times, moment)
        return self._places[index] if index < len(self._places) else None


def _of_hits(project: Project, calls: Iterable[CallRecord], clock: _Clock) -> Iterator[Placed]:
    stored = _Stored(project)
    left = _MOST_HITS
    for call in calls:
        if call.state in _ANSWERED and left:
            left -= 1
            # Its record tells where the log was at some call before.
            place = clock.at(call.started)
            for line in stored.lines(call):
                yield _END if place is None else place, 0, call.started, line


class _Stored:
    """Gives what calls put out when the results were computed that they were answered with."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._stores = Stores(project)
        self._origins: dict[str, dict[tuple[str, str], list[LogLine]]] = {}

    def lines(self, call: CallRecord) -> Iterator[LogLine]:
        """Give the lines of a hit."""
        key = call.entry or call.key
        if key is None:
            return
        try:
            info = read_info(self._stores.at(call.store), entry_name(call.function, key))
        except MALFORMED:
            return
        if info is None:
            return
        run, origin = info.run, plain(info.run)
        if run not in self._origins:
            # Most hits of a run are from the same one or two.
            self._origins[run] = _by_call(self._project, run)
        known = self._origins[run].get((info.call, call.function))
        for line in known or _of_text(info.log):
            yield replace(line, call=call.id, step=plain(call.name), origin=origin)


def _by_call(project: Project, run: str) -> dict[tuple[str, str], list[LogLine]]:
    """Give the lines of a run by call and function: it knows more of them than entries do."""
    # An entry of somebody else's says which run it was.
    if not run or run[0] == "." or not run.replace("-", "").replace("T", "").isalnum():
        return {}
    folder = project.runs_folder / run
    if not folder.is_dir():
        return {}
    calls = read_run(folder).calls
    known = {one.id: one for one in calls}
    found: dict[tuple[str, str], list[LogLine]] = {}
    for placed in _of_run(project, run, calls, None):
        line = placed[3]
        outer = None if line.origin else known.get(line.call or "")
        seen: set[str] = set()
        while outer is not None and outer.id not in seen:
            found.setdefault((outer.id, outer.function), []).append(line)
            seen.add(outer.id)
            outer = known.get(outer.parent or "")
    return found


def _of_text(text: str) -> list[LogLine]:
    data = text.removesuffix("\n").encode("utf-8", "replace")
    return [placed[3] for placed in lines_of(data, 0, Markings(), ())] if data else []


def lines_to_json(lines: Iterable[LogLine]) -> list[dict[str, Any]]:
    """Give lines as plain data; what is not known is left out."""
    return [
        {
            one.name: value
            for one in fields(line)
            if (value := getattr(line, one.name)) not in (None, "") or one.name == "text"
        }
        for line in lines
    ]
