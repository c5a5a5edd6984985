"""A line of titles, of which one is current."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

__all__ = ["TabBar"]


class TabBar(Widget):
    """Titles side by side; never takes the focus, so it cannot swallow a key.

    Parameters
    ----------
    titles : sequence of str
    """

    COMPONENT_CLASSES = {"tabs--current", "tabs--other"}  # noqa: RUF012  # as Textual declares it
    DEFAULT_CSS = """
    TabBar {
        height: 1;
        & > .tabs--current { text-style: bold reverse; }
        & > .tabs--other { color: $text-muted; }
    }
    """

    current: reactive[int] = reactive(0)
    """Index of the current title."""

    @dataclass
    class Clicked(Message):
        """A title was clicked."""

        index: int

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._titles = tuple(titles)

    def render(self) -> Text:
        """Draw the titles."""
        text = Text(no_wrap=True, end="")
        for index, title in enumerate(self._titles):
            name = "current" if index == self.current else "other"
            style = self.get_component_rich_style(f"tabs--{name}")
            text.append(f" {title} ", style)
            text.append(" ")
        return text

    def on_click(self, event: events.Click) -> None:
        """Say which title was clicked."""
        right = 0
        for index, title in enumerate(self._titles):
            right += len(title) + 3
            if event.x < right:
                self.post_message(self.Clicked(index))
                return
