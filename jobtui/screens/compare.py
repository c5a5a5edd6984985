"""In what runs differ, found out while one waits, or does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.worker import Worker

from jobtui.plain import plain
from jobtui.screens.activity import Activity
from jobtui.screens.command_lines import compare_command
from jobtui.services.runs import RunService
from jobtui.views.lines import Line, line
from jobtui.widgets.prompt import Prompt
from jobtui.widgets.text_view import TextView
from jobtui_core.labbook import Comparison
from jobtui_core.records import RunInfo

__all__ = ["CompareScreen"]


@dataclass
class _Told(Message):
    """The comparison has come further."""

    text: str

    def can_replace(self, message: Message) -> bool:
        """A later word makes an earlier one needless."""
        return isinstance(message, _Told)


class CompareScreen(ModalScreen[None]):
    """Compares runs, and shows only what differs.

    Parameters
    ----------
    service : RunService
    runs : sequence of RunInfo
        The first is what the others are held against.
    clock : callable
        Gives the time, in seconds since the epoch.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", "Back", show=False),
        Binding("q,equals_sign", "close", "Back", show=False),
        Binding("slash", "search", "Search", show=False),
        Binding("n", "next(1)", "Next match", show=False),
        Binding("N", "next(-1)", "Previous match", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]
    CSS_PATH = "compare.tcss"
    AUTO_FOCUS = "#compare-text"

    def __init__(
        self, service: RunService, runs: Sequence[RunInfo], clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self._service = service
        self._runs = runs
        self._clock = clock
        self._found: Comparison | None = None
        self._activity: Activity | None = None
        self._told = "reading both …"

    def compose(self) -> ComposeResult:
        """Show the text in a box as large as the screen."""
        with Vertical(id="compare"):
            yield TextView(widget_id="compare-text")
        yield Prompt(widget_id="prompt")

    @property
    def command(self) -> str:
        """The command line that says the same."""
        return compare_command([run.id for run in self._runs])

    def on_mount(self) -> None:
        """Begin."""
        self.query_one("#compare").border_title = Content(plain(self.command))
        self._begin()

    def on_unmount(self) -> None:
        """Whoever is gone needs no answer."""
        if self._activity is not None:
            self._activity.stop()

    # --- comparing ------------------------------------------------------------------------

    def _begin(self) -> None:
        activity = self._activity = Activity("comparing")
        self._draw()

        def told(text: str) -> None:
            if not activity.stopped():
                self.post_message(_Told(text))

        async def work() -> None:
            from jobtui.views.failure import failure_lines, failure_of

            try:
                found = await self._service.compare(
                    [run.id for run in self._runs], told, activity.stopped
                )
            except Exception as error:  # noqa: BLE001  # said in the pane
                self._activity = None
                self._show(failure_lines(failure_of(error), unfolded=True))
                return
            self._activity, self._found = None, found
            self._draw()

        # The function, not its coroutine: one that is replaced before its turn never begins.
        _worker: Worker[None] = self.run_worker(
            work, group="compare", exit_on_error=False, exclusive=True
        )

    def on__told(self, message: _Told) -> None:
        """Say how far it has come."""
        message.stop()
        self._told = message.text
        self._draw()

    def _draw(self) -> None:
        from jobtui.views.compared import comparison_lines, sentence

        found = self._found
        if found is not None:
            self._show(comparison_lines(found), sentence(found))
        elif self._activity is not None:
            said = "stopping …" if self._activity.stopped() else plain(self._told)
            self._show([line(("comparing: ", "running"), (said, "dim"))])

    def _show(self, lines: list[Line], said: str = "") -> None:
        self.query_one(TextView).set_lines(lines)
        going = self._activity is not None
        keys = "esc stops" if going else "/ searches   y copies the command   esc back"
        self.query_one("#compare").border_subtitle = Content("   ".join(filter(None, (said, keys))))

    # --- keys -----------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Stop comparing, show what was found so far; go back where it is done."""
        view = self.query_one(TextView)
        if self._activity is not None and not self._activity.stopped():
            self._activity.stop()
            self._draw()
        elif view.needle:
            view.find("")
        else:
            self.action_close()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_search(self) -> None:
        """Ask for a text to search for."""
        hint = "search; enter keeps it, esc takes it back"
        self.query_one(Prompt).open(self.query_one(TextView).needle, hint)

    def on_input_changed(self, message: Prompt.Changed) -> None:
        """Search while it is typed."""
        message.stop()
        if message.input.has_class("-open"):
            self.query_one(TextView).find(message.value)

    def on_prompt_left(self, message: Prompt.Left) -> None:
        """Keep the search, or take it back."""
        message.stop()
        view = self.query_one(TextView)
        view.find(message.value if message.kept else "")
        self.set_focus(view)

    def action_next(self, step: int) -> None:
        """Go to the next match."""
        self.query_one(TextView).find_next(step)

    def action_copy(self) -> None:
        """Copy the command line."""
        self.app.copy_to_clipboard(self.command)
        self.notify("copied the command", markup=False)
