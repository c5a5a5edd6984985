"""Runs: what ran when, with what, and what came of it."""

from __future__ import annotations

from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from jobtui.commands.catalogue import commands_of
from jobtui.commands.context import PaneName
from jobtui.plain import plain
from jobtui.screens.runs_dialogs import RunsDialogs
from jobtui.services.runs import RunColumn
from jobtui.widgets.footer import KeyFooter
from jobtui.widgets.ordered import Ordered
from jobtui.widgets.prompt import Prompt
from jobtui.widgets.table import Table
from jobtui.widgets.title import Title

__all__ = ["RunsScreen"]

_TICK = 0.5
"""Seconds between two moments at which something may be due; none while another mode is shown."""

_REST = 0.04
"""Seconds after which a cursor that was moved is taken to have arrived."""

_AGEING = 30.0
"""Seconds after which ages on the screen are written again."""


class RunsScreen(RunsDialogs):
    """Two panes on the history of a project: the runs, and the record of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        command.binding(f"command('{command.id}')") for command in commands_of("runs")
    ]
    CSS_PATH = "runs.tcss"
    AUTO_FOCUS = "#runs"

    def compose(self) -> ComposeResult:
        """Lay out the panes; which of them are visible is decided by `lay_out`."""
        yield Title(id="title")
        with Horizontal(id="runs-body"):
            yield self.runs
            yield self.record
        yield Static("", id="too-small")
        yield KeyFooter(id="footer")
        # Both stand on the last lines: what comes later covers what comes first.
        yield Static("", id="filter-hint")
        yield Prompt(widget_id="prompt")

    def on_mount(self) -> None:
        """Find out what ran."""
        self._resting: Timer = self.set_interval(_REST, self._rest, pause=True)
        self._ticking: Timer = self.set_interval(_TICK, self.tick)
        self.set_interval(_AGEING, self.runs.refresh)
        self.runs.placeholder = "reading …"
        self.record.show(None)
        self.lay_out()
        self.look()

    def on_screen_suspend(self) -> None:
        """Look no more while something else is shown."""
        self._ticking.pause()

    def on_screen_resume(self) -> None:
        """Look again."""
        self._ticking.resume()
        self.look()

    # --- panes ----------------------------------------------------------------------------

    def panes_in_sight(self) -> tuple[PaneName, ...]:
        """Give the panes that there is room for."""
        if self.layout_name == "none":
            return ()
        if self._zoomed or self.layout_name == "one":
            return (self._pane,)
        return self.PANES

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Notice which pane has the focus; where there is room for one it may be another now."""
        super().on_descendant_focus(event)
        if self.layout_name == "one":
            self.lay_out()

    def go_back(self) -> None:
        """Undo what was opened last."""
        if self._zoomed:
            self.toggle_zoom()
        elif self._pane == "record":
            if self.record.view.needle:
                self.record.view.find("")
                self.retitle()
            else:
                self.show_pane("runs")
        elif self.query_asked.filter:
            self._filter("")
            self.retitle()
        elif self.runs.marked:
            self.runs.marked.clear()
            self.runs.refresh()
            self.retitle()
            self.show_hints()

    # --- selection ------------------------------------------------------------------------

    def on_table_moved(self, message: Table.Moved) -> None:
        """Show what the cursor stands on, once it rests."""
        message.stop()
        if message.by_hand:
            self.selection_rests = False
            self._resting.reset()
            self._resting.resume()

    def _rest(self) -> None:
        self._resting.pause()
        self.settle_selection()

    def settle_selection(self) -> None:
        """Show the row under the cursor now, if that was put off."""
        if not self.selection_rests:
            self.selection_rests = True
            self.selection_changed()

    def selection_changed(self) -> None:
        """Show the record of what is selected now."""
        self.record.show(self.runs.item)
        self.read_selection()
        self.retitle()
        self.show_hints()

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Go into the selection."""
        message.stop()
        self.settle_selection()
        self.show_pane("record")

    def on_record_tab_shown(self) -> None:
        """Fetch what the tab needs."""
        self.read_selection()
        self.retitle()

    def to_run_of_script(self, step: int) -> None:
        """Go to the run of the same script before the selected one, or the one after it."""
        run = self.runs.item
        other = None if run is None else self.neighbour(run, step)
        if other is not None and self.runs.go_to(other.id):
            self.selection_changed()

    def to_newest(self) -> None:
        """Go to the newest run that is shown."""
        newest = max(self.runs.listed, key=lambda run: run.order)
        if self.runs.go_to(newest.id):
            self.selection_changed()

    # --- tabs and log ---------------------------------------------------------------------

    def turn_tab(self, step: int) -> None:
        """Show the next tab of the record, or the previous one."""
        self.record.turn(step)

    def show_log(self) -> None:
        """Show what the run put out."""
        self.record.show_tab("log")
        self.show_pane("record")

    def toggle_follow(self) -> None:
        """Stay at the end of the log, or stop doing so."""
        self.show_log()
        follows = self.record.toggle_end()
        self.say("following the log" if follows else "no longer following")
        self.retitle()

    def to_pause(self) -> None:
        """Go to where nothing was put out for long."""
        if not self.record.next_pause():
            self.say("there is no long pause in it")
        self.retitle()

    # --- filter and search ----------------------------------------------------------------

    def ask_search(self) -> None:
        """Ask for a filter, or for a text to search for in the record."""
        if self._pane == "record":
            self.prompt(self.record.view.needle, "search in the record")
            return
        self.prompt(self.query_asked.filter, "filter the runs")
        self.query_one(Prompt).add_class("-above")
        self._show_filter_hint(self.query_asked.filter)

    def _show_filter_hint(self, text: str) -> bool:
        """Say what a filter may be, or what is wrong with this one; tell whether it is right."""
        hint = self.query_one("#filter-hint", Static)
        hint.add_class("-open")
        problem = self.history_service.problem(text)
        hint.set_class(problem is not None, "-problem")
        if problem is None:
            hint.update(Content(self.history_service.fields))
            return True
        message, place = problem
        message = plain(message)
        room = max(self.size.width - 4, 10)
        before = min(place, max(room - len(message) - 2, 0))
        hint.update(Content(f"{' ' * before}^ {message}"))
        return False

    def on_input_changed(self, message: Prompt.Changed) -> None:
        """Filter or search while it is typed."""
        message.stop()
        if message.input.has_class("-open"):
            self._look_for(message.value)

    def _look_for(self, text: str) -> None:
        if self._pane == "record":
            self.record.view.find(text)
        elif self._show_filter_hint(text):
            self._filter(text)
        self.retitle()

    def _filter(self, text: str) -> None:
        if text != self.query_asked.filter:
            self.query_asked = self.query_asked._replace(filter=text)
            self.look()

    def on_prompt_left(self, message: Prompt.Left) -> None:
        """Keep the filter, or take it back; one that cannot be understood is typed on."""
        message.stop()
        text = message.value if message.kept else ""
        if self._pane == "runs" and not self._show_filter_hint(text):
            self.prompt(text, "filter the runs")
            self._show_filter_hint(text)
            return
        self._look_for(text)
        self.query_one("#filter-hint").remove_class("-open")
        self.query_one(Prompt).remove_class("-above")
        if self._pane == "record" and text and not self.record.view.match_place[1]:
            self.say(f"no match for {text!r}")
        self.show_pane(self._pane)

    def find(self, step: int) -> None:
        """Go to the next match in the pane with the focus."""
        # All runs that are shown fit the filter.
        in_text = self._pane == "record"
        if not (self.record.view.find_next(step) if in_text else self.runs.step(step)):
            self.say("no match")
        self.retitle()

    # --- order and marks ------------------------------------------------------------------

    def sort_next(self) -> None:
        """Sort by the next column."""
        self.runs.sort_next()

    def sort_reverse(self) -> None:
        """Turn the order around."""
        self.runs.sort_reverse()

    def on_ordered_sort_wanted(self, message: Ordered.SortWanted) -> None:
        """Put the runs in another order."""
        message.stop()
        column = cast("RunColumn", message.column)
        self.query_asked = self.query_asked._replace(sort=column, reverse=message.reverse)
        # At once: a key that follows goes on from there.
        self.runs.order(message.column, message.reverse)
        self.look()

    def mark(self) -> None:
        """Mark the run under the cursor, or take its mark away."""
        self.runs.mark()
        self.retitle()
        self.show_hints()
