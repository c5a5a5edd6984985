"""The line in which a filter or a search is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

__all__ = ["Prompt"]


class Prompt(Input):
    """One line of input; enter keeps what was typed, escape takes it back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
    ]
    DEFAULT_CSS = """
    Prompt {
        dock: bottom;
        height: 1;
        border: none;
        padding: 0 1;
        display: none;
        background: $surface;
        &:focus { border: none; }
        &.-open { display: block; }
    }
    """

    @dataclass
    class Left(Message):
        """The input is over."""

        kept: bool
        """Whether what was typed stays in force."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id, select_on_focus=False)
        self.cursor_blink = False
        self._before = ""

    def open(self, value: str, hint: str) -> None:
        """Show the line and take the focus."""
        self._before = value
        self.placeholder = hint
        self.value = value
        self.cursor_position = len(value)
        self.add_class("-open")
        self.focus()

    def action_leave(self) -> None:
        """Take back what was typed."""
        self._close(kept=False)

    async def action_submit(self) -> None:
        """Keep what was typed."""
        self._close(kept=True)

    def _close(self, *, kept: bool) -> None:
        self.remove_class("-open")
        self.post_message(self.Left(kept))
