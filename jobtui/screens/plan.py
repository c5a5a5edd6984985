"""What a run would do, before it does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from jobtui.glyphs import ACTION_GLYPHS, ACTION_WORDS
from jobtui.plain import count, duration, plain
from jobtui.widgets.columns import Column
from jobtui.widgets.table import Painted, Table
from jobtui_core.records import Plan, PlanAction, PlanRow

__all__ = ["PlanScreen", "plan_summary"]

_STYLES = {
    PlanAction.RUN: "stale",
    PlanAction.MAYBE: "unsure",
    PlanAction.KEEP: "fresh",
    PlanAction.DROP: "new",
}

_COLUMNS = (
    Column(title="what", width=12, least=12),
    Column(title="step", width=24, least=8),
    Column(title="why", width=30, least=8, grows=True, drop=1),
    Column(title="last time", width=9, least=9, right=True),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A step of the plan, or the head of a script (without one)."""

    group: int
    script: str
    row: PlanRow | None

    @property
    def pinned(self) -> bool:
        return self.row is None

    @property
    def identity(self) -> str:
        return f"{self.script}\0{self.row.function if self.row else ''}"

    @property
    def searched(self) -> str:
        return self.row.step if self.row else self.script

    def sort_key(self, column: int) -> Any:
        return column


def _rows(plan: Plan) -> list[_Row]:
    rows: list[_Row] = []
    # Scripts in the order in which they would run, then those that would not.
    rest = [row.script for row in plan.rows if row.script not in plan.scripts]
    for group, script in enumerate(dict.fromkeys((*plan.scripts, *rest))):
        rows.append(_Row(group, script, None))
        rows += [_Row(group, script, row) for row in plan.rows if row.script == script]
    return rows


def _paint(row: _Row) -> Painted:
    if row.row is None:
        return Painted(((f"▾ {plain(row.script)}", "heading"),))
    action = row.row.action
    return Painted(
        (
            (f"{ACTION_GLYPHS[action]} {ACTION_WORDS[action]}", _STYLES[action]),
            (plain(row.row.step), ""),
            (plain(row.row.reason), "dim"),
            (duration(row.row.duration) or "-", "dim"),
        )
    )


def plan_summary(plan: Plan) -> str:
    """Count what will run, may run and is kept, and say what that took last time."""
    parts = [
        f"{len(rows)} {word}"
        for rows, word in (
            (plan.will_run, "will run"),
            (plan.may_run, "may run"),
            (plan.kept, "kept"),
        )
        if rows
    ]
    unknown = sum(row.duration is None for row in (*plan.will_run, *plan.may_run))
    text = ", ".join(parts) or "nothing to do"
    if plan.duration:
        text += f"; about {duration(plan.duration)} going by the last time"
    if unknown:
        text += f"; {count(unknown, 'step')} never timed"
    return text


class PlanScreen(ModalScreen[bool]):
    """Shows a plan; gives whether to run it.

    Parameters
    ----------
    plan : Plan
    command : str
        The command line that does the same.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,p,ctrl+c", "leave", "Back", show=False),
    ]
    CSS_PATH = "plan.tcss"

    def __init__(self, plan: Plan, command: str) -> None:
        super().__init__()
        self._plan = plan
        self._command = command

    def compose(self) -> ComposeResult:
        """Put the rows between the command line and the sum."""
        box = Vertical(id="plan")
        box.border_title = Content(f"Plan   {plain(self._command)}")
        box.border_subtitle = "enter runs it   esc back" if self._can_run else "esc back"
        with box:
            yield Table[_Row](_COLUMNS, _paint, widget_id="plan-rows")
            for note in self._plan.notes:
                yield Static(Content(f"note: {plain(note)}"), classes="plan-note")
            yield Static(Content(plan_summary(self._plan)), id="plan-sum")

    @property
    def _can_run(self) -> bool:
        return bool(self._plan.will_run or self._plan.may_run)

    def on_mount(self) -> None:
        """Fill in the rows."""
        table = self.query_one(Table)
        table.placeholder = "There is nothing to run."
        table.set_rows(_rows(self._plan))

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Run it."""
        message.stop()
        if self._can_run:
            self.dismiss(True)

    def action_leave(self) -> None:
        """Go back without running anything."""
        self.dismiss(False)
