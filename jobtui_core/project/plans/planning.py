"""What running now would do: which steps run, which may, which are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import RunError
from jobtui_core.project.explain import answers_to, unknown_step
from jobtui_core.project.plans.dropping import Drops
from jobtui_core.project.reader import reader_of
from jobtui_core.project.verdicts import status
from jobtui_core.records import (
    Plan,
    PlanAction,
    PlanRow,
    ProjectStatus,
    ScriptStatus,
    StepStatus,
    Verdict,
)

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.slices import Analysis

__all__ = ["plan"]

_ACTIONS = {
    Verdict.FAILED: PlanAction.RUN,
    Verdict.RUNNING: PlanAction.RUN,
    Verdict.NEW: PlanAction.RUN,
    Verdict.STALE: PlanAction.RUN,
    Verdict.UNSURE: PlanAction.MAYBE,
    Verdict.FRESH: PlanAction.KEEP,
}

_STARTS = (PlanAction.RUN, PlanAction.MAYBE)


def plan(
    project: Project,
    scripts: Sequence[str] | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    argv: Sequence[str] | None = None,
    only: str | None = None,
    recompute: Sequence[str] = (),
    drop: Sequence[str] = (),
) -> Plan:
    """Tell what a run would do.  Runs nothing.

    Parameters
    ----------
    project, scripts, overrides, argv
        As for ``status``.
    only : str, optional
        Stop each script once this step is done; scripts that neither have it nor make a file
        that it needs are left out.
    recompute : sequence of str
        Steps to compute although they are fresh.
    drop : sequence of str
        Steps that would be computed, and whose latest stored results are to be taken instead.

    Returns
    -------
    Plan
        Rows in the order in which scripts would run and make their calls.  Those that cannot be
        dropped are as they would be, and ``refused`` says why.

    Raises
    ------
    UnknownNameError
        For a script, step or parameter that does not exist.
    RunError
        If a step is to be computed and to be dropped, or computed although ``only`` stops before.
    """
    found = status(project, scripts, overrides=overrides, argv=argv)
    named = () if scripts is None else [script.path for script in found.scripts]
    for name in (*recompute, *drop, *([only] if only else ())):
        if not any(answers_to(step, name) for step in found.steps):
            raise unknown_step(name, found.steps)
    _check_contradictions(found, recompute, drop)
    made = _Making(project, named, only, recompute, drop)
    for script in _scripts_for(found, only):
        made.add(script)
    made.check_reached()
    return made.plan()


def _check_contradictions(
    found: ProjectStatus, recompute: Sequence[str], drop: Sequence[str]
) -> None:
    for step in found.steps:
        wanted = [name for name in recompute if answers_to(step, name)]
        if wanted and any(answers_to(step, name) for name in drop):
            raise RunError(f"{wanted[0]} cannot both be computed again and be dropped.")


class _Making:
    """A plan while it is made, script by script."""

    def __init__(
        self,
        project: Project,
        named: Sequence[str],
        only: str | None,
        recompute: Sequence[str],
        drop: Sequence[str],
    ) -> None:
        self.project = project
        self.named = named
        self.only = only
        self.recompute = recompute
        self.drops = Drops(project, drop)
        self.rows: list[PlanRow] = []
        self.steps: list[StepStatus] = []
        """Those of the rows."""
        self.started: list[str] = []
        self.notes: list[str] = []
        self.changing: dict[str, str] = {}
        """Functions whose results may become others, with their names."""

    def add(self, script: ScriptStatus) -> None:
        steps = [step for step in script.steps if step.verdict is not Verdict.UNUSED]
        analysis = None
        if self.only is not None or self.drops.names:
            analysis = _analysis(self.project, script)
        if self.only is not None:
            steps = _until(analysis, steps, self.only)
        rows = self.drops.rows(steps, [self._row(step) for step in steps], analysis)
        self.rows += rows
        self.steps += steps
        if script.error is not None:
            self.notes.append(f"{script.path} cannot be read: {script.error.message}")
            # Whoever names it sees what Python says of it.
            starts = script.path in self.named
        elif not script.steps:
            starts = script.path in self.named
            if starts:
                self.notes.append(f"{script.path} has no steps: all of it runs")
        else:
            starts = any(row.action in _STARTS for row in rows)
            restores = dict.fromkeys(path for step in steps for path in step.restores)
            if restores and not starts:
                # Whoever asks for a run wants the files that it leaves behind.
                starts = True
                self.notes.append(f"{script.path} runs to put {_some(restores)} back")
        if starts:
            self.started.append(script.path)

    def _row(self, step: StepStatus) -> PlanRow:
        action = _ACTIONS[step.verdict]
        reason = step.reasons[0].summary if step.reasons else step.verdict.value
        upstream = [self.changing[taken] for taken in step.takes if taken in self.changing]
        if any(answers_to(step, name) for name in self.recompute):
            if action is not PlanAction.RUN:
                action, reason = PlanAction.RUN, "computed again as asked"
            self.changing[step.function] = step.name
        elif upstream:
            self.changing[step.function] = step.name
            if action is PlanAction.KEEP:
                action, reason = PlanAction.MAYBE, f"takes {upstream[0]}, which is computed again"
        return PlanRow(
            script=step.script,
            step=step.name,
            function=step.function,
            action=action,
            duration=step.duration,
            reason=reason,
        )

    def check_reached(self) -> None:
        """See that all that is to be computed again is computed at all."""
        for name in self.recompute:
            if any(answers_to(step, name) for step in self.steps):
                continue
            if self.only is not None:
                raise RunError(
                    f"{name} would not be computed again: a run that stops once {self.only} is "
                    "done does not reach it."
                )
            self.notes.append(f"{name} is not called: there is nothing to compute again")

    def plan(self) -> Plan:
        notes = [*self.notes, *self.drops.notes(self.steps)]
        if self.started:
            notes.append("code between the steps runs too")
            if self.only is not None:
                notes.append(f"stops once {self.only} is done")
        return Plan(
            rows=tuple(self.rows),
            scripts=tuple(self.started),
            notes=tuple(notes),
            refused=tuple(self.drops.refused),
        )


def _some(paths: Iterable[str]) -> str:
    first, *more = paths
    return f"{first} and {len(more)} more" if more else first


def _scripts_for(found: ProjectStatus, only: str | None) -> list[ScriptStatus]:
    """The scripts that have a step, and those that make files for them, in order."""
    if only is None:
        return list(found.scripts)
    wanted: list[ScriptStatus] = []
    needed: set[str] = set()
    for script in reversed(found.scripts):
        if any(answers_to(step, only) for step in script.steps) or needed & set(script.writes):
            wanted.append(script)
            needed |= set(script.reads)
    return wanted[::-1]


def _analysis(project: Project, script: ScriptStatus) -> Analysis | None:
    values = {one.name: one.value for one in script.parameters if one.value != one.default}
    with reader_of(project) as reader:
        return reader.analyses.of(script.path, values, script.argv).analysis


def _until(analysis: Analysis | None, steps: list[StepStatus], only: str) -> list[StepStatus]:
    """The steps with a call up to the statement that holds the last call of ``only``."""
    meant = {step.function for step in steps if answers_to(step, only)}
    sites = analysis.sites if analysis is not None else ()
    last = max((site.index for site in sites if site.function in meant), default=None)
    if last is None:
        return steps
    statement = sites[last].statement
    reached = {site.function for site in sites if site.index <= last or site.statement == statement}
    outside = {site.function for site in sites} - reached
    return [step for step in steps if step.function not in outside]
