"""Which command opens a file at a line in the user's editor."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

__all__ = ["editor_command"]

_PLUS = frozenset(
    (
        "ed", "emacs", "emacsclient", "gvim", "jed", "jmacs", "joe", "kak", "mcedit", "mg",
        "micro", "nano", "ne", "nvi", "nvim", "pico", "vi", "view", "vim", "zile",
    )
)  # fmt: skip
"""Editors that take ``+LINE`` before the file."""

_COLON = frozenset(["helix", "hx", "subl", "sublime_text", "zed"])
"""Editors that take ``FILE:LINE``."""

_GOTO = frozenset(["code", "code-insiders", "codium", "cursor", "vscodium", "windsurf"])
"""Editors that take ``--goto FILE:LINE``, and come back at once unless told to wait."""


def editor_command(environment: Mapping[str, str], path: Path, line: int) -> list[str] | None:
    """Give the command, or ``None`` if neither ``VISUAL`` nor ``EDITOR`` names an editor.

    An editor that is not known gets the file alone, since a wrong option may harm.
    """
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environment.get(variable, ""))
        except ValueError:
            continue
        if words:
            break
    else:
        return None
    name = Path(words[0]).name
    if name in _COLON:
        return [*words, f"{path}:{line}"]
    if name in _GOTO:
        wait = [] if {"-w", "--wait"} & set(words) else ["--wait"]
        return [*words, *wait, "--goto", f"{path}:{line}"]
    if name in _PLUS:
        return [*words, f"+{line}", str(path)]
    return [*words, str(path)]
