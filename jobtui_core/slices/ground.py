"""What an analysis rests on, noted while the script is walked through.

It lets `jobtui_core.slices.revise` bring an analysis up to date after the edit of a function's
body without walking through the script again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui_core.fingerprint import Fingerprint
    from jobtui_core.slices.checkpoints import Checkpoints
    from jobtui_core.slices.terms import Term
    from jobtui_core.sources import SourceModule

__all__ = ["FunctionKey", "Ground"]

FunctionKey = tuple["SourceModule", str]
"""A function or class: its module and its qualified name."""


@dataclass(slots=True)
class Ground:
    """What an analysis looked at, beside the statements of the modules that it walked through.

    Attributes
    ----------
    fingerprints : dict
        Those that were asked for.
    fixed : set
        Functions whose fingerprints went into terms: of these, nothing may change.  The digest
        of a step stands in the templates of its own call sites, where it can be exchanged.
    walked : set of (str, int)
        Functions whose bodies were walked through: the file, and the line of ``def``.
    read : set of (str, str)
        Names of modules whose values went into anything: the file, and the name.
    looped : set of str
        Steps whose digests went into terms after all: what a loop calls, where its turns take
        each other's results.
    checkpoints : Checkpoints or None
        States of the walk, where there was one over these very sources.
    parts : list
        By call site, what its template is built from beside the function and its code.
    """

    fingerprints: dict[FunctionKey, Fingerprint] = field(default_factory=dict)
    fixed: set[FunctionKey] = field(default_factory=set)
    walked: set[tuple[str, int]] = field(default_factory=set)
    read: set[tuple[str, str]] = field(default_factory=set)
    looped: set[str] = field(default_factory=set)
    parts: list[list[Term | str]] = field(default_factory=list)
    checkpoints: Checkpoints | None = None
