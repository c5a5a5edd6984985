"""A few things to choose from, each with its letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from jobtui.commands.moves import MOVE_BINDINGS
from jobtui.inks import inks_of

__all__ = ["Choice", "Choices"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose."""

    id: str
    key: str
    """A letter."""
    label: str


class Choices(Widget, can_focus=True):
    """Lines of which one is chosen by its letter, by enter or by a click.

    Parameters
    ----------
    choices : sequence of Choice
    """

    BINDINGS = MOVE_BINDINGS
    DEFAULT_CSS = """
    Choices {
        height: auto;
    }
    """

    current: reactive[int] = reactive(0)
    """Index of the one that enter chooses."""

    @dataclass
    class Chosen(Message):
        """One was chosen."""

        choice: Choice

    def __init__(self, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.choices = tuple(choices)

    def get_content_height(self, *_sizes: object) -> int:
        """One line for each."""
        return len(self.choices)

    def render(self) -> Text:
        """Draw the lines."""
        text = Text(no_wrap=True, end="")
        width = self.content_size.width
        for index, choice in enumerate(self.choices):
            line = Text(f" {choice.key}  {choice.label} ")
            line.stylize(inks_of(self.app)["accent"], 1, 2)
            line.truncate(width, overflow="ellipsis", pad=True)
            if index == self.current:
                line.stylize(inks_of(self.app)["current"])
            text.append_text(line)
            if index < len(self.choices) - 1:
                text.append("\n")
        return text

    def action_move(self, how: str) -> None:
        """Move to another line."""
        last = len(self.choices) - 1
        places = {
            "up": self.current - 1,
            "down": self.current + 1,
            "left": self.current - 1,
            "right": self.current + 1,
            "top": 0,
            "page_up": 0,
            "half_up": 0,
            "bottom": last,
            "page_down": last,
            "half_down": last,
        }
        self.current = max(0, min(places.get(how, self.current), last))

    def action_choose(self) -> None:
        """Choose the current one."""
        self.post_message(self.Chosen(self.choices[self.current]))

    def on_key(self, event: events.Key) -> None:
        """Choose by letter."""
        for choice in self.choices:
            if event.character == choice.key:
                event.stop()
                event.prevent_default()
                self.post_message(self.Chosen(choice))
                return

    def on_click(self, event: events.Click) -> None:
        """Choose by a click."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y < len(self.choices):
            self.post_message(self.Chosen(self.choices[offset.y]))
