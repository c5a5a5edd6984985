"""A form for the parameters of a script."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import Worker

from jobtui.plain import plain, short
from jobtui.screens.command_lines import shown_command
from jobtui.services.overriding import (
    Typed,
    argv_problem,
    override_problem,
    request_of,
    text_of_value,
)
from jobtui_core.entry.describe import is_secret
from jobtui_core.records import ParameterInfo, RunRequest
from jobtui_core.tracing.redacted import redacted_value

if TYPE_CHECKING:
    from jobtui.services.service import ProjectService

__all__ = ["OverrideScreen"]

_REST = 0.3
"""Seconds without a key after which it is asked what would run."""

_WIDEST = 60


class OverrideScreen(ModalScreen["tuple[RunRequest, Typed] | None"]):
    """Asks for the values of parameters; gives the request and what was typed, or nothing.

    Parameters
    ----------
    service : ProjectService
        Says what would run.
    script : str
    parameters : sequence of ParameterInfo
        What the script declares, with the values to begin with.
    argv : sequence of str
        The words to begin with.
    before : Typed, optional
        What was typed the last time; wins over these.
    repeats : sequence of str, optional
        The words that the script gets if none are asked for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", "Close", show=False, priority=True),
        # Before what scrolls the fields, which takes the arrows too.
        Binding("down,tab", "step(1)", "Next", show=False, priority=True),
        Binding("up,shift+tab", "step(-1)", "Previous", show=False, priority=True),
    ]
    CSS_PATH = "override.tcss"
    AUTO_FOCUS = ""

    def __init__(
        self,
        service: ProjectService,
        script: str,
        parameters: Sequence[ParameterInfo],
        argv: Sequence[str] = (),
        before: Typed | None = None,
        repeats: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._service = service
        self._script = script
        self._parameters = tuple(parameters)
        known = {} if before is None else before.texts
        self._texts = {
            one.name: known.get(one.name, text_of_value(one.value, one)) for one in parameters
        }
        self._argv = plain(shlex.join(argv)) if before is None else before.argv
        self._repeats = repeats
        self._resting: Timer | None = None

    # --- looks ----------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Put the fields below each other, the sum at the bottom."""
        box = Vertical(id="override")
        box.border_title = Content(f"Parameters  {plain(self._script)}")
        box.border_subtitle = "enter runs it   esc back"
        with box:
            with VerticalScroll(id="override-fields", can_focus=False):
                for number, one in enumerate(self._parameters):
                    with Vertical(classes="field"):
                        yield from self._field(number, one)
                if not self._parameters:
                    yield Static("It declares no parameters with default_param().")
                with Vertical(classes="field"):
                    yield Static(Content.styled("words", "bold"), classes="label")
                    yield _input(self._argv, "what stands in sys.argv behind the script", "argv")
                    yield Static("", id="problem-argv", classes="problem")
            yield Static("", id="override-command")
            yield Static("", id="override-sum")

    def _field(self, number: int, one: ParameterInfo) -> ComposeResult:
        default = short(plain(repr(redacted_value(one.name, one.default))), _WIDEST)
        label = Content.assemble(
            (plain(one.name), "bold"), f"  {plain(one.type)}", f"  default {default}"
        )
        yield Static(label, classes="label")
        field = _input(self._texts[one.name], f"the default, {default}", f"value-{number}")
        field.password = is_secret(one.name)
        if one.choices:
            field.suggester = SuggestFromList(
                [plain(text_of_value(choice, one)) for choice in one.choices]
            )
        yield field
        told = [one.help] if one.help else []
        if one.choices:
            told.append(f"one of {', '.join(text_of_value(item, one) for item in one.choices)}")
        if told:
            yield Static(Content(plain("; ".join(told))), classes="help")
        yield Static("", id=f"problem-{number}", classes="problem")

    def on_mount(self) -> None:
        """Begin with the first field."""
        self._resting = self.set_interval(_REST, self._rest, pause=True)
        self._go(self.query(Input).first())
        self._look()

    def action_step(self, step: int) -> None:
        """Go to the next field, or to the previous one."""
        fields = list(self.query(Input))
        place = fields.index(self.focused) if self.focused in fields else 0
        self._go(fields[(place + step) % len(fields)])

    def _go(self, field: Input) -> None:
        """Go to a field; it comes into sight with its name and what is said of it."""
        self.set_focus(field, scroll_visible=False)
        whole = next(one for one in field.ancestors if one.has_class("field"))
        assert isinstance(whole, Vertical)
        self.call_after_refresh(
            self.query_one("#override-fields").scroll_to_widget, whole, animate=False, force=True
        )

    # --- typing ---------------------------------------------------------------------------

    def on_input_changed(self, message: Input.Changed) -> None:
        """Say beside the field what is wrong with it."""
        message.stop()
        self._look()

    def _typed(self) -> Typed:
        texts = {
            one.name: self.query_one(f"#value-{number}", Input).value
            for number, one in enumerate(self._parameters)
        }
        return Typed(texts, self.query_one("#argv", Input).value)

    def _problems(self, typed: Typed) -> dict[str, str]:
        """Give what is wrong, by the ids of the fields."""
        found = {
            f"value-{number}": override_problem(typed.texts[one.name], one)
            for number, one in enumerate(self._parameters)
        }
        found["argv"] = argv_problem(typed.argv)
        return found

    def _look(self) -> None:
        typed = self._typed()
        problems = self._problems(typed)
        for field, problem in problems.items():
            said = self.query_one(f"#problem-{field.removeprefix('value-')}", Static)
            said.update(Content(plain(problem)))
            said.display = bool(problem)
        command = self.query_one("#override-command", Static)
        wrong = any(problems.values())
        command.display = not wrong
        self.query_one("#override-sum", Static).update("")
        if self._resting is not None:
            self._resting.pause()
        if not wrong:
            command.update(Content(plain(shown_command(self._request(typed)))))
            if self._resting is not None:
                self._resting.reset()
                self._resting.resume()

    def _request(self, typed: Typed) -> RunRequest:
        return request_of(self._script, self._parameters, typed, self._repeats)

    def _rest(self) -> None:
        if self._resting is not None:
            self._resting.pause()
        request = self._request(self._typed())

        async def work() -> None:
            from jobtui.views.plans import plan_sentence

            try:
                said = plan_sentence(await self._service.plan(request))
            except Exception as error:  # noqa: BLE001  # said in the form
                said = plain(str(error))
            self.query_one("#override-sum", Static).update(Content(said))

        # The function, not its coroutine: one that is replaced before its turn never begins.
        _worker: Worker[None] = self.run_worker(
            work, group="plan", exit_on_error=False, exclusive=True
        )

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Run it, or go to the first field that is wrong."""
        message.stop()
        typed = self._typed()
        wrong = [field for field, problem in self._problems(typed).items() if problem]
        if wrong:
            self._go(self.query_one(f"#{wrong[0]}", Input))
            return
        self.dismiss((self._request(typed), typed))

    def action_leave(self) -> None:
        """Close without running anything."""
        self.dismiss(None)


def _input(value: str, placeholder: str, widget_id: str) -> Input:
    field = Input(value, placeholder=placeholder, id=widget_id, select_on_focus=False)
    field.cursor_blink = False
    return field
