"""Reading marks: what was put out when, by whom.

The files are untrusted: whatever is not as it should be is left out.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from jobtui_core.regular import read_regular
from jobtui_core.tracing.marks import FORMAT_VERSION

__all__ = ["Marking", "Markings", "Noted", "read_markings"]

_LARGEST = 64 << 20
"""Bytes that are read of one file."""

_MOST_FILES = 1000
"""Files of workers that are read of one run."""

_STREAMS = ("out", "err", "log", "warning", "replay")


@dataclass(frozen=True, slots=True)
class Marking:
    """A range of the log, and who wrote it."""

    start: int
    end: int
    time: float
    stream: str
    """``out``, ``err``; ``log`` and ``warning`` where a record says it all; ``replay``."""
    call: str | None
    """Id of the innermost call; empty for the script itself, ``None`` if nobody knows."""
    origin: str
    """The run that it repeats the output of."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A record of logging, or a warning."""

    start: int
    end: int
    """What of the log shows it; as ``start`` if nothing does."""
    time: float
    kind: str
    """``log`` or ``warning``."""
    call: str | None
    level: str
    logger: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Markings:
    """All marks of a run, in the order in which they lie in the log."""

    marks: tuple[Marking, ...] = ()
    records: tuple[Noted, ...] = ()
    reached: tuple[tuple[int, float], ...] = ()
    """Sizes that the log was seen to have, and when; both ascend."""

    def by(self, place: int) -> float | None:
        """Give when a byte of the log was there for sure; ``None`` if nobody looked."""
        index = bisect_right(self.reached, (place, math.inf))
        return self.reached[index][1] if index < len(self.reached) else None


def read_markings(folder: Path) -> Markings:
    """Read the marks of all processes of a run.

    Parameters
    ----------
    folder : Path
        The run's.
    """
    marks: list[Marking] = []
    records: list[Noted] = []
    reached: list[tuple[int, float]] = []
    for path in sorted(folder.glob("marks*.jsonl"))[:_MOST_FILES]:
        try:
            data = read_regular(path, _LARGEST)
        except OSError:
            continue
        first, *lines = data.split(b"\n")
        header = _object(first)
        if header is None or header.get("version") != FORMAT_VERSION:
            continue
        for line in lines:
            found = _one(_object(line))
            if isinstance(found, Marking):
                marks.append(found)
            elif isinstance(found, tuple):
                reached.append(found)
            elif found is not None:
                records.append(found)
    marks.sort(key=lambda one: one.start)
    records.sort(key=lambda one: (one.start, one.time))
    return Markings(tuple(marks), tuple(records), _ascending(reached))


def _ascending(reached: list[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Sort by size; the clock may have been put back meanwhile."""
    found: list[tuple[int, float]] = []
    latest = 0.0
    for size, moment in sorted(reached):
        latest = max(latest, moment)
        found.append((size, latest))
    return tuple(found)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        # Most often the last line, which is being written.
        return None
    return value if isinstance(value, dict) else None


def _one(facts: dict[str, Any] | None) -> Marking | Noted | tuple[int, float] | None:
    if facts is None:
        return None
    if "grown" in facts:
        return _grown(facts["grown"], facts.get("time"))
    span, moment, stream, call = (facts.get(name) for name in ("bytes", "time", "stream", "call"))
    if (
        not _is_span(span)
        or not _is_moment(moment)
        or stream not in _STREAMS
        or not (call is None or isinstance(call, str))
    ):
        return None
    if "text" not in facts:
        return Marking(span[0], span[1], moment, stream, call, _text(facts, "origin"))
    if stream not in ("log", "warning"):
        return None
    return Noted(
        span[0],
        span[1],
        moment,
        stream,
        call,
        *(_text(facts, name) for name in ("level", "logger", "place", "text")),
    )


def _is_span(value: object) -> TypeGuard[list[int]]:
    if not (isinstance(value, list) and len(value) == 2):
        return False
    return all(type(one) is int and 0 <= one < 1 << 62 for one in value) and value[0] <= value[1]


def _is_moment(value: object) -> TypeGuard[float]:
    return type(value) is float and 0 <= value < 1e12


def _grown(span: Any, moment: Any) -> tuple[int, float] | None:
    return (span[1], moment) if _is_span(span) and _is_moment(moment) else None


def _text(facts: dict[str, Any], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""
