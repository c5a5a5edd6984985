"""The line in which a filter or a search is typed."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widgets import Input

__all__ = ["Prompt"]


class Prompt(Input):
    """One line of input; enter keeps what was typed, escape takes it back."""

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
        value: str
        """What was typed."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id, select_on_focus=False)
        self.cursor_blink = False
        self._before = ""
        self._typed_ahead: list[events.Key] = []

    def open(self, value: str, hint: str) -> None:
        """Show the line and take the focus."""
        self._before = value
        self.placeholder = hint
        self.value = value
        self.cursor_position = len(value)
        self.add_class("-open")
        self.focus()

    async def _on_key(self, event: events.Key) -> None:
        if self.has_class("-open") and event.key not in ("enter", "escape"):
            await super()._on_key(event)
            return
        event.prevent_default()
        event.stop()
        if self.has_class("-open"):
            # Here and not as a binding, which acts only after further keys came in.
            self._close(kept=event.key == "enter")
        else:
            # Typed faster than the focus moves on: it is meant for whatever comes next.
            self._typed_ahead.append(event)

    def on_blur(self) -> None:
        """Hand on what was typed after the end of the input."""
        for key in self._typed_ahead:
            self.app.post_message(events.Key(key.key, key.character))
        self._typed_ahead.clear()

    def _close(self, *, kept: bool) -> None:
        self.remove_class("-open")
        self.post_message(self.Left(kept, self.value))
