"""A piece of a log and its marks, put together into lines that tell when they were written."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from jobtui_core.labbook import LogLine
from jobtui_core.plain import log_line, plain, short
from jobtui_core.tracing.markings import Marking, Markings, Noted
from jobtui_core.tracing.traces import CallRecord

__all__ = ["Placed", "lines_of"]

LONGEST_LINE = 8_000
"""Characters kept of one line."""

_UP = b"\x1b[A"
"""Moves the cursor up a line."""

Placed = tuple[int, int, float, LogLine]
"""Where in the log, records first; when; and the line."""


@dataclass(slots=True)
class _Open:
    """A line that has begun."""

    start: int
    time: float | None
    call: str | None
    data: bytearray = field(default_factory=bytearray)


def lines_of(
    data: bytes, offset: int, markings: Markings, calls: Sequence[CallRecord]
) -> list[Placed]:
    """Give the lines of a piece of a log, in order.

    Parameters
    ----------
    data : bytes
    offset : int
        Where in the log they begin.
    markings : Markings
        Of the whole run.
    calls : sequence of CallRecord
        Of the run.

    Notes
    -----
    Threads write their lines into each other: a line is put together of what one stream wrote in
    one call.  What nobody marked is attributed to the call in whose course it came to be there,
    where that is one; its time is when whoever started the script saw it, where somebody did.
    """
    names = {call.id: call.name for call in calls}
    end = offset + len(data)
    found = [
        placed
        for record in markings.records
        if offset <= record.start <= end
        for placed in _record_lines(record, names)
    ]
    within = _Courses(calls)
    shown = _Shown(markings.records)
    going: dict[tuple[str, str | None, str] | None, _Open] = {}
    for start, stop, mark in _pieces(offset, end, markings.marks):
        text = data[start - offset : stop - offset]
        if mark is None:
            if shown.covers(start, stop, text):
                continue
            key, moment = None, None
        elif mark.stream in ("log", "warning") or (mark.stream == "replay" and not mark.origin):
            # A record says it all; the line that names a run is told by the others' origin.
            continue
        else:
            key, moment = (mark.stream, mark.call, mark.origin), mark.time
        *complete, rest = text.split(b"\n")
        at = start
        for line in complete:
            call = within.at(at) if mark is None else mark.call
            one = going.pop(key, None) or _Open(at, moment or markings.by(at), call)
            one.data += line
            at += len(line) + 1
            if one.data.endswith(_UP):
                # An inner progress bar is drawn one line down, and is left upwards.
                one.data[-len(_UP) :] = b"\r"
                del one.data[: -16 * LONGEST_LINE]
                going[key] = one
                continue
            found.append(_placed(one, key, names))
        if rest:
            call = within.at(at) if mark is None else mark.call
            going.setdefault(key, _Open(at, moment or markings.by(at), call)).data += rest
    found += [_placed(one, key, names) for key, one in going.items()]
    found.sort(key=lambda placed: placed[:3])
    return found


def _pieces(
    start: int, end: int, marks: Iterable[Marking]
) -> Iterator[tuple[int, int, Marking | None]]:
    for mark in marks:
        if mark.end <= start or mark.start >= end:
            continue
        if mark.start > start:
            yield start, mark.start, None
        begin, stop = max(start, mark.start), min(mark.end, end)
        yield begin, stop, mark
        start = stop
    if start < end:
        yield start, end, None


def _placed(one: _Open, key: tuple[str, str | None, str] | None, names: dict[str, str]) -> Placed:
    text = bytes(one.data[-16 * LONGEST_LINE :]).removesuffix(_UP).decode("utf-8", "replace")
    stream, _, origin = key or ("", None, "")
    line = LogLine(
        text=short(log_line(text), LONGEST_LINE),
        time=one.time,
        stream="out" if stream == "out" else "err" if stream == "err" else "",
        call=one.call or None,
        step=plain(names.get(one.call or "", "")),
        origin=plain(origin),
    )
    return one.start, 1, one.time or 0.0, line


def _record_lines(record: Noted, names: dict[str, str]) -> Iterator[Placed]:
    for text in record.text.split("\n"):
        line = LogLine(
            text=short(log_line(text), LONGEST_LINE),
            time=record.time,
            stream="log" if record.kind == "log" else "warning",
            level=short(plain(record.level), 100),
            logger=short(plain(record.logger), 200),
            place=short(plain(record.place), 500),
            call=record.call or None,
            step=plain(names.get(record.call or "", "")),
        )
        yield record.start, 0, record.time, line


class _Courses:
    """Tells in the course of which call a place in the log was written; asked in order."""

    def __init__(self, calls: Iterable[CallRecord]) -> None:
        self._coming = sorted(
            (call.log[0], index, call)
            for index, call in enumerate(calls)
            if call.process == "events" and (call.log[1] is None or call.log[1] > call.log[0])
        )
        self._coming.reverse()
        self._going: list[tuple[float, int, CallRecord]] = []

    def at(self, place: int) -> str | None:
        while self._coming and self._coming[-1][0] <= place:
            _, index, call = self._coming.pop()
            last = float("inf") if call.log[1] is None else call.log[1]
            heapq.heappush(self._going, (last, index, call))
        while self._going and self._going[0][0] <= place:
            heapq.heappop(self._going)
        outer = {call.parent for _, _, call in self._going}
        innermost = [call.id for _, _, call in self._going if call.id not in outer]
        return innermost[0] if len(innermost) == 1 else None


class _Shown:
    """Tells which unmarked parts of a log only show a record; asked in order."""

    def __init__(self, records: Iterable[Noted]) -> None:
        shown = (one for one in records if one.end > one.start)
        self._coming = sorted(shown, key=lambda one: one.end, reverse=True)

    def covers(self, start: int, end: int, text: bytes) -> bool:
        while self._coming and self._coming[-1].end <= start:
            self._coming.pop()
        if not self._coming:
            return False
        record = self._coming[-1]
        first = record.text.partition("\n")[0].encode("utf-8", "replace")
        return record.start <= start and end <= record.end and first in text
