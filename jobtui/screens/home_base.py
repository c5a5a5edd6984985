"""The state of the home screen, and what all of its parts use."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.timer import Timer
from textual.widget import Widget

from jobtui.commands.context import Context, Mode, PaneName
from jobtui.plain import plain
from jobtui.screens.place import Place
from jobtui.screens.questions import Questions
from jobtui.services.service import ProjectService
from jobtui.services.watching import Watcher
from jobtui.widgets.detail import Detail
from jobtui.widgets.log import Log
from jobtui.widgets.steps import Steps
from jobtui.widgets.text_view import TextView
from jobtui.widgets.title import Title
from jobtui_core.records import ProjectStatus, RunInfo, RunRequest, RunState

__all__ = ["HomeBase"]


class HomeBase(Place):
    """What is on the screen, and which commands make sense."""

    MODE: ClassVar[Mode] = "steps"
    PANES: ClassVar[tuple[PaneName, ...]] = ("steps", "detail", "log")

    def __init__(
        self,
        service: ProjectService,
        watcher: Watcher,
        clock: Callable[[], float],
        *,
        tip: str | None = None,
        start: RunRequest | None = None,
    ) -> None:
        super().__init__()
        self.service = service
        self.watcher = watcher
        self.now = clock
        self.ask = Questions(self, service)
        self.steps = Steps(clock, widget_id="steps")
        self.detail = Detail(clock, widget_id="detail")
        self.log_pane = Log(widget_id="log")
        self.status: ProjectStatus | None = None
        self.ready = False
        self.active: tuple[RunInfo, ...] = ()
        self.follows = True
        self.selection_rests = True
        self._tip = tip
        self._start = start
        self._second: PaneName = "detail"
        self._ticking: Timer | None = None

    # --- commands -------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        """What decides which commands make sense now."""
        step, script = self.steps.step, self.steps.script
        own = [run for run in self.active if script is not None and run.script == script.path]
        if step is not None:
            own = [run for run in own if run.id == step.last_run] or own
        run = own[-1] if own else self.active[0] if len(self.active) == 1 else None
        view = self.text_view()
        needle = self.steps.needle if view is None else view.needle
        return Context(
            step=step,
            script=script,
            active=self.active,
            run=run,
            pane=self._pane,
            ready=self.ready,
            can_suspend=self.jobtui.can_suspend,
            searching=bool(needle),
        )

    def show_first_screen(self, *, wanted: bool) -> None:
        """Say what to do where there is no script yet; go away once there is one."""
        raise NotImplementedError

    def text_view(self) -> TextView | None:
        """Give the text that has the focus; ``None`` while the steps have it."""
        if self._pane == "steps":
            return None
        return self.detail.view if self._pane == "detail" else self.log_pane.view

    def pane_widgets(self) -> dict[PaneName, Widget]:
        """Give the panes by their names."""
        return {"steps": self.steps, "detail": self.detail, "log": self.log_pane}

    # --- the title ------------------------------------------------------------------------

    def retitle(self) -> None:
        """Write the title and what the panes search for."""
        waiting = sum(run.state is RunState.QUEUED for run in self.active)
        running = len(self.active) - waiting
        facts = [self.service.store, self.watcher.mode if self.watcher.mode != "off" else ""]
        if running:
            facts.append(f"running {running}")
        if waiting:
            facts.append(f"waiting {waiting}")
        if not self.ready:
            facts.append("checking …")
        title = self.query_one(Title)
        title.facts = tuple(plain(fact) for fact in facts)
        needle = plain(self.steps.needle)
        self._searches["steps"] = f"filter: {needle}" if needle else ""
        views: dict[PaneName, TextView] = {"detail": self.detail.view, "log": self.log_pane.view}
        for name, view in views.items():
            place, total = view.match_place
            found = f"{plain(view.needle)!r} {place} of {total}" if view.needle else ""
            self._searches[name] = found
        for name in self._pane_titles:
            self._write_title(name)

    def set_ticking(self, ticking: bool) -> None:
        """Look at what is running several times a second, or stop doing so."""
        if self._ticking is not None:
            (self._ticking.resume if ticking else self._ticking.pause)()
