"""The Detail pane: why, parameters and result of the selection, in tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from jobtui.inks import paint_of
from jobtui.plain import plain
from jobtui.views.lines import Line, line
from jobtui.widgets.tabs import TabBar
from jobtui.widgets.text_view import TextView
from jobtui_core.records import Preview, ScriptStatus, StepStatus

if TYPE_CHECKING:
    from jobtui.services.service import Explained
    from jobtui.views.failure import Failure

__all__ = ["TABS", "Detail", "Tab"]

Tab = Literal["why", "params", "result"]
TABS: tuple[tuple[Tab, str], ...] = (("why", "Why"), ("params", "Params"), ("result", "Result"))
"""Tabs and their titles, in order."""


class Detail(Vertical):
    """Everything about the selection, one tab at a time."""

    DEFAULT_CSS: ClassVar[str] = "Detail TextView { height: 1fr; }"

    tab: reactive[Tab] = reactive("why", init=False)
    """The tab that is shown."""

    class TabShown(Message):
        """Another tab is shown, which may need its content."""

    def __init__(self, clock: Callable[[], float], *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._clock = clock
        self._bar = TabBar([title for _tab, title in TABS])
        self.view = TextView(widget_id="detail-text")
        self._step: StepStatus | None = None
        self._script: ScriptStatus | None = None
        self._explained: Explained | None = None
        self._previews: tuple[Preview, ...] | None = None
        self._failures: dict[Tab, Failure] = {}
        self._unfolded = False
        self._wants_diff = False

    def compose(self) -> ComposeResult:
        """Put the tabs above their text."""
        yield self._bar
        yield self.view

    # --- content --------------------------------------------------------------------------

    @property
    def step(self) -> StepStatus | None:
        """The step that it is about; ``None`` for a script as a whole."""
        return self._step

    @property
    def needs_result(self) -> bool:
        """Whether the tab that is shown waits for pictures of results."""
        return self.tab == "result" and self._step is not None and self._previews is None

    @property
    def is_explained(self) -> bool:
        """Whether all about the step's verdict is known, or was asked in vain."""
        return self._step is None or self._explained is not None or "why" in self._failures

    def show(self, script: ScriptStatus | None, step: StepStatus | None) -> None:
        """Be about another step, or the same one in another state."""
        same = (
            script is not None
            and self._script is not None
            and (script.path, step and step.function)
            == (self._script.path, self._step and self._step.function)
        )
        if step != self._step:
            self._explained, self._previews = None, None
        self._script, self._step = script, step
        self._failures.clear()
        if not same:
            self._unfolded = self._wants_diff = False
        self.draw(keep_place=same)

    def set_explained(self, explained: Explained) -> None:
        """Take all there is to say about the step."""
        self._explained = explained
        self._failures.pop("why", None)
        self.draw(keep_place=True)
        if self._wants_diff:
            self._scroll_to_diff()

    def set_previews(self, previews: tuple[Preview, ...]) -> None:
        """Take the pictures of the step's results."""
        self._previews = previews
        self._failures.pop("result", None)
        self.draw(keep_place=True)

    def set_failure(self, tab: Tab, failure: Failure) -> None:
        """Say in a tab that its question could not be answered."""
        self._failures[tab] = failure
        self.draw(keep_place=False)

    def draw(self, *, keep_place: bool) -> None:
        """Write the text of the tab that is shown."""
        self.view.set_lines(self._lines(), keep_place=keep_place)

    def _lines(self) -> list[Line]:
        script, step = self._script, self._step
        if (failure := self._failures.get(self.tab)) is not None:
            from jobtui.views.failure import failure_lines

            return failure_lines(failure, unfolded=self._unfolded)
        if script is None:
            return [line(("Nothing is selected.", "dim"))]
        if self.tab == "params":
            from jobtui.views.params import params_lines

            return params_lines(script)
        from jobtui.views.why import script_lines, why_lines

        if step is None:
            if self.tab == "result" and script.error is None:
                return [line(("Select a step to see its result.", "dim"))]
            return script_lines(script)
        if self.tab == "result":
            return self._result(step)
        known = self._explained
        return why_lines(
            step,
            now=self._clock(),
            run=known.run if known is not None else None,
            traceback=known.traceback if known is not None else "",
            packages=known.packages if known is not None else (),
        )

    def _result(self, step: StepStatus) -> list[Line]:
        if self._previews is None:
            return [line((f"reading the result of {plain(step.name)} …", "dim"))]
        from jobtui.views.result import result_lines

        size: Size = self.view.size
        return result_lines(
            step,
            self._previews,
            width=max(size.width, 20),
            height=size.height,
            paint=paint_of(self.app),
        )

    # --- tabs -----------------------------------------------------------------------------

    def show_tab(self, tab: Tab) -> None:
        """Show one of the tabs."""
        self.tab = tab

    def turn(self, step: int) -> None:
        """Show the next or the previous tab."""
        names = [name for name, _title in TABS]
        self.tab = names[(names.index(self.tab) + step) % len(names)]

    def watch_tab(self, tab: Tab) -> None:
        """Write the text of the new tab."""
        self._bar.current = [name for name, _title in TABS].index(tab)
        self._unfolded = False
        self.draw(keep_place=False)
        self.post_message(self.TabShown())

    def on_tab_bar_clicked(self, message: TabBar.Clicked) -> None:
        """Show the tab that was clicked."""
        message.stop()
        self.tab = TABS[message.index][0]

    def to_diff(self) -> None:
        """Scroll to what changed, now or when it is known."""
        self._wants_diff = True
        self._scroll_to_diff()

    def _scroll_to_diff(self) -> None:
        from jobtui.views.why import first_diff

        number = first_diff(list(self.view.lines))
        if number is not None:
            self.view.show_line(number, top=True)
            self._wants_diff = self._explained is None

    def on_text_view_opened(self, message: TextView.Opened) -> None:
        """Unfold a traceback, or fold it again."""
        message.stop()
        if self.tab in self._failures:
            self._unfolded = not self._unfolded
            self.draw(keep_place=True)

    def on_text_view_turned(self, message: TextView.Turned) -> None:
        """Turn to the neighbouring tab."""
        message.stop()
        self.turn(message.step)

    def on_resize(self) -> None:
        """Draw plots for the new size."""
        if self.tab == "result":
            self.draw(keep_place=True)
