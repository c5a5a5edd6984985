"""The rows of the Steps pane: what each stands for, and what it looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobtui.glyphs import ACCEPTED_GLYPH, VERDICT_GLYPHS
from jobtui.plain import age, duration, plain
from jobtui.views.reasons import progress, remark, summary
from jobtui.views.why import caret
from jobtui.widgets.columns import Column
from jobtui.widgets.table import Painted
from jobtui_core.records import ProjectStatus, ScriptStatus, StepStatus, Verdict

__all__ = ["COLUMNS", "ProblemRow", "ScriptRow", "StepRow", "StepsRow", "columns_for", "rows_of"]

_STATE, _NAME, _WHY, _TIME = range(4)

COLUMNS: tuple[Column, ...] = (
    Column(title="state", width=9, least=9),
    Column(title="step", width=16, least=8),
    Column(title="why", width=30, least=8, grows=True, drop=2),
    Column(title="age", width=7, least=7, right=True, drop=1),
)
"""Columns of the table, for names of usual length."""

_LONGEST_NAME = 28


@dataclass(frozen=True, slots=True, eq=False)
class ScriptRow:
    """The head of a script's steps."""

    script: ScriptStatus
    group: int
    collapsed: bool = False
    pinned: bool = True

    @property
    def identity(self) -> str:
        """The script's path."""
        return self.script.path

    @property
    def searched(self) -> str:
        """The script's path."""
        return self.script.path

    def sort_key(self, column: int) -> Any:
        """Never used: the head stays where it is."""
        return column

    def paint(self, _now: float) -> Painted:
        """Draw the script's name and how its steps stand."""
        sign = "▸" if self.collapsed else "▾"
        style = "problem" if self.script.error is not None else "heading"
        text = f"{sign} {plain(self.script.path)}  {summary(self.script)}"
        return Painted(((text, style),))


@dataclass(frozen=True, slots=True, eq=False)
class ProblemRow:
    """A line that says why a script cannot be read."""

    script: ScriptStatus
    group: int
    number: int
    text: str
    pinned: bool = True

    @property
    def identity(self) -> str:
        """The script's path and the number of the line."""
        return f"{self.script.path}\0{self.number}"

    @property
    def searched(self) -> str:
        """The message."""
        return self.text

    def sort_key(self, column: int) -> Any:
        """Never used: the line stays where it is."""
        return column

    def paint(self, _now: float) -> Painted:
        """Draw the line."""
        return Painted(((self.text, "problem"),))


@dataclass(frozen=True, slots=True, eq=False)
class StepRow:
    """A step."""

    script: ScriptStatus
    step: StepStatus
    group: int
    place: int
    """Its place among the steps of its script."""
    pinned: bool = False

    @property
    def identity(self) -> str:
        """Script and function: names may repeat."""
        return f"{self.script.path}\0{self.step.function}"

    @property
    def searched(self) -> str:
        """Everything that stands in the row."""
        step = self.step
        return f"{step.name} {step.verdict.value} {remark(step)}"

    def sort_key(self, column: int) -> Any:
        """Give the value of a column."""
        step = self.step
        if column == _STATE:
            return (step.verdict.rank, self.place)
        if column == _NAME:
            return step.name.casefold()
        if column == _WHY:
            return remark(step).casefold()
        # The newest first, what never ran last.
        return -(step.last_time if step.last_time is not None else float("-inf"))

    def paint(self, now: float) -> Painted:
        """Draw sign and word, name, reason and age; for a running step the time it is at it."""
        step = self.step
        word = step.verdict.value
        sign = ACCEPTED_GLYPH if step.accepted else VERDICT_GLYPHS[step.verdict]
        if step.verdict is Verdict.RUNNING:
            said, when = progress(step, now), _elapsed(step, now)
        else:
            said = remark(step)
            when = "" if step.last_time is None else age(now - step.last_time)
        dim = "unused" if step.verdict is Verdict.UNUSED else ""
        name = plain(step.name) if step.kind == "step" else f"{plain(step.name)}()"
        return Painted(
            (
                (f"{sign} {word}", word),
                (name, dim),
                (said, "running" if step.verdict is Verdict.RUNNING else dim or "dim"),
                (when, "dim"),
            )
        )


StepsRow = ScriptRow | ProblemRow | StepRow
"""Any row of the table."""


def _elapsed(step: StepStatus, now: float) -> str:
    """Give the time that is left where the last time tells, else nothing."""
    if step.duration is None or step.started is None:
        return ""
    left = step.duration - (now - step.started)
    return f"~{duration(left)}" if left > 0 else "any s."


def rows_of(status: ProjectStatus, collapsed: Sequence[str] = ()) -> list[StepsRow]:
    """Give the rows for a state of the project; ``collapsed`` holds paths of scripts."""
    rows: list[StepsRow] = []
    for group, script in enumerate(status.scripts):
        rows.append(ScriptRow(script, group, script.path in collapsed))
        if script.error is not None:
            rows += _problem(script, group)
        rows += [StepRow(script, step, group, place) for place, step in enumerate(script.steps)]
    return rows


def _problem(script: ScriptStatus, group: int) -> list[StepsRow]:
    problem = script.error
    assert problem is not None
    where = f"line {problem.line}: " if problem.line is not None else ""
    if problem.path and problem.path != script.path:
        where = f"{plain(problem.path)}, {where}"
    source, mark = caret(problem)
    texts = [f"  ✗ {where}{plain(problem.message)}"]
    if source:
        texts += [f"      {source}", f"      {mark}"]
    return [ProblemRow(script, group, number, text) for number, text in enumerate(texts)]


def columns_for(status: ProjectStatus) -> tuple[Column, ...]:
    """Give the columns with room for the names there are, within reason."""
    longest = max((len(step.name) for step in status.steps), default=8) + 2
    state, _name, why, when = COLUMNS
    name = Column(title="step", width=min(max(longest, 8), _LONGEST_NAME), least=8)
    return (state, name, why, when)
