"""The title: the shell command that shows this view again, and how things stand."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from jobtui.inks import inks_of

__all__ = ["Title", "title_parts"]


def title_parts(command: str, facts: list[str], width: int) -> tuple[str, str]:
    """Give the left and the right part of the title for a width in cells.

    ``facts`` are dropped from the front, the first to go first; the command is cut last.
    """
    kept = [fact for fact in facts if fact]
    while kept and cell_len(command) + 2 + cell_len("  ".join(kept)) > width:
        kept.pop(0)
    right = "  ".join(kept)
    room = width - (cell_len(right) + 2 if right else 0)
    if cell_len(command) > room:
        command = command[: max(room - 1, 0)] + "…"
    return command, right


class Title(Widget):
    """One line at the top of the screen."""

    DEFAULT_CSS = """
    Title {
        dock: top;
        height: 1;
        padding: 0 1;
        background: $panel;
    }
    """

    command: reactive[str] = reactive("jobtui")
    """The shell command."""
    facts: reactive[tuple[str, ...]] = reactive(())
    """What stands on the right; the first is dropped first where space is short."""

    def render(self) -> Text:
        """Draw both parts."""
        inks = inks_of(self.app)
        width = self.content_size.width
        left, right = title_parts(self.command, list(self.facts), width)
        text = Text(no_wrap=True, end="")
        text.append(left, inks["title"])
        text.append(" " * max(1, width - cell_len(left) - cell_len(right)))
        text.append(right, inks["dim"])
        return text
