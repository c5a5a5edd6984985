"""What somebody writes beside a run."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from jobtui.plain import plain
from jobtui_core.records import RunInfo

__all__ = ["NoteScreen"]


class NoteScreen(ModalScreen["tuple[str, tuple[str, ...]] | None"]):
    """Asks for a note and tags; gives both, or ``None`` where it was closed by escape.

    Parameters
    ----------
    run : RunInfo
        The run, with what stands beside it now.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", "Close", show=False, priority=True),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
        Binding("tab", "app.focus_next", "Next", show=False),
        Binding("shift+tab", "app.focus_previous", "Previous", show=False),
    ]
    CSS_PATH = "note.tcss"
    AUTO_FOCUS = "#note-text"

    def __init__(self, run: RunInfo) -> None:
        super().__init__()
        self._run = run

    def compose(self) -> ComposeResult:
        """Put the two fields below each other."""
        box = Vertical(id="note")
        box.border_title = Content(f"Note  {plain(self._run.id)}")
        box.border_subtitle = "enter keeps it   esc takes it back"
        with box:
            yield Static("note", classes="label")
            yield _field(self._run.note, "what is worth remembering of this run", "note-text")
            yield Static("tags", classes="label")
            yield _field(" ".join(self._run.tags), "words, separated by spaces", "note-tags")
            yield Static("", id="note-problem")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Keep both, if they can be."""
        message.stop()
        from jobtui_core.tracing.runnotes import LONGEST_NOTE, tag_problem

        note = self.query_one("#note-text", Input).value.replace("␊", "\n").strip()
        words = self.query_one("#note-tags", Input).value.replace(",", " ").split()
        tags = tuple(sorted({word.removeprefix("#") for word in words}))
        problem = tag_problem(tags)
        if len(note) > LONGEST_NOTE:
            problem = f"a note has {LONGEST_NOTE:,} characters at most, not {len(note):,}"
        if problem:
            self.query_one("#note-problem", Static).update(Content(plain(problem)))
            return
        self.dismiss((note, tags))

    def action_leave(self) -> None:
        """Close without keeping anything."""
        self.dismiss(None)


def _field(value: str, placeholder: str, widget_id: str) -> Input:
    # A note of several lines, which the command can write, is one line here: ␊ parts them.
    field = Input(plain(value), placeholder=placeholder, id=widget_id, select_on_focus=False)
    field.cursor_blink = False
    return field
