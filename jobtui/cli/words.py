"""What the words after a command mean: scripts, ``name=value`` pairs, and the scripts' own argv."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobtui_core.project import Project

__all__ = ["Selection", "is_assignment", "select", "split_argv"]

_ASSIGNMENT = re.compile(r"[^\W\d]\w*=")


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of a project that a command is about, and the values it is looked at with."""

    scripts: tuple[str, ...] | None
    """Relative to the root; ``None`` = all of the project."""
    overrides: dict[str, Any] = field(default_factory=dict)
    argv: tuple[str, ...] | None = None
    """Words for the scripts; ``None`` = those of each script's newest run."""

    def keywords(self) -> dict[str, Any]:
        """Give what the facade's functions take besides the scripts."""
        return {"overrides": self.overrides, "argv": self.argv}


def is_assignment(word: str) -> bool:
    """Tell whether a word is ``name=value``, and no file that is called so."""
    return _ASSIGNMENT.match(word) is not None and not Path(word).is_file()


def split_argv(words: Sequence[str]) -> tuple[list[str], tuple[str, ...] | None]:
    """Split at the first ``--``: our own words, and those for the scripts (``None`` without it)."""
    words = list(words)
    if "--" not in words:
        return words, None
    at = words.index("--")
    return words[:at], tuple(words[at + 1 :])


def select(
    project: Project,
    words: Sequence[str],
    argv: tuple[str, ...] | None,
    params: str | None = None,
) -> Selection:
    """Tell scripts and values apart, and check both against the project.

    Parameters
    ----------
    project : Project
    words : sequence of str
        ``name=value`` where an identifier stands before the first ``=``, unless a file is called
        so; everything else names a script.
    argv : tuple of str or None
        Words for the scripts.
    params : str, optional
        A TOML or JSON file of parameters; ``name=value`` wins over it.

    Raises
    ------
    UnknownNameError
        If a script or parameter does not exist, with the nearest that does.
    ParameterError
        If a script refuses a value.
    """
    names, values = [], []
    for word in words:
        if is_assignment(word):
            values.append(word)
        else:
            names.append(word)
    scripts: tuple[str, ...] | None = None
    overrides: dict[str, Any] = {}
    # Nothing is imported for words that are not there: most often it is none.
    if names:
        from jobtui_core.project import find_scripts

        scripts = tuple(find_scripts(project, names))
    if params is not None:
        from jobtui_core.project import parameters_from

        overrides = parameters_from(project, scripts, params, values)
    elif values:
        from jobtui_core.project import parse_overrides

        overrides = parse_overrides(project, scripts, values)
    return Selection(scripts, overrides, argv)
