"""The Steps pane: every step of every script, with its verdict and the reason in the row."""

from __future__ import annotations

from collections.abc import Callable

from jobtui.widgets.step_rows import (
    COLUMNS,
    ProblemRow,
    ScriptRow,
    StepRow,
    StepsRow,
    columns_for,
    rows_of,
)
from jobtui.widgets.table import Painted, Table
from jobtui_core.records import ProjectStatus, ScriptStatus, StepStatus

__all__ = ["Steps"]


class Steps(Table[StepsRow]):
    """A table of scripts and their steps.

    Parameters
    ----------
    clock : callable
        Gives the time, in seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float], *, widget_id: str | None = None) -> None:
        super().__init__(COLUMNS, self._paint_row, widget_id=widget_id)
        self._clock = clock
        self._status = ProjectStatus(root="")
        self._folded: set[str] = set()

    def _paint_row(self, row: StepsRow) -> Painted:
        return row.paint(self._clock())

    def show(self, status: ProjectStatus) -> None:
        """Show a state of the project."""
        self._status = status
        self.set_columns(columns_for(status))
        self._refill()

    def _refill(self) -> None:
        paths = [script.path for script in self._status.scripts]
        self.collapsed = {group for group, path in enumerate(paths) if path in self._folded}
        self.set_rows(rows_of(self._status, tuple(self._folded)))

    @property
    def step(self) -> StepStatus | None:
        """The step under the cursor."""
        return self.row.step if isinstance(self.row, StepRow) else None

    @property
    def script(self) -> ScriptStatus | None:
        """The script that the cursor is in."""
        return self.row.script if self.row is not None else None

    @property
    def on_problem(self) -> bool:
        """Whether the cursor is on a script that cannot be read."""
        return isinstance(self.row, ProblemRow | ScriptRow) and self.row.script.error is not None

    def collapse(self, group: int, collapsed: bool) -> bool:
        """Fold or unfold a script; its row says which."""
        script = self._status.scripts[group]
        if (script.path in self._folded) == collapsed:
            return False
        (self._folded.add if collapsed else self._folded.discard)(script.path)
        if collapsed:
            self.go_to(script.path)
        self._refill()
        return True

    def sort_next(self) -> None:
        """Sort by the next column; after the last, as in the source."""
        column = 0 if self.sort is None else self.sort + 1
        self.sort_by(column if column < len(COLUMNS) else None)

    def sort_reverse(self) -> None:
        """Turn the order around."""
        self.sort_by(0 if self.sort is None else self.sort, not self.reverse)
