"""The user's own keys: ``[tool.jobtui.keys]``, by the ids of the commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from textual.keys import format_key

from jobtui.commands.catalogue import ALL_COMMANDS
from jobtui.commands.command import Command

__all__ = ["Keymap", "read_keymap"]


_KEY = re.compile(r"\w[\w+]*|[!-~]")
"""``w``, ``ctrl+t``, ``f5``, ``question_mark``, or any other sign of the keyboard."""


class Keymap(NamedTuple):
    """Which keys run which command."""

    changed: dict[str, str]
    """Keys by the ids of the commands whose keys are not the default, as Textual wants them."""
    problems: tuple[str, ...] = ()
    """One sentence for everything that could not be used."""

    def keys(self, command: Command) -> tuple[str, ...]:
        """Give the keys of a command."""
        own = self.changed.get(command.id)
        return tuple(own.split(",")) if own else command.keys

    def shown(self, command: Command, limit: int = 1) -> str:
        """Write the first keys of a command as a person reads them."""
        return " ".join(_shown(key) for key in self.keys(command)[:limit])


def _shown(key: str) -> str:
    names = {"pageup": "pgup", "pagedown": "pgdn", "escape": "esc", "enter": "enter"}
    *modifiers, last = key.split("+")
    short = {"ctrl": "^", "shift": "shift+"}
    return "".join(short.get(m, f"{m}+") for m in modifiers) + (names.get(last) or format_key(last))


def read_keymap(table: Any) -> Keymap:
    """Read a table of command ids and keys.

    A value is a key or a list of keys, such as ``"ctrl+t"`` or ``["w", "f2"]``.  What cannot be
    used is left out and named in `Keymap.problems`.
    """
    if not isinstance(table, Mapping):
        return Keymap({}, ("keys must be a table of commands and their keys",) if table else ())
    known = {command.id for command in ALL_COMMANDS}
    changed: dict[str, str] = {}
    problems: list[str] = []
    for name, value in table.items():
        wanted = str(name).replace("-", "_")
        keys = [value] if isinstance(value, str) else value
        if wanted not in known:
            near = get_close_matches(wanted, sorted(known), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            problems.append(f"keys: there is no command {name!r}{hint}")
        elif not isinstance(keys, list) or not keys or not all(_usable(key) for key in keys):
            problems.append(f"keys: {name} needs a key or a list of keys")
        else:
            changed[wanted] = ",".join(_named(key.strip()) for key in keys)
    return Keymap(changed, tuple(problems))


def _usable(key: Any) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key.strip()) is not None


def _named(key: str) -> str:
    # A comma separates keys for Textual, so the key itself goes by its name.
    return {",": "comma", ".": "full_stop"}.get(key, key)
