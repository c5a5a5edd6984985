"""A step computed again, beside what is stored of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from jobtui.plain import plain
from jobtui.screens.command_lines import check_command
from jobtui.views.check import check_lines
from jobtui.widgets.text_view import TextView
from jobtui_core.checks import CheckReport
from jobtui_core.records import StepStatus

if TYPE_CHECKING:
    from jobtui.services.service import ProjectService

__all__ = ["CheckScreen"]

_GOING = "esc stops the check"
_DONE = "esc goes back"


class CheckScreen(ModalScreen[None]):
    """Checks a step while it is shown; leaving it before the end stops the check.

    Parameters
    ----------
    service : ProjectService
    step : StepStatus
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,ctrl+c", "leave", "Back", show=False),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    CheckScreen { align: center middle; background: $background 60%; }
    CheckScreen #check {
        width: 110; max-width: 96%; height: 60%; min-height: 10;
        border: round $accent; border-title-style: bold; background: $surface; padding: 0 1;
    }
    CheckScreen TextView { height: 1fr; background: $surface; }
    CheckScreen #check-hint { height: 1; color: $text-muted; }
    """

    @dataclass
    class Progressed(Message):
        """A call began or ended."""

        report: CheckReport

    def __init__(self, service: ProjectService, step: StepStatus) -> None:
        super().__init__()
        self._service = service
        self._step = step
        self._stop = threading.Event()
        self._going = True

    def compose(self) -> ComposeResult:
        """Put the text into a box with the command line that does the same."""
        box = Vertical(id="check")
        box.border_title = Content(check_command(self._step))
        with box:
            yield TextView(widget_id="check-text")
            yield Static(_GOING, id="check-hint")

    def on_mount(self) -> None:
        """Begin."""
        step = self._step
        self._show(CheckReport(step=step.name, function=step.function, script=step.script))
        self.run_worker(self._check(), group="check", exit_on_error=False)

    async def _check(self) -> None:
        try:
            found = await self._service.check(
                self._step, told=self._told, stopped=self._stop.is_set
            )
        except Exception as error:  # noqa: BLE001  # whatever it is, it is to be read here
            step = self._step
            problem = plain(str(error)) or type(error).__name__
            found = CheckReport(
                step=step.name, function=step.function, script=step.script, problem=problem
            )
        if self._stop.is_set():
            # Whoever left does not wait for the answer.
            return
        self._going = False
        self._show(found)
        self.query_one("#check-hint", Static).update(_DONE)

    def _told(self, report: CheckReport) -> None:
        # From the thread of the check.
        self.post_message(self.Progressed(report))

    def on_check_screen_progressed(self, message: Progressed) -> None:
        """Show how far it has come, unless it is done by now."""
        message.stop()
        if self._going:
            self._show(message.report)

    def _show(self, report: CheckReport) -> None:
        view = self.query_one(TextView)
        view.set_lines(check_lines(report, going=self._going), keep_place=False)

    def action_leave(self) -> None:
        """Go back, and stop the check if it goes on."""
        self._stop.set()
        self.dismiss(None)

    def on_unmount(self) -> None:
        """The app ends, perhaps: its check ends with it."""
        self._stop.set()
