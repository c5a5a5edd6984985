"""A line of titles, of which one is current."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from jobtui.inks import inks_of

__all__ = ["TabBar"]


class TabBar(Widget):
    """Titles side by side; never takes the focus, so it cannot swallow a key.

    Parameters
    ----------
    titles : sequence of str
    """

    DEFAULT_CSS = """
    TabBar {
        height: 1;
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
            style = inks_of(self.app)["current" if index == self.current else "dim"]
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
