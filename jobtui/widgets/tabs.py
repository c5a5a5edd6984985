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

    def _shown(self) -> Sequence[tuple[int, int, str]]:
        """Give index, place and text of the titles from the first that lets the current one fit."""
        width = self.content_size.width
        first, used = 0, sum(len(title) + 3 for title in self._titles[: self.current + 1])
        while used > width + 1 and first < self.current:
            used -= len(self._titles[first]) + 3
            first += 1
        shown, x = [], 0
        for index, title in enumerate(self._titles[first:], first):
            shown.append((index, x, f" {title} "))
            x += len(title) + 3
        return shown

    def render(self) -> Text:
        """Draw the titles; where there is no room for all, those around the current one."""
        text = Text(no_wrap=True, end="")
        for index, _x, title in self._shown():
            style = inks_of(self.app)["current" if index == self.current else "dim"]
            text.append(title, style)
            text.append(" ")
        return text

    def on_click(self, event: events.Click) -> None:
        """Say which title was clicked."""
        for index, x, title in self._shown():
            if event.x <= x + len(title):
                self.post_message(self.Clicked(index))
                return
