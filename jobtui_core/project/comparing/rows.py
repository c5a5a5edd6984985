"""The calls of all runs side by side: a row for each call of the first one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jobtui_core.project.comparing.entries import Entries
from jobtui_core.project.comparing.matching import match_calls
from jobtui_core.project.comparing.work import Work

if TYPE_CHECKING:
    from jobtui_core.tracing.traces import CallRecord

__all__ = ["Lonely", "Row", "Rows", "rows_of"]

_ARGUMENTS = 60
"""Characters of the arguments that tell a call from others of its step."""

_TOLD_APART = 300
"""Calls of a step that are named by their arguments; the rest by their numbers."""

_NAMED = 3
"""Calls without a counterpart that are named one by one."""


@dataclass(slots=True)
class Row:
    """A call of the first run and its counterparts."""

    label: str
    calls: list[CallRecord | None]
    """For each run; ``None`` where there is no counterpart."""

    @property
    def first(self) -> CallRecord:
        """The call of the first run."""
        call = self.calls[0]
        assert call is not None
        return call


@dataclass(slots=True)
class Lonely:
    """Calls without a counterpart: one, or many of a step."""

    label: str
    calls: list[CallRecord]
    run: int
    """The run that made them."""
    other: int
    """The run that did not, or that is held against the first which did not."""


@dataclass(slots=True)
class Rows:
    """All rows, and what else the comparisons of results and logs share."""

    entries: Entries
    rows: list[Row] = field(default_factory=list)
    lonely: list[Lonely] = field(default_factory=list)


def rows_of(work: Work) -> Rows:
    """Match the calls of all runs with those of the first."""
    work.look("matching calls")
    found = Rows(Entries(work.stores))
    calls = [work.calls(side) for side in work.sides]
    by_call = {id(call): Row("", [call, *[None] * (len(calls) - 1)]) for call in calls[0]}
    found.rows = list(by_call.values())
    labels = _Labels(found.entries)
    for number in range(1, len(calls)):
        matched = match_calls(calls[0], calls[number], found.entries.arguments)
        for call, other in matched.pairs:
            by_call[id(call)].calls[number] = other
        found.lonely += _lonely(matched.only_old, calls[0], labels, (0, number))
        found.lonely += _lonely(matched.only_new, calls[number], labels, (number, number))
    for row in found.rows:
        row.label = labels.of(row.first, calls[0])
    for number, side in enumerate(work.sides):
        for one in side.trace.counted:
            if work.step in (None, one.function, one.function.rpartition(":")[2]):
                name, many = one.function.rpartition(":")[2], one.hits + one.computed
                words = f"{many} calls of {name} in {work.name(number)} were only counted"
                work.found.cannot(words)
    return found


def _lonely(
    lonely: Sequence[CallRecord],
    among: Sequence[CallRecord],
    labels: _Labels,
    runs: tuple[int, int],
) -> list[Lonely]:
    by_name: dict[str, list[CallRecord]] = {}
    for call in lonely:
        by_name.setdefault(call.name, []).append(call)
    found = []
    for name, calls in by_name.items():
        if len(calls) > _NAMED:
            found.append(Lonely(name, calls, *runs))
        else:
            found += [Lonely(labels.of(call, among), [call], *runs) for call in calls]
    return found


class _Labels:
    """Names calls: by their steps, and where a step was called repeatedly by their arguments."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._known: dict[int, dict[str, _Calls]] = {}

    def of(self, call: CallRecord, among: Sequence[CallRecord]) -> str:
        """Name a call among those of its run."""
        by_name = self._known.get(id(among))
        if by_name is None:
            by_name = self._known[id(among)] = {}
            for one in among:
                by_name.setdefault(one.name, _Calls(self._entries)).calls.append(one)
        return by_name[call.name].label(call)


class _Calls:
    """The calls of one step in one run."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self.calls: list[CallRecord] = []
        self._numbers: dict[int, int] = {}
        self._texts: list[dict[str, str]] | None = None
        self._telling: list[str] = []

    def label(self, call: CallRecord) -> str:
        """Name one of them: by what tells it from the others."""
        if len(self.calls) < 2:
            return call.name
        if self._texts is None:
            known = [self._entries.info(one) if n < _TOLD_APART else None
                     for n, one in enumerate(self.calls)]  # fmt: skip
            facts = [info.arguments if info is not None else {} for info in known]
            names = dict.fromkeys(name for one in facts for name in one)
            self._telling = [
                name
                for name in names
                if len({one[name].get("digest") for one in facts if name in one}) > 1
            ]
            self._texts = [
                {name: fact.get("preview", "…") for name, fact in one.items()} for one in facts
            ]
            self._numbers = {id(one): n for n, one in enumerate(self.calls)}
        number = self._numbers[id(call)]
        texts = self._texts[number]
        words = ", ".join(f"{name}={texts[name]}" for name in self._telling if name in texts)
        if not words:
            return f"{call.name} (call {number + 1})"
        return f"{call.name}({words[:_ARGUMENTS]}{'…' * (len(words) > _ARGUMENTS)})"
