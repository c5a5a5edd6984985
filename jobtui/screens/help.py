"""All keys, from the list of commands."""

from __future__ import annotations

from typing import ClassVar, get_args

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from jobtui.commands.catalogue import ALL_COMMANDS
from jobtui.commands.command import Group
from jobtui.commands.context import Mode
from jobtui.commands.keymap import Keymap
from jobtui.glyphs import ACCEPTED_GLYPH, VERDICT_GLYPHS
from jobtui.views.lines import Line, line
from jobtui.widgets.text_view import TextView
from jobtui_core.records import Verdict

__all__ = ["HelpScreen", "help_lines"]

_MEANINGS: dict[Verdict, str] = {
    Verdict.FAILED: "its last call raised an error",
    Verdict.RUNNING: "a call of it is under way",
    Verdict.NEW: "it never ran",
    Verdict.STALE: "what it depends on changed: it would run",
    Verdict.UNSURE: "only running can tell: it takes something that is not known yet",
    Verdict.FRESH: "its stored result would be used",
    Verdict.UNUSED: "today's source does not call it",
}


_OWN: dict[Mode, Group | None] = {"steps": None, "cache": "Cache", "runs": "Runs"}
"""Where the keys of a mode stand that the others do not have."""


def help_lines(keymap: Keymap, mode: Mode = "steps") -> list[Line]:
    """Give the text of the help screen: first what concerns the mode that one looks at."""
    own = _OWN[mode]
    groups: list[Group] = sorted(get_args(Group), key=lambda group: group != own)
    keys = [one for group in groups for one in ((), *_keys_of(group, keymap))][1:]
    verdicts = _verdict_lines()
    lines = [*keys, (), *verdicts] if own else [*verdicts, (), *keys]
    return [
        *lines,
        (),
        line(("Your own keys", "title")),
        line("  In pyproject.toml, by the ids of the commands:"),
        line("  [tool.jobtui.keys]"),
        line('  run_stale = ["R", "f9"]'),
        line(("  ids: " + ", ".join(command.id for command in ALL_COMMANDS), "dim")),
    ]


def _verdict_lines() -> list[Line]:
    lines: list[Line] = [line(("What the rows say", "title"))]
    for verdict, meaning in _MEANINGS.items():
        word = f"{VERDICT_GLYPHS[verdict]} {verdict.value:<9}"
        lines.append(line("  ", (word, verdict.value), f" {meaning}"))
    word = f"{ACCEPTED_GLYPH} {Verdict.FRESH.value:<9}"
    meaning = "the same, because an edit of its code was accepted"
    lines.append(line("  ", (word, Verdict.FRESH.value), f" {meaning}"))
    return lines


def _keys_of(group: Group, keymap: Keymap) -> list[Line]:
    width = max(len(keymap.shown(command, 3)) for command in ALL_COMMANDS) + 2
    lines: list[Line] = [line((group, "title"))]
    for command in ALL_COMMANDS:
        if command.group == group:
            keys = keymap.shown(command, 3) or "palette"
            lines.append(line(f"  {'':<{width - len(keys)}}", (keys, "name"), f"  {command.help}"))
    return lines


class HelpScreen(ModalScreen[None]):
    """The help.

    Parameters
    ----------
    keymap : Keymap
        The keys in effect.
    mode : Mode
        Where it was asked for: its keys come first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,ctrl+c", "leave", "Close", show=False),
    ]
    CSS_PATH = "help.tcss"

    def __init__(self, keymap: Keymap, mode: Mode) -> None:
        super().__init__()
        self._keymap = keymap
        self._mode: Mode = mode

    def compose(self) -> ComposeResult:
        """Show the text in a box."""
        box = Vertical(id="help")
        box.border_title = "Keys"
        box.border_subtitle = "esc closes"
        with box:
            yield TextView(widget_id="help-text")

    def on_mount(self) -> None:
        """Write the text."""
        self.query_one(TextView).set_lines(help_lines(self._keymap, self._mode))

    def action_leave(self) -> None:
        """Close it."""
        self.dismiss(None)
