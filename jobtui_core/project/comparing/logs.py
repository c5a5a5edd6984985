"""The first line in which the logs of two runs differ: of each step, and of the script itself.

What a step printed is compared wherever it was printed: of a hit it is what was kept with the
result.  So runs of which one was answered from the cache do not differ by that alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING

from jobtui_core.entry.describe import clean, without_secrets
from jobtui_core.project.comparing.work import Side, Work, unlike
from jobtui_core.project.running.journal import OUTPUT
from jobtui_core.records import CallState
from jobtui_core.regular import open_regular

if TYPE_CHECKING:
    from jobtui_core.project.comparing.rows import Row, Rows
    from jobtui_core.tracing.traces import CallRecord

__all__ = ["compare_logs"]

_LARGEST = 8 << 20
"""Bytes of a log that are compared."""

_KEPT = 60_000
"""Characters from which a log that was kept with a result may lack its beginning."""

_AROUND = 3
"""Lines that are shown before the first difference, and after it."""

_MARKED = 5
"""Lines of each side that are shown there."""

_WINDOW = 60
"""Lines behind the first difference in which it is looked for where both go on alike."""

_LINE = 300

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Colours, movements of the cursor, titles of windows."""


def compare_logs(work: Work, rows: Rows) -> None:
    """Compare what the calls of steps printed, then what the script printed outside of them."""
    work.look("comparing logs")
    outputs = [_Output(side) for side in work.sides]
    for row in rows.rows:
        if row.first.parent is None or work.step is not None:
            _compare_call(work, rows, row, outputs)
    if work.step is None:
        texts = [
            output.outside(side.trace.calls)
            for output, side in zip(outputs, work.sides, strict=True)
        ]
        _compare(work, "script", texts)
    for number, output in enumerate(outputs):
        if output.cut:
            work.found.cannot(f"log of {work.name(number)} beyond {_LARGEST >> 20} MB")


def lines_of(text: str) -> list[str]:
    """Give the lines of a log as they would stay on a terminal, without colours."""
    text = _ESCAPES.sub("", text).replace("\r\n", "\n")
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    # What a carriage return overwrites was there for a moment only: progress bars.
    return [line.rstrip("\r").rpartition("\r")[2] for line in lines]


class _Output:
    """What a run printed, as far as it is read."""

    def __init__(self, side: Side) -> None:
        self.cut = False
        try:
            with open_regular(side.folder / OUTPUT) as file:
                self._data = file.read(_LARGEST + 1)
        except OSError:
            self._data = b""
        if len(self._data) > _LARGEST:
            self.cut, self._data = True, self._data[:_LARGEST]

    def of(self, call: CallRecord) -> str:
        """Give what was printed in the course of a call."""
        first, last = call.log
        return self._data[first:last].decode("utf-8", "replace")

    def outside(self, calls: Iterable[CallRecord]) -> str:
        """Give what was printed in the course of no call."""
        kept, position = [], 0
        spans = sorted(
            (call.log[0], len(self._data) if call.log[1] is None else call.log[1])
            for call in calls
            if call.parent is None
        )
        for first, last in spans:
            kept.append(self._data[position : max(first, position)])
            position = max(position, last)
        kept.append(self._data[position:])
        return b"".join(kept).decode("utf-8", "replace")


def _compare_call(work: Work, rows: Rows, row: Row, outputs: Sequence[_Output]) -> None:
    texts: list[str | None] = []
    for call, output in zip(row.calls, outputs, strict=True):
        if call is None or call.state is CallState.RUNNING:
            texts.append(None)
        elif call.state in (CallState.HIT, CallState.OLD):
            text = _kept(rows, call)
            if text is None or len(text) >= _KEPT:
                words = "is not there any more" if text is None else "was kept in part only"
                work.found.cannot(f"log of {row.label}: that of a hit {words}")
                return
            texts.append(text)
        else:
            texts.append(output.of(call))
    if texts[0] is not None and any(text is not None for text in texts[1:]):
        _compare(work, row.label, texts)


def _kept(rows: Rows, call: CallRecord) -> str | None:
    info = rows.entries.kept(call).info
    return None if info is None else info.log


def _compare(work: Work, subject: str, texts: Sequence[str | None]) -> None:
    """Tell where texts differ from the first one; those of ``None`` are not compared."""
    lines = [None if text is None else tuple(lines_of(text)) for text in texts]
    first = lines[0]
    assert first is not None
    states = [first if one is None else one for one in lines]
    others = list(unlike(states))
    if not others:
        if any(first) or first:
            work.found.equal("log")
        return
    for number in others:
        at = _first(first, states[number])
        values = [None if one is None else _line(one, at) for one in lines]
        detail = _around(first, states[number], at)
        work.found.add("log", subject, values, run=number, detail=detail, where=f"line {at + 1}")


def _first(old: Sequence[str], new: Sequence[str]) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))


def _line(lines: Sequence[str], at: int) -> str | None:
    return _shown(lines[at]) if at < len(lines) else None


def _shown(line: str) -> str:
    return without_secrets("", clean(line, _LINE))


def _around(old: Sequence[str], new: Sequence[str], at: int) -> str:
    """Give the first lines that differ among their neighbours, as a diff."""
    before, after = (lines[at : at + _WINDOW] for lines in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    _, _, gone, _, come = matcher.get_opcodes()[0]
    found = [f" {_shown(line)}" for line in old[max(at - _AROUND, 0) : at]]
    for sign, lines, number in (("-", before, gone), ("+", after, come)):
        found += [f"{sign}{_shown(line)}" for line in lines[: min(number, _MARKED)]]
        if number > _MARKED:
            found.append(f"{sign}… {number - _MARKED} more lines")
    # Behind them both go on alike for a while, or have come to their ends.
    rest = zip(before[gone:], after[come:], strict=False)
    alike = list(takewhile(lambda pair: pair[0] == pair[1], rest))[:_AROUND]
    found += [f" {_shown(line)}" for line, _ in alike]
    shown = at + gone + len(alike), at + come + len(alike)
    if old[shown[0] :] != new[shown[1] :]:
        found.append("… and more below")
    return "\n".join(found)
