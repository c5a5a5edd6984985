"""The Record pane: everything about the selected run, in tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive

from jobtui.inks import paint_of
from jobtui.views.lines import Line, line
from jobtui.widgets.log import OutputText
from jobtui.widgets.tabs import TabBar
from jobtui.widgets.text_view import TextView
from jobtui_core.records import RunInfo

if TYPE_CHECKING:
    from jobtui.views.failure import Failure
    from jobtui_core.labbook import LogLine, RunDetail

__all__ = ["RECORD_TABS", "Record", "RecordTab"]

RecordTab = Literal["overview", "calls", "log", "figures", "failures", "changes"]
RECORD_TABS: tuple[tuple[RecordTab, str], ...] = (
    ("overview", "Overview"),
    ("calls", "Calls"),
    ("log", "Log"),
    ("figures", "Figures"),
    ("failures", "Failures"),
    ("changes", "Changes"),
)
"""Tabs and their titles, in order."""


class Record(Vertical):
    """What a run left behind, one tab at a time.

    Parameters
    ----------
    clock : callable
        Gives the time, in seconds since the epoch.
    """

    DEFAULT_CSS: ClassVar[str] = "Record TextView { height: 1fr; }"

    tab: reactive[RecordTab] = reactive("overview", init=False)
    """The tab that is shown."""

    class TabShown(Message):
        """Another tab is shown, which may need its content."""

    def __init__(self, clock: Callable[[], float], *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._clock = clock
        self._bar = TabBar([title for _tab, title in RECORD_TABS])
        self.view = OutputText(widget_id="record-text")
        self.run: RunInfo | None = None
        self.detail: RunDetail | None = None
        self._detail_of: RunInfo | None = None
        """The run as it was when that was asked."""
        self.output: Sequence[LogLine] | None = None
        self.times = False
        """Whether it is shown when each line was put out."""
        self.at_end = False
        """Whether the log stays at its end while output arrives."""
        self._failure: Failure | None = None
        self._unfolded = False
        self._pause = -1
        """Line that was gone to last."""

    def compose(self) -> ComposeResult:
        """Put the tabs above their text."""
        yield self._bar
        yield self.view

    # --- content --------------------------------------------------------------------------

    def show(self, run: RunInfo | None) -> None:
        """Be about another run, or the same one as it is now."""
        same = run is not None and self.run is not None and run.id == self.run.id
        if same and run == self.run and self._failure is None:
            return
        if not same:
            self.detail = self._detail_of = self.output = None
            self._unfolded = False
            self._pause = -1
            self.at_end = run is not None and run.state.active
        self.run, self._failure = run, None
        self.draw(keep_place=same)

    @property
    def needs_detail(self) -> bool:
        """Whether what is known is not what the run is now."""
        if self.run is None or self._failure is not None:
            return False
        return self._detail_of != self.run

    @property
    def needs_output(self) -> bool:
        """Whether the tab that is shown waits for output, or for more of it."""
        if self.run is None or self.tab != "log" or self._failure is not None:
            return False
        return self.output is None or self.run.state.active

    def set_detail(self, asked: RunInfo, detail: RunDetail) -> None:
        """Take all there is to say about the run, as it was when that was asked."""
        self._detail_of, self.detail = asked, detail
        self.draw(keep_place=True)

    def set_output(self, output: Sequence[LogLine]) -> None:
        """Take what the run put out."""
        if output == self.output:
            return
        self.output = output
        if self.tab == "log":
            self.draw(keep_place=True)

    def set_failure(self, failure: Failure) -> None:
        """Say that it could not be read."""
        self._failure = failure
        self.draw(keep_place=False)

    def draw(self, *, keep_place: bool) -> None:
        """Write the text of the tab that is shown."""
        self.view.set_lines(self._lines(), keep_place=keep_place)
        if self.tab == "log" and self.at_end:
            self.view.to_end()

    def _lines(self) -> list[Line]:
        run, detail = self.run, self.detail
        if self._failure is not None:
            from jobtui.views.failure import failure_lines

            return failure_lines(self._failure, unfolded=self._unfolded)
        if run is None:
            return [line(("No run is selected.", "dim"))]
        if self.tab == "overview":
            from jobtui.views.run import overview_lines

            return overview_lines(run, detail, now=self._clock())
        from jobtui.views import record

        if self.tab == "log" and self.output is not None:
            return record.output_lines(self.output, times=self.times)
        if detail is None or self.tab == "log":
            return [line(("reading …", "dim"))]
        if self.tab == "calls":
            return record.calls_lines(detail.calls, self._clock())
        if self.tab == "figures":
            width = max(self.view.size.width - 1, 20)
            return record.figures_lines(detail.figures, width=width, paint=paint_of(self.app))
        if self.tab == "failures":
            return record.failures_lines(detail.failures, run=run.id, unfolded=self._unfolded)
        return record.changes_lines(detail)

    # --- tabs -----------------------------------------------------------------------------

    def show_tab(self, tab: RecordTab) -> None:
        """Show one of the tabs."""
        self.tab = tab

    def turn(self, step: int) -> None:
        """Show the next or the previous tab."""
        names = [name for name, _title in RECORD_TABS]
        self.tab = names[(names.index(self.tab) + step) % len(names)]

    def watch_tab(self, tab: RecordTab) -> None:
        """Write the text of the new tab."""
        self._bar.current = [name for name, _title in RECORD_TABS].index(tab)
        self._unfolded = False
        self.draw(keep_place=False)
        self.post_message(self.TabShown())

    def on_tab_bar_clicked(self, message: TabBar.Clicked) -> None:
        """Show the tab that was clicked."""
        message.stop()
        self.tab = RECORD_TABS[message.index][0]

    def on_text_view_opened(self, message: TextView.Opened) -> None:
        """Unfold tracebacks, or fold them again."""
        message.stop()
        if self._failure is not None or self.tab == "failures":
            self._unfolded = not self._unfolded
            self.draw(keep_place=True)

    def on_text_view_turned(self, message: TextView.Turned) -> None:
        """Turn to the neighbouring tab."""
        message.stop()
        self.turn(message.step)

    def on_resize(self) -> None:
        """Draw figures for the new size."""
        if self.tab == "figures":
            self.draw(keep_place=True)

    # --- the log --------------------------------------------------------------------------

    def toggle_times(self) -> None:
        """Show when each line was put out, or no longer."""
        self.times = not self.times
        self.draw(keep_place=True)

    def next_pause(self) -> bool:
        """Go to the next place behind a long pause, around the end; tell whether there is one."""
        from jobtui.views.record import pauses

        found = pauses(self.output or ())
        if not found:
            return False
        # At the end of the log a line cannot come to the top.
        here = max(self.view.first_line, self._pause)
        self.at_end = False
        self._pause = next((place for place in found if place > here), found[0])
        self.view.show_line(self._pause, top=True)
        return True

    def toggle_end(self) -> bool:
        """Stay at the end of the log, or stop doing so; tell which."""
        self.at_end = not self.at_end
        self.draw(keep_place=True)
        return self.at_end
