"""What a comparison works on, and where it puts what it finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.entry.describe import clean
from jobtui_core.labbook import Difference, DifferenceKind
from jobtui_core.plain import plain_lines

if TYPE_CHECKING:
    from jobtui_core.labbook import FigureInfo
    from jobtui_core.project.evidence.stores import Stores
    from jobtui_core.project.folder import Project
    from jobtui_core.project.judging.filefacts import FileFacts
    from jobtui_core.records import RunInfo
    from jobtui_core.tracing.traces import CallRecord, RunTrace

__all__ = ["Findings", "Side", "Stopped", "Work", "unlike"]

_VALUE = 200
"""Characters of a run's side of a difference."""


_MOST = 2_000
"""Differences of a kind that are listed; nobody reads through more."""


class Stopped(BaseException):
    """Whoever asked does not want to know any more.

    No ``Exception``: those are taken for what the code of compared values raises.
    """


@dataclass(frozen=True, slots=True)
class Side:
    """One of the runs."""

    info: RunInfo
    trace: RunTrace
    folder: Path


def unlike(states: Sequence[Hashable]) -> Iterator[int]:
    """Give the runs that differ from the first one: of each state the first that has it."""
    seen = {states[0]}
    for number, state in enumerate(states):
        if state not in seen:
            seen.add(state)
            yield number


class Findings:
    """Takes what was found, and makes it fit to be shown."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.same: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        self._not_compared: dict[str, None] = {}

    @property
    def not_compared(self) -> tuple[str, ...]:
        """What could not be compared, a sentence for each."""
        more = (
            f"{number - _MOST:,} more differences of kind {kind} are not listed"
            for kind, number in self._told.items()
            if number > _MOST
        )
        return (*self._not_compared, *more)

    def is_full(self, kind: DifferenceKind) -> bool:
        """Tell whether further differences of a kind are only counted."""
        return self._told[kind] >= _MOST

    def add(
        self,
        kind: DifferenceKind,
        subject: str,
        values: Sequence[str | None],
        *,
        run: int = 1,
        detail: str = "",
        numbers: Sequence[tuple[str, float]] = (),
        where: str = "",
        figures: Sequence[FigureInfo | None] = (),
    ) -> None:
        """Add a difference; texts come from records and results, and are cleaned here."""
        self._told[kind] += 1
        if self._told[kind] > _MOST:
            return
        self.differences.append(
            Difference(
                kind=kind,
                subject=clean(subject, _VALUE),
                values=tuple(None if one is None else clean(one, _VALUE) for one in values),
                run=run,
                detail="\n".join(plain_lines(detail)) if detail else "",
                numbers=tuple(numbers),
                where=clean(where, 2 * _VALUE),
                figures=tuple(figures),
            )
        )

    def equal(self, kind: DifferenceKind, count: int = 1) -> None:
        """Count things that were compared and are the same."""
        if count:
            self.same[kind] += count

    def cannot(self, words: str) -> None:
        """Say what could not be compared; said once however often it is found."""
        self._not_compared[clean(words, 3 * _VALUE)] = None


@dataclass(slots=True)
class Work:
    """The runs, and all that is asked while they are compared."""

    project: Project
    sides: tuple[Side, ...]
    stores: Stores
    files: FileFacts
    step: str | None = None
    """The only step that is looked at: its name or identity."""
    told: Callable[[str], None] | None = None
    stopped: Callable[[], bool] | None = None
    found: Findings = field(default_factory=Findings)

    def look(self, words: str = "") -> None:
        """Say what is done now, and stop if that is wanted.

        Raises
        ------
        Stopped
            Then.
        """
        if self.stopped is not None and self.stopped():
            raise Stopped
        if words and self.told is not None:
            self.told(words)

    def calls(self, side: Side) -> list[CallRecord]:
        """Give the calls of a run that are looked at."""
        if self.step is None:
            return list(side.trace.calls)
        return [call for call in side.trace.calls if self.step in (call.name, call.function)]

    def name(self, number: int) -> str:
        """Name a run for a sentence."""
        return self.sides[number].info.id
