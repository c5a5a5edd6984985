"""The state of the screen of Runs, and what all of its parts use."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.widget import Widget

from jobtui.commands.context import Chosen, Context, Mode, PaneName
from jobtui.plain import plain
from jobtui.screens.command_lines import runs_command
from jobtui.screens.place import Place
from jobtui.services.runs import History, RunQuery
from jobtui.services.service import ProjectService
from jobtui.widgets.record import Record
from jobtui.widgets.runs import Runs
from jobtui.widgets.title import Title
from jobtui_core.records import RunInfo

if TYPE_CHECKING:
    from jobtui.views.failure import Failure

__all__ = ["RunsBase"]


class RunsBase(Place):
    """What the screen of Runs knows, and the lines around its panes.

    Parameters
    ----------
    service : ProjectService
    clock : callable
        Gives the time, in seconds since the epoch.
    filter : str
        The filter to begin with.
    """

    MODE: ClassVar[Mode] = "runs"
    PANES: ClassVar[tuple[PaneName, ...]] = ("runs", "record")

    def __init__(
        self,
        service: ProjectService,
        clock: Callable[[], float],
        *,
        filter: str = "",  # noqa: A002  # the word of the screen
    ) -> None:
        super().__init__()
        self.service = service
        self.history_service = service.history
        self.now = clock
        self.runs = Runs(clock, widget_id="runs")
        self.record = Record(clock, widget_id="record")
        self.query_asked = RunQuery(filter=filter)
        self.history: History | None = None
        self.failure: Failure | None = None
        """Why the runs could not be read."""
        self.selection_rests = True
        self._kin: dict[str, list[RunInfo]] = {}
        """Runs by their script, the oldest first; made when it is asked for."""
        self._kin_in: History | None = None

    # --- what is selected -----------------------------------------------------------------

    def chosen(self) -> Sequence[RunInfo]:
        """Give the runs that deleting concerns: the marked ones, or the one under the cursor."""
        if self.runs.marked:
            return tuple(self.runs.marked.values())
        run = self.runs.item
        return () if run is None else (run,)

    def to_compare(self) -> Sequence[RunInfo]:
        """Give the runs to compare, the older first: what is new in the later ones is shown.

        Those that are marked, or the one under the cursor with the one of its script before it.
        """
        marked = self.runs.marked
        if len(marked) >= 2:
            return sorted(marked.values(), key=lambda run: run.order)
        run = next(iter(marked.values())) if marked else self.runs.item
        if run is None:
            return ()
        other = self.runs.item if marked else self.neighbour(run, 1)
        if other is None or other.id == run.id:
            other = self.neighbour(run, 1)
        return () if other is None else sorted((run, other), key=lambda one: one.order)

    def neighbour(self, run: RunInfo, step: int) -> RunInfo | None:
        """Give the run of the same script before a run (1), or the one after it (-1)."""
        if self._kin_in is not self.history:
            self._kin_in, self._kin = self.history, {}
            for one in sorted(self.runs.listed, key=lambda one: one.order):
                self._kin.setdefault(one.script, []).append(one)
        same = self._kin.get(run.script, [])
        place = bisect_left(same, run.order, key=lambda one: one.order) - step
        if not 0 <= place < len(same) or same[place].id == run.id:
            return None
        return same[place]

    @property
    def context(self) -> Context:
        """What decides which commands make sense now."""
        run = self.runs.item
        needles: dict[PaneName, str] = {
            "runs": self.query_asked.filter,
            "record": self.record.view.needle,
        }
        return Context(
            run=run if run is not None and run.state.active else None,
            pane=self._pane,
            ready=self.history is not None,
            can_suspend=self.jobtui.can_suspend,
            searching=bool(needles[self._pane]),
            chosen=Chosen(
                run=run,
                number=len(self.chosen()),
                compared=len(self.to_compare()),
                older=run is not None and self.neighbour(run, 1) is not None,
                newer=run is not None and self.neighbour(run, -1) is not None,
                log=self.record.tab == "log",
            ),
        )

    # --- panes ----------------------------------------------------------------------------

    def pane_widgets(self) -> dict[PaneName, Widget]:
        """Give the panes by their names."""
        return {"runs": self.runs, "record": self.record}

    def focus_target(self, name: PaneName) -> Widget:
        """Give the widget in a pane that takes the focus."""
        return self.runs if name == "runs" else self.record.view

    # --- the title ------------------------------------------------------------------------

    def retitle(self) -> None:
        """Write the title, what the panes hold and what they search for."""
        title = self.query_one(Title)
        text = self.query_asked.filter
        title.command = plain(runs_command(text))
        title.facts = tuple(fact for fact in self._facts() if fact)
        view = self.record.view
        place, total = view.match_place
        self._searches["runs"] = f"filter: {plain(text)}" if text else ""
        self._searches["record"] = (
            f"{plain(view.needle)!r} {place} of {total}" if view.needle else ""
        )
        words = ["Runs"]
        history = self.history
        if history is not None:
            number = len(history.rows)
            of = f" of {history.total:,}" if number != history.total else ""
            words.append(f"{number:,}{of}")
        if self.runs.marked:
            words.append(f"{len(self.runs.marked):,} marked")
        self._pane_titles["runs"] = "  ".join(words)
        run = self.record.run
        name = f"Run  {plain(run.id)}" if run is not None else "Run"
        following = self.record.tab == "log" and self.record.at_end
        self._pane_titles["record"] = f"{name}  following" if following else name
        for name in self.pane_widgets():
            self._write_title(name)

    def _facts(self) -> list[str]:
        history = self.history
        if self.failure is not None:
            return ["not read"]
        if history is None:
            return ["reading …"]
        saved = sum(run.time_saved for run in history.rows)
        from jobtui.plain import duration

        return [
            f"saved {duration(saved)}" if saved else "",
            f"{history.total:,} run{'' if history.total == 1 else 's'}",
            f"active {len(history.active)}" if history.active else "",
        ]
