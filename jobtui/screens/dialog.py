"""A question with a few answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from jobtui.widgets.choices import Choice, Choices

__all__ = ["Dialog"]


class Dialog(ModalScreen[str | None]):
    """Ask something; gives the id of the answer, or ``None`` where it was closed by escape.

    Parameters
    ----------
    title : str
    text : str
        Plain text below the title.
    choices : sequence of Choice
        The first is chosen by enter, so it must do no harm.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", "Close", show=False),
    ]
    CSS_PATH = "dialog.tcss"

    def __init__(self, title: str, text: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Put the text above the choices."""
        box = Vertical(id="dialog")
        box.border_title = Content(self._title)
        with box:
            if self._text:
                yield Static(Content(self._text), id="dialog-text")
            yield Choices(self._choices)

    def on_choices_chosen(self, message: Choices.Chosen) -> None:
        """Close with the answer."""
        message.stop()
        self.dismiss(message.choice.id)

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
