"""Movements, which every list and text of the app understands alike."""

from __future__ import annotations

from textual.binding import BindingType

from jobtui.commands.command import Command

__all__ = ["MOVES", "MOVE_BINDINGS"]


def _move(command_id: str, name: str, what: str, *keys: str) -> Command:
    return Command(id=command_id, name=name, help=what, keys=keys, group="Moving")


MOVES: tuple[Command, ...] = (
    _move("up", "Up", "Go one line up.", "up", "k"),
    _move("down", "Down", "Go one line down.", "down", "j"),
    _move("left", "Left", "Fold a script's steps; move a text to the left.", "left"),
    _move("right", "Right", "Unfold a script's steps; move a text to the right.", "right"),
    _move("top", "To the top", "Go to the first line.", "g", "home"),
    _move("bottom", "To the bottom", "Go to the last line.", "G", "end"),
    _move("half_up", "Half a page up", "Go half a page up.", "ctrl+u"),
    _move("half_down", "Half a page down", "Go half a page down.", "ctrl+d"),
    _move("page_up", "A page up", "Go a page up.", "pageup"),
    _move("page_down", "A page down", "Go a page down.", "pagedown"),
)
"""Commands that act on the widget with the focus."""

ENTER = Command(
    id="enter",
    name="Go in",
    help="Open the selected row, or unfold the traceback of a pane that failed.",
    keys=("enter",),
    group="Moving",
)
"""Going in, which a list and a text each do in their way."""

MOVE_BINDINGS: list[BindingType] = [
    *(command.binding(f"move('{command.id}')") for command in MOVES),
    ENTER.binding("choose"),
]
"""Bindings of a widget that has ``action_move`` and ``action_choose``."""
