"""The state of the home screen, and what all of its parts use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer

from jobtui.commands.catalogue import COMMANDS, by_id
from jobtui.commands.context import Context, PaneName
from jobtui.plain import plain
from jobtui.screens.layout import Layout
from jobtui.screens.questions import Questions
from jobtui.services.service import ProjectService
from jobtui.services.watching import Watcher
from jobtui.widgets.detail import Detail
from jobtui.widgets.footer import MOST_KEYS, Hint, KeyFooter
from jobtui.widgets.log import Log
from jobtui.widgets.steps import Steps
from jobtui.widgets.text_view import TextView
from jobtui.widgets.title import Title
from jobtui_core.records import ProjectStatus, RunInfo, RunRequest, RunState

if TYPE_CHECKING:
    from jobtui.app import JobtuiApp
    from jobtui.screens.home import HomeScreen

__all__ = ["HomeBase"]


class HomeBase(Screen[None]):
    """What is on the screen, which commands make sense, and the lines around the panes."""

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
        self.layout_name: Layout = "three"
        self.add_class("-three")
        self._tip = tip
        self._start = start
        self._pane: PaneName = "steps"
        self._second: PaneName = "detail"
        self._zoomed = False
        self._pane_titles: dict[PaneName, str] = {
            "steps": "Steps",
            "detail": "Detail",
            "log": "Log",
        }
        self._searches: dict[PaneName, str] = {}
        self._ticking: Timer | None = None

    # --- commands -------------------------------------------------------------------------

    @property
    def jobtui(self) -> JobtuiApp:
        """The app."""
        return cast("JobtuiApp", self.app)

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

    def action_command(self, name: str) -> None:
        """Run a command that was bound to a key."""
        self.run_command(name)

    def run_command(self, name: str) -> None:
        """Run a command, or say why it makes no sense now."""
        self.settle_selection()
        command = by_id(name)
        if why_not := command.available(self.context):
            self.say(why_not)
        elif command.handler is not None:
            self.jobtui.ran(name)
            command.handler(cast("HomeScreen", self))

    def key_of(self, name: str) -> str:
        """Give the key of a command, as it is shown."""
        return self.jobtui.keymap.shown(by_id(name))

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a sentence for a few seconds."""
        self.notify(plain(text), severity="error" if error else "information", markup=False)

    def show_hints(self) -> None:
        """Offer the keys that make sense for the selection."""
        context = self.context
        hints = []
        for command in COMMANDS:
            if not command.footer or command.available(context):
                continue
            label = command.footer
            if command.id == "search" and self._pane != "steps":
                label = "search"
            hints.append(Hint(command.id, self.jobtui.keymap.shown(command), label))
        self.query_one(KeyFooter).hints = _most_useful(hints)

    def settle_selection(self) -> None:
        """Show detail and log of the row under the cursor now, if that was put off."""
        raise NotImplementedError

    def show_first_screen(self, *, wanted: bool) -> None:
        """Say what to do where there is no script yet; go away once there is one."""
        raise NotImplementedError

    def entitle(self, name: PaneName, title: str) -> None:
        """Write the title of a pane."""
        self._pane_titles[name] = title
        self._write_title(name)

    def _write_title(self, name: PaneName) -> None:
        # The search stands in front of what may be cut; below the panes there is no border.
        head, _, rest = self._pane_titles[name].partition("  ")
        parts = (head, self._searches.get(name, ""), rest, "zoomed" if self._zoomed else "")
        self.pane_widgets()[name].border_title = Content("  ".join(filter(None, parts)))

    def text_view(self) -> TextView | None:
        """Give the text that has the focus; ``None`` while the steps have it."""
        if self._pane == "steps":
            return None
        return self.detail.view if self._pane == "detail" else self.log_pane.view

    def pane_widgets(self) -> dict[PaneName, Steps | Detail | Log]:
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


def _most_useful(hints: list[Hint]) -> tuple[Hint, ...]:
    """Keep as many as people read; help and quit, the last two, are always among them."""
    if len(hints) <= MOST_KEYS:
        return tuple(hints)
    return (*hints[: MOST_KEYS - 2], *hints[-2:])
