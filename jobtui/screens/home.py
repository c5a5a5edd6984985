"""The home screen: steps, detail and log, and the commands that act on them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from jobtui.commands.catalogue import commands_of
from jobtui.commands.context import PaneName
from jobtui.plain import plain
from jobtui.screens.command_lines import open_command
from jobtui.screens.home_accepting import Accepting
from jobtui.screens.home_answers import Answers
from jobtui.screens.home_dialogs import Dialogs
from jobtui.screens.layout import visible_panes
from jobtui.widgets.footer import KeyFooter
from jobtui.widgets.prompt import Prompt
from jobtui.widgets.table import Table
from jobtui.widgets.title import Title

__all__ = ["HomeScreen"]

_TICK = 0.2
"""Seconds between two looks at what is running; nothing ticks while nothing runs."""

_REST = 0.04
"""Seconds after which a cursor that was moved is taken to have arrived.  What is on its way while
a key is held down gets no detail: laying that out costs five times as much as moving the cursor."""

_AGEING = 30.0
"""Seconds after which ages on the screen are written again."""

_SHARED = 60.0
"""Seconds after which it is looked what others have added to shared stores."""


class HomeScreen(Dialogs, Accepting, Answers):
    """Three panes on a project.

    Parameters
    ----------
    service : ProjectService
    watcher : Watcher
    clock : callable
        Gives the time, in seconds since the epoch.
    tip : str, optional
        One line that says what to try.
    start : RunRequest, optional
        What to run at once.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        command.binding(f"command('{command.id}')") for command in commands_of("steps")
    ]
    AUTO_FOCUS = "#steps"

    def compose(self) -> ComposeResult:
        """Lay out the panes; which of them are visible is decided by `lay_out`."""
        yield Title(id="title")
        if self._tip:
            yield Static(Content(plain(self._tip)), id="tip")
        with Horizontal(id="body"):
            yield self.steps
            with Vertical(id="right"):
                yield self.detail
                yield self.log_pane
        yield Static("", id="too-small")
        yield KeyFooter(id="footer")
        # Both stand on the last line: what comes later covers what comes first.
        yield Prompt(widget_id="prompt")

    def on_mount(self) -> None:
        """Show what is known, and find out the rest once the screen has been drawn."""
        self.steps.placeholder = "reading the scripts …"
        self.query_one(Title).command = open_command(self.service.root)
        self._ticking = self.set_interval(_TICK, self.tick, pause=True)
        self.set_interval(_AGEING, self.steps.refresh)
        self.set_interval(_SHARED, self._look_at_shared)
        self._resting = self.set_interval(_REST, self._rest, pause=True)
        self.detail.show(None, None)
        self.log_pane.aim(None, at_end=True)
        self.lay_out()
        self.retitle()
        self.ask.remembered()

    def _look_at_shared(self) -> None:
        """Find out what others have added to stores: no file here tells of that."""
        if self.ready and self.service.is_shared:
            self.ask.status(patient=True)

    def begin(self) -> None:
        """Find out today's state, and begin to watch it."""
        self.refresh_status()
        self.watcher.start(self.notice)
        self.ask.news()
        if self._start is not None:
            self.ask.start(self._start)

    # --- panes ----------------------------------------------------------------------------

    def panes_in_sight(self) -> tuple[PaneName, ...]:
        """Give the panes that there is room for."""
        return visible_panes(self.layout_name, self._pane, self._second, self._zoomed)

    def laid_out(self, visible: tuple[PaneName, ...]) -> None:
        """Hide what surrounds the panes on the right along with them."""
        self.query_one("#right").display = bool({"detail", "log"} & set(visible))

    def focus_target(self, name: PaneName) -> Widget:
        """Give the widget in a pane that takes the focus."""
        texts: dict[PaneName, Widget] = {"detail": self.detail.view, "log": self.log_pane.view}
        return texts.get(name, self.steps)

    def pane_taken(self, name: PaneName) -> None:
        """Remember which pane was looked at last beside the steps."""
        if name != "steps":
            self._second = name

    def show_log(self) -> None:
        """Show what the selection printed."""
        self.show_pane("log")

    def turn_tab(self, step: int) -> None:
        """Show the next tab of the detail, or the previous one."""
        self.detail.turn(step)

    def go_back(self) -> None:
        """Undo what was opened last."""
        if self._zoomed:
            self.toggle_zoom()
        elif self._pane != "steps":
            view = self.text_view()
            if view is not None and view.needle:
                view.find("")
            else:
                self.show_pane("steps")
        elif self.steps.needle:
            self.steps.filter("")
            self.retitle()

    # --- selection ------------------------------------------------------------------------

    def on_table_moved(self, message: Table.Moved) -> None:
        """Show detail and log of the new selection, once the cursor rests on it."""
        message.stop()
        if message.by_hand:
            self.selection_rests = False
            self._resting.reset()
            self._resting.resume()
        else:
            self.show_selection(by_hand=False)

    def _rest(self) -> None:
        self._resting.pause()
        self.settle_selection()

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Go into the selection."""
        message.stop()
        self.show_pane("detail")

    def on_detail_tab_shown(self) -> None:
        """Fetch what the tab needs."""
        self.ask_result()

    # --- search ---------------------------------------------------------------------------

    def ask_search(self) -> None:
        """Ask for a filter of the steps, or for a text to search for."""
        view = self.text_view()
        hint = "filter the steps" if view is None else f"search in the {self._pane}"
        self.prompt(self._needle(), hint)

    def on_input_changed(self, message: Prompt.Changed) -> None:
        """Filter or search while it is typed."""
        message.stop()
        if message.input.has_class("-open"):
            self._look_for(message.value)

    def _needle(self) -> str:
        view = self.text_view()
        return self.steps.needle if view is None else view.needle

    def _look_for(self, needle: str) -> None:
        view = self.text_view()
        if view is None:
            self.steps.filter(needle)
        else:
            view.find(needle)
        self.retitle()

    def on_prompt_left(self, message: Prompt.Left) -> None:
        """Keep the filter, or take it back."""
        message.stop()
        # What was typed last may not have been looked for yet.
        if not message.kept or message.value != self._needle():
            self._look_for(message.value if message.kept else "")
        view = self.text_view()
        if view is not None and view.needle and not view.match_place[1]:
            self.say(f"no match for {view.needle!r}")
        self.show_pane(self._pane)

    def find(self, step: int) -> None:
        """Go to the next match in the pane with the focus."""
        view = self.text_view()
        found = self.steps.find_next(step) if view is None else view.find_next(step)
        if not found:
            self.say("no match")
        self.retitle()

    def sort_next(self) -> None:
        """Sort the steps by the next column."""
        self.steps.sort_next()

    def sort_reverse(self) -> None:
        """Turn the order of the steps around."""
        self.steps.sort_reverse()

    def rescan(self) -> None:
        """Find all scripts and check every verdict now."""
        self.refresh_status(by_hand=True)
