"""In which numbers, columns and parts the results of two calls differ.

Results are read as far as that runs no code: arrays, frames and plain data.  Of what is pickled
only the pictures can be compared that were made when it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from jobtui_core.diffs.code import short
from jobtui_core.diffs.values import ValueDifference, differences
from jobtui_core.plain import count
from jobtui_core.project.comparing.entries import Kept, UnreadableError
from jobtui_core.project.comparing.work import Work, unlike
from jobtui_core.project.judging.formerly import picture
from jobtui_core.records import CallState

if TYPE_CHECKING:
    from jobtui_core.pictures import Preview
    from jobtui_core.project.comparing.rows import Lonely, Row, Rows
    from jobtui_core.tracing.traces import CallRecord

__all__ = ["compare_results"]

_MOST = 1_000
"""Places inside of a result that are looked at."""

_TOLD = 20
"""Places that are told one by one."""

_OFTEN = 1 << 22
"""Numbers between two words about a comparison that takes long."""

_PICTURED = ("type", "text", "shape", "dtype", "minimum", "maximum", "mean", "missing", "columns")


def compare_results(work: Work, rows: Rows) -> None:
    """Compare what calls gave."""
    for row in rows.rows:
        if any(call is not None for call in row.calls[1:]):
            work.look(f"comparing results of {row.label}")
            _compare(work, rows, row)
    for lonely in rows.lonely:
        _tell_lonely(work, rows, lonely)


def _tell_lonely(work: Work, rows: Rows, lonely: Lonely) -> None:
    """Tell of calls that one run made and another did not."""
    values: list[str | None] = [None] * len(work.sides)
    if len(lonely.calls) == 1:
        values[lonely.run] = _text(lonely.calls[0], _kept(rows, lonely.calls[0]))
    else:
        values[lonely.run] = count(len(lonely.calls), "call")
    where = f"only in {work.name(lonely.run)}"
    if lonely.run != lonely.other and len(work.sides) > 2:
        where = f"not in {work.name(lonely.other)}"
    work.found.add("result", lonely.label, values, run=lonely.other, where=where)


def _compare(work: Work, rows: Rows, row: Row) -> None:
    states = [_state(call) for call in row.calls]
    known = [state or states[0] for state in states]
    if not states[0]:
        return
    if not any(True for _ in unlike(known)):
        if states[0][0] == "unknown":
            work.found.cannot(f"result of {row.label}: not kept")
        else:
            work.found.equal("result")
        return
    kept = [_kept(rows, call) for call in row.calls]
    values = [
        None if call is None else _text(call, one)
        for call, one in zip(row.calls, kept, strict=True)
    ]
    for number in unlike(known):
        other = row.calls[number]
        assert other is not None
        if "unknown" in (states[0][0], known[number][0]):
            work.found.cannot(f"result of {row.label}: not kept")
            continue
        told = _Told()
        if states[0][0] == known[number][0] == "result" and not work.found.is_full("result"):
            told = _differences(work, rows, row, kept, number)
        work.found.add(
            "result",
            row.label,
            values,
            run=number,
            detail=told.detail,
            numbers=told.numbers,
            where=told.where,
        )


def _state(call: CallRecord | None) -> tuple[str, ...]:
    """Give what a call came to; nothing where there is none, or it has not ended."""
    if call is None or call.state is CallState.RUNNING:
        return ()
    if call.state is CallState.FAILED:
        error = call.error
        return ("failed", error.type if error else "", error.message if error else "")
    return ("result", call.result) if call.result else ("unknown",)


def _kept(rows: Rows, call: CallRecord | None) -> Kept:
    return Kept() if call is None or call.result is None else rows.entries.kept(call)


def _text(call: CallRecord, kept: Kept) -> str:
    if call.state is CallState.FAILED:
        words = call.info.error
        return f"failed: {words}" if words else "failed"
    digest = f"#{call.result[:8]}" if call.result else ""
    if kept.info is None:
        return f"{kept.problem or call.state.value} {digest}".strip()
    preview = kept.info.preview
    return f"{picture(preview)} {digest}" if preview is not None else digest


class _Told:
    """What is told of two results."""

    def __init__(
        self,
        detail: str = "",
        numbers: Sequence[tuple[str, float]] = (),
        where: str = "",
    ) -> None:
        self.detail = detail
        self.numbers = numbers
        self.where = where


def _differences(work: Work, rows: Rows, row: Row, kept: Sequence[Kept], number: int) -> _Told:
    """Compare two results that do not have the same digest."""
    calls = row.first, row.calls[number]
    infos = kept[0].info, kept[number].info
    values: list[Any] = []
    for at, call, info in zip((0, number), calls, infos, strict=True):
        assert call is not None
        if info is None:
            problem = kept[at].problem
            work.found.cannot(f"result of {row.label} in {work.name(at)}: {problem}")
            return _Told(detail=f"not compared: {problem} ({work.name(at)})")
        try:
            values.append(rows.entries.value(call, info))
        except UnreadableError as error:
            work.found.cannot(f"result of {row.label} in {work.name(at)}: {error.message}")
            previews = (None if one is None else one.preview for one in infos)
            lines = _pictures_apart(next(previews), next(previews))
            return _Told(detail="\n".join([f"not compared: {error.message}", *lines]))
    beat = _Beat(work, row.label)
    found = list(islice(differences(values[0], values[1], beat), _MOST + 1))
    return _summed(found)


class _Beat:
    """Says how far the comparison of two large arrays is."""

    def __init__(self, work: Work, label: str) -> None:
        self._work = work
        self._label = label
        self._next = _OFTEN

    def __call__(self, done: int, total: int) -> None:
        if not total:
            self._work.look(f"comparing results of {self._label}: {done:,} parts")
            return
        if done < self._next:
            # Another array may have begun.
            self._next = min(self._next, done + _OFTEN)
            return
        self._next = done + _OFTEN
        self._work.look(f"comparing results of {self._label}: {done * 100 // total} %")


def _summed(found: Sequence[ValueDifference]) -> _Told:
    """Sum up the places where results differ."""
    if not found:
        return _Told(detail="no difference is found in what they hold; their digests differ")
    numbers: list[tuple[str, float]] = []
    for name, most in (
        ("max_abs", _most(one.largest for one in found)),
        ("max_rel", _most(one.relative for one in found)),
    ):
        if most is not None:
            numbers.append((name, most))
    for name in ("count", "size", "nan", "infinite"):
        total = sum(getattr(one, name) for one in found)
        if total:
            numbers.append((name, float(total)))
    if len(found) > 1:
        numbers.append(("places", float(len(found))))
    if len(found) == 1 and not found[0].where and found[0].largest is not None:
        # A single number: its sides stand beside each other already.
        return _Told(", ".join(_facts(found[0])), numbers)
    lines = [_line(one) for one in found[:_TOLD]]
    if len(found) > _TOLD:
        many = f"more than {_MOST - _TOLD}" if len(found) > _MOST else str(len(found) - _TOLD)
        lines.append(f"… and {many} more places")
    return _Told("\n".join(lines), numbers, found[0].where)


def _most(numbers: Iterator[float | None]) -> float | None:
    return max((one for one in numbers if one is not None), default=None)


def _line(one: ValueDifference) -> str:
    words = f"{one.where or 'value'}: {one.old} → {one.new}"
    facts = _facts(one)
    return f"{words} ({', '.join(facts)})" if facts else words


def _facts(one: ValueDifference) -> list[str]:
    facts = []
    if one.count and one.size > 1:
        facts.append(f"{one.count:,} of {count(one.size, 'number')} differ")
    if one.largest is not None:
        facts.append(f"max |Δ| {one.largest:.6g}")
    if one.relative is not None:
        facts.append(f"relative {one.relative:.3g}")
    if one.nan:
        facts.append(f"{one.nan:,} missing in one only")
    if one.infinite:
        facts.append(f"{one.infinite:,} infinite")
    return facts


def _pictures_apart(old: Preview | None, new: Preview | None) -> list[str]:
    """Say in what two pictures differ that were made when the results were written."""
    if old is None or new is None:
        return []
    found = []
    for name in _PICTURED:
        one, other = (getattr(preview, name) for preview in (old, new))
        if one != other:
            found.append(f"{name}: {short(one)} → {short(other)}")
    if any(getattr(old, one) != getattr(new, one) for one in ("image", "plot", "thumb")):
        found.append("its picture is another one")
    parts = dict(old.items), dict(new.items)
    for name in dict.fromkeys((*parts[0], *parts[1])):
        both = parts[0].get(name), parts[1].get(name)
        if both[0] != both[1]:
            texts = ("nothing" if one is None else picture(one) for one in both)
            found.append(f"[{name}]: {next(texts)} → {next(texts)}")
    return found[:_TOLD]
