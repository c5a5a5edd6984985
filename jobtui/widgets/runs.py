"""The Runs pane: what ran in the project, a row for each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jobtui.glyphs import RUN_GLYPHS, STAR
from jobtui.plain import age, duration, plain, short
from jobtui.services.runs import took
from jobtui.views.run import STATE_INKS
from jobtui.widgets.columns import Column
from jobtui.widgets.ordered import Given, Order, Ordered
from jobtui.widgets.table import Painted
from jobtui_core.records import RunInfo
from jobtui_core.tracing.redacted import redacted_value, redacted_words

__all__ = ["Runs", "parameter_words"]

_COLUMNS: tuple[Column, ...] = (
    Column(title="", width=1, least=1),
    Column(title=STAR, width=1, least=1, drop=3),
    Column(title="state", width=11, least=11),
    Column(title="age", width=7, least=7, right=True),
    Column(title="script", width=14, least=9),
    Column(title="parameters", width=20, least=12, grows=True),
    Column(title="took", width=7, least=7, right=True, drop=1),
    Column(title="hits", width=7, least=7, right=True, drop=4),
    Column(title="saved", width=7, least=7, right=True, drop=5),
    Column(title="note", width=28, least=10, drop=2),
)
_SCRIPT = 4

_ORDERS: tuple[Order | None, ...] = (
    None,
    Order("starred", descends=True),
    Order("state"),
    Order("started", descends=True, turned=True),
    Order("script"),
    Order("parameters"),
    Order("took", descends=True),
    Order("hits", descends=True),
    Order("saved", descends=True),
    Order("note"),
)

_LONGEST = 400
"""Characters of a cell that are made ready for the screen; none is wider."""


class Runs(Ordered[RunInfo]):
    """Runs in the order in which they are given.

    Parameters
    ----------
    clock : callable
        Gives the time, in seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float], *, widget_id: str | None = None) -> None:
        super().__init__(
            _COLUMNS, _ORDERS, lambda run: run.id, self._paint_row, widget_id=widget_id
        )
        self._clock = clock

    def show(self, runs: Sequence[RunInfo]) -> None:
        """Show runs, in this order."""
        longest = max((len(run.script) for run in runs[:200]), default=0)
        columns = list(_COLUMNS)
        columns[_SCRIPT] = columns[_SCRIPT]._replace(width=max(9, min(longest, 24)))
        if tuple(columns) != self._columns:
            self.set_columns(columns)
        if self.marked:
            # As they are now, and none that is gone.
            self.marked = {run.id: run for run in runs if run.id in self.marked}
        self.set_items(runs)

    def _paint_row(self, row: Given[RunInfo]) -> Painted:
        run, now = row.item, self._clock()
        began = None if run.started is None else max(now - run.started, 0.0)
        calls = run.hits + run.computed + run.failed + run.old
        return Painted(
            (
                ("●" if run.id in self.marked else " ", "accent"),
                (STAR if run.starred else " ", "warn"),
                (f"{RUN_GLYPHS[run.state]} {run.state.value}", STATE_INKS[run.state]),
                (age(began), "dim"),
                (plain(run.script), ""),
                (parameter_words(run), ""),
                (duration(took(run, now)), "dim"),
                (f"{run.hits}/{calls}" if calls else "", "dim"),
                (duration(run.time_saved) if run.time_saved else "", "dim"),
                (_beside(run), "dim"),
            )
        )


def parameter_words(run: RunInfo) -> str:
    """Give the parameters that differ from the defaults, then the words, as they are shown."""
    given: Mapping[str, Any] = run.differing or run.parameters
    words = [f"{name}={_text(redacted_value(name, value))}" for name, value in given.items()]
    words += redacted_words(run.argv)
    return plain(short(" ".join(words), _LONGEST))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _beside(run: RunInfo) -> str:
    words = " ".join(f"#{tag}" for tag in run.tags)
    return plain(short(" ".join(filter(None, (run.note.partition("\n")[0], words))), _LONGEST))
