"""Dropping steps from a plan: which can be, what then rests on old results, and on which ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jobtui_core.project.evidence.gathered import MALFORMED
from jobtui_core.project.explain import answers_to
from jobtui_core.project.judging.reasons import nearest
from jobtui_core.project.reader import reader_of
from jobtui_core.records import Plan, PlanAction, PlanRow, StepStatus
from jobtui_core.stores import quote

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Record
    from jobtui_core.project.evidence.gathered import Evidence
    from jobtui_core.project.folder import Project
    from jobtui_core.slices import Analysis, CallSite

__all__ = ["Drops", "written_plan"]

_MOST_CALLS = 1_000
"""Calls of one call site whose latest results are named; those after them get the newest one."""

_MOST_ROWS = 20_000
"""Steps of one script whose plan is kept with a run."""


class Drops:
    """The steps that are to be dropped, while a plan is made.

    Parameters
    ----------
    project : Project
    names : sequence of str
        Names or identities of steps.
    """

    def __init__(self, project: Project, names: Sequence[str]) -> None:
        self.project = project
        self.names = names
        self.refused: list[str] = []
        self._kept: list[str] = []
        self._on_old: dict[str, dict[str, None]] = {}
        """For a function, the dropped steps whose old results go into what it gives."""

    def rows(
        self, steps: Sequence[StepStatus], rows: Sequence[PlanRow], analysis: Analysis | None
    ) -> list[PlanRow]:
        """Give the rows of a script as they are with what is dropped in it, and was before.

        Parameters
        ----------
        steps, rows : sequences of the same length
        analysis : Analysis, optional
            Of the script, where there is anything to drop.
        """
        if not self.names:
            return list(rows)
        found = [self._drop(step, row, analysis) for step, row in zip(steps, rows, strict=True)]
        dropped = [row for row in found if row.action is PlanAction.DROP]
        inner: dict[str, dict[str, None]] = {}
        for row in dropped:
            self._on_old[row.function] = {row.step: None}
            for caller in _callers(analysis, row.function):
                inner.setdefault(caller, {})[row.step] = None
        return [
            self._mark(step, row, inner.get(row.function, {}))
            for step, row in zip(steps, found, strict=True)
        ]

    def _drop(self, step: StepStatus, row: PlanRow, analysis: Analysis | None) -> PlanRow:
        if not any(answers_to(step, name) for name in self.names):
            return row
        if row.action is PlanAction.KEEP:
            self._kept.append(row.step)
            return row
        if not self._is_stored(row.function):
            self.refused.append(f"{row.step} cannot be dropped: no result of it is stored")
            return row
        with reader_of(self.project) as reader:
            latest = _latest_calls(reader.evidence, analysis, row.function)
        return replace(row, action=PlanAction.DROP, latest=latest)

    def _mark(self, step: StepStatus, row: PlanRow, inner: Mapping[str, None]) -> PlanRow:
        """Say which old results a row rests on; rows come after those that they take from."""
        if row.action in (PlanAction.DROP, PlanAction.KEEP):
            return row
        names: dict[str, None] = {}
        for taken in step.takes:
            names |= self._on_old.get(taken, {})
        names |= inner
        if names:
            self._on_old[step.function] = names
        return replace(row, on_old=tuple(names))

    def _is_stored(self, function: str) -> bool:
        """Tell whether there is any result of a function, whatever code it is from."""
        with reader_of(self.project) as reader:
            places = dict.fromkeys((reader.evidence.place_of(function), None))
            try:
                return any(
                    item.name.endswith(".entry")
                    for place in places
                    for item in reader.evidence.store_at(place).list(f"{quote(function)}/")
                )
            except MALFORMED:
                return False

    def notes(self, steps: Sequence[StepStatus]) -> list[str]:
        """Say what else is to be said of what was to be dropped."""
        found = [f"{name} is fresh: there is nothing to drop" for name in dict.fromkeys(self._kept)]
        found += [
            f"{name} is not called: there is nothing to drop"
            for name in self.names
            if not any(answers_to(step, name) for step in steps)
        ]
        return found


def _callers(analysis: Analysis | None, function: str) -> list[str]:
    """Give the functions in whose bodies a function is called, at whatever depth."""
    callers = {one.identity: one.called_in for one in analysis.functions} if analysis else {}
    found: dict[str, None] = {}
    pending = list(callers.get(function, ()))
    while pending:
        caller = pending.pop()
        if caller not in found and caller != function:
            found[caller] = None
            pending += callers.get(caller, ())
    return list(found)


def written_plan(plan: Plan, script: str) -> list[dict[str, Any]]:
    """Give the rows of a script as they are kept with its run."""
    rows = [row for row in plan.rows if row.script == script]
    if len(rows) > _MOST_ROWS:
        return []
    found: list[dict[str, Any]] = []
    for row in rows:
        told: dict[str, Any] = {
            "step": row.step,
            "function": row.function,
            "action": row.action.value,
            "duration": row.duration,
        }
        if row.on_old:
            told["on_old"] = list(row.on_old)
        if row.latest:
            told["calls"] = {str(site): list(keys) for site, keys in row.latest}
        found.append(told)
    return found


def _latest_calls(
    evidence: Evidence, analysis: Analysis | None, function: str
) -> tuple[tuple[int, tuple[str | None, ...]], ...]:
    """Give the keys that the newest recorded calls of a function had, by call site."""
    records = [one for one in evidence.records(function) if one.calls]
    sites = analysis.sites if analysis is not None else ()
    return tuple(
        (site.index, newest.keys[:_MOST_CALLS])
        for site in sites
        if site.function == function and (newest := _newest(site, records)) is not None
    )


def _newest(site: CallSite, records: Sequence[Record]) -> Record | None:
    """Give the newest record of the call site that one of today's was; records come newest first.

    An edit may have moved it: then it is the one that was most like it.
    """
    near = nearest(site, records)
    if near is None:
        return None
    return next(one for one in records if one.site.chain == near.site.chain)
