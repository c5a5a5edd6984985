"""The keys that make sense now, at most eight of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from jobtui.inks import inks_of

__all__ = ["MOST_KEYS", "Hint", "KeyFooter"]

MOST_KEYS = 8
"""More than these nobody reads."""


class Hint(NamedTuple):
    """A key and what it does."""

    command: str
    """Id of the command."""
    key: str
    label: str


class KeyFooter(Widget):
    """One line at the bottom: keys and words, clickable.

    What does not fit is left out, the last two hints at the end, which say where help is and how
    to leave.
    """

    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom;
        height: 1;
        padding: 0 1;
        background: $panel;
    }
    """

    hints: reactive[tuple[Hint, ...]] = reactive(())
    """What is offered, the most useful first; the last two are always shown where they fit."""

    @dataclass
    class Clicked(Message):
        """A hint was clicked."""

        command: str

    def _shown(self) -> Sequence[tuple[int, Hint]]:
        hints = list(self.hints[:MOST_KEYS])
        while hints and sum(map(_width, hints)) + 2 * (len(hints) - 1) > self.content_size.width:
            del hints[max(len(hints) - 3, 0)]
        shown = []
        x = 0
        for hint in hints:
            shown.append((x, hint))
            x += _width(hint) + 2
        return shown

    def render(self) -> Text:
        """Draw the keys."""
        text = Text(no_wrap=True, end="")
        key = inks_of(self.app)["accent"]
        label = inks_of(self.app)["dim"]
        for _x, hint in self._shown():
            text.append(hint.key, key).append(f" {hint.label}  ", label)
        return text

    def on_click(self, event: events.Click) -> None:
        """Say which hint was clicked."""
        offset = event.get_content_offset(self)
        for x, hint in reversed(self._shown()):
            if offset is not None and offset.x >= x:
                self.post_message(self.Clicked(hint.command))
                return


def _width(hint: Hint) -> int:
    return cell_len(hint.key) + 1 + cell_len(hint.label)
