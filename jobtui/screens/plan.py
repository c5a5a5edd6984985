"""What a run would do, before it does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from jobtui.glyphs import ACTION_GLYPHS, ACTION_WORDS
from jobtui.plain import duration, plain
from jobtui.screens.command_lines import shown_command
from jobtui.views.plans import on_old, plan_sentence
from jobtui.widgets.columns import Column
from jobtui.widgets.table import Painted, Table
from jobtui_core.records import Plan, PlanAction, PlanRow, RunRequest

__all__ = ["PlanScreen", "to_start"]

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


def _columns(plan: Plan) -> tuple[Column, ...]:
    """Give the columns with no more room for the names than they need: the reasons want it."""
    what, name, *rest = _COLUMNS
    longest = max((len(plain(row.step)) for row in plan.rows), default=name.least)
    return (what, name._replace(width=min(max(longest, name.least), name.width)), *rest)


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
            ("; ".join(filter(None, (on_old(row.row.on_old), plain(row.row.reason)))), "dim"),
            (duration(row.row.duration) or "-", "dim"),
        )
    )


def to_start(request: RunRequest, plan: Plan) -> RunRequest:
    """Give the request that does what a plan says; without scripts it stands for all of them."""
    return replace(request, scripts=request.scripts or plan.scripts, planned=plan)


class PlanScreen(ModalScreen[RunRequest | None]):
    """Shows a plan, from which rows may be dropped; gives what to run, or nothing.

    Parameters
    ----------
    plan : Plan
    request : RunRequest
        What it is the plan of; without scripts: of all that is not fresh.
    again : callable
        Asks for the plan of another request; `show` takes the answer.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,p,ctrl+c", "leave", "Back", show=False),
        Binding("space", "drop", "Drop", show=False),
    ]
    CSS_PATH = "plan.tcss"

    def __init__(
        self, plan: Plan, request: RunRequest, again: Callable[[RunRequest], None]
    ) -> None:
        super().__init__()
        self._plan = plan
        self._request = request
        self._again = again

    def compose(self) -> ComposeResult:
        """Put the rows between the command line and the sum."""
        with Vertical(id="plan"):
            yield Table[_Row](_COLUMNS, _paint, widget_id="plan-rows")
            yield Static(id="plan-notes")
            yield Static(id="plan-sum")

    @property
    def _can_run(self) -> bool:
        return bool(self._plan.will_run or self._plan.may_run)

    def on_mount(self) -> None:
        """Fill in the rows."""
        self.query_one(Table).placeholder = "There is nothing to run."
        self._fill()

    def show(self, plan: Plan, request: RunRequest) -> None:
        """Show the plan of another request."""
        for text in plan.refused:
            self.notify(plain(text), severity="warning", markup=False)
        if plan.refused:
            # It stands as it was: nobody wants to run what they meant to leave out.
            return
        self._plan, self._request = plan, request
        self._fill()

    def _fill(self) -> None:
        plan = self._plan
        box = self.query_one("#plan")
        asks_for_all = not self._request.scripts and self._request == RunRequest(scripts=())
        command = shown_command(None if asks_for_all else self._request)
        box.border_title = Content(f"Plan   {plain(command)}")
        keys = ["enter runs it"] if self._can_run else []
        keys += ["space drops a row"] if self._can_run or plan.dropped else []
        box.border_subtitle = "   ".join([*keys, "esc back"])
        table = self.query_one(Table)
        table.set_columns(_columns(plan))
        table.set_rows(_rows(plan))
        notes = self.query_one("#plan-notes", Static)
        notes.update(Content("\n".join(f"note: {plain(note)}" for note in plan.notes)))
        notes.display = bool(plan.notes)
        self.query_one("#plan-sum", Static).update(Content(plan_sentence(plan)))

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Run it."""
        message.stop()
        if self._can_run:
            self.dismiss(to_start(self._request, self._plan))

    def action_drop(self) -> None:
        """Drop the row under the cursor, or take that back."""
        chosen = self.query_one(Table).row
        row = chosen.row if isinstance(chosen, _Row) else None
        if row is None:
            return
        if row.action is PlanAction.KEEP:
            self.notify(f"{plain(row.step)} is kept as it is", markup=False)
            return
        names = (row.function, row.step)
        drop = tuple(name for name in self._request.drop if name not in names)
        if row.action is not PlanAction.DROP:
            drop = (*drop, self._named(row))
        self._again(replace(self._request, drop=drop))

    def _named(self, row: PlanRow) -> str:
        """Name a step as people do, unless that names another one too."""
        named = {one.function for one in self._plan.rows if one.step == row.step}
        return row.step if len(named) == 1 else row.function

    def action_leave(self) -> None:
        """Go back without running anything."""
        self.dismiss(None)
