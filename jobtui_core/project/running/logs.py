"""What a run printed, read a bounded piece at a time however large it is."""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence
from dataclasses import dataclass

from jobtui_core.errors import UnknownNameError
from jobtui_core.project.folder import Project
from jobtui_core.project.nearest import hint, nearest
from jobtui_core.project.running.history import calls, find_run
from jobtui_core.project.running.journal import OUTPUT

__all__ = ["LogPart", "read_log"]

_LIMIT = 1 << 20
"""Bytes that are read at most at a time, unless more are asked for."""


@dataclass(frozen=True, slots=True)
class LogPart:
    """A piece of a run's output."""

    text: str
    """Decoded as UTF-8, what is not replaced; escape sequences are in it as they were printed."""
    start: int
    """Where it begins, in bytes from the beginning of the run's ``output.log``."""
    end: int
    """Where to go on reading."""
    more: bool
    """Whether there was more to read behind ``end`` just now."""


def read_log(
    project: Project,
    run: str,
    *,
    step: str | None = None,
    start: int = 0,
    limit: int | None = None,
) -> LogPart:
    """Read what a run printed.

    Parameters
    ----------
    project : Project
    run : str
        Its id, or the unique beginning of one.
    step : str, optional
        Only what this step (its name or identity) printed, all its calls one after the other.
    start : int
        Byte to begin at: the ``end`` of the piece before.  Negative: that many bytes before the
        end of the log (of the step's last call).
    limit : int, optional
        Bytes to read at most; 1 MiB if left out.

    Raises
    ------
    UnknownNameError
        If there is no such run, or the run called no such step.

    Notes
    -----
    A character that is not complete yet is left for the next piece.
    """
    run = find_run(project, run)
    path = project.runs_folder / run / OUTPUT
    try:
        # A pipe in its place would not be opened before somebody writes to it.
        file = path.open("rb") if path.is_file() else None
    except OSError:
        file = None
    if file is None:
        if step is not None:
            _ranges(project, run, step, 0)
        return LogPart("", max(0, start), max(0, start), False)
    with file:
        size = os.fstat(file.fileno()).st_size
        ranges = [(0, size)] if step is None else _ranges(project, run, step, size)
        if start < 0:
            start = max(ranges[-1][0] if ranges else 0, (ranges[-1][1] if ranges else 0) + start)
        budget = _LIMIT if limit is None else max(4, limit)
        pieces: list[bytes] = []
        begin: int | None = None
        end = start
        for first, high in ranges:
            low = max(first, start)
            if low >= high or budget <= 0:
                continue
            file.seek(low)
            piece = file.read(min(high - low, budget))
            budget -= len(piece)
            begin = low if begin is None else begin
            pieces.append(piece)
            end = low + len(piece)
        text, left = _decode(b"".join(pieces))
        end -= left
        more = any(high > max(low, end + left) for low, high in ranges)
    return LogPart(text, start if begin is None else begin, end, more)


def _decode(data: bytes) -> tuple[str, int]:
    """Decode, and tell how many bytes of an unfinished character were left over at the end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data)
    return text, len(decoder.getstate()[0])


def _ranges(project: Project, run: str, step: str, size: int) -> list[tuple[int, int]]:
    """Give where the output of a step's calls lies, in order and without overlaps."""
    known = calls(project, run)
    names = {call.name for call in known} | {call.function for call in known}
    if step not in names:
        near = nearest(step, names)
        raise UnknownNameError(
            f"Run {run} called no step {step!r}{hint(near)}", name=step, nearest=near
        )
    found = sorted(
        (call.log[0], size if call.log[1] is None else min(call.log[1], size))
        for call in known
        if step in (call.name, call.function)
    )
    return _merged(found)


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in ranges:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged
