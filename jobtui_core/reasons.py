"""Why a step or a call is not fresh: a record of its own, for what needs no other of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Reason", "ReasonKind"]


class ReasonKind(StrEnum):
    """Why a step is not fresh."""

    CODE_CHANGED = "code-changed"
    INPUT_CHANGED = "input-changed"
    UNDECLARED_FILE = "undeclared-file"
    PARAMETER_CHANGED = "parameter-changed"
    SCRIPT_CHANGED = "script-changed"
    VERSION_CHANGED = "version-changed"
    OUTPUT_MISSING = "output-missing"
    OUTPUT_MODIFIED = "output-modified"
    EVICTED = "evicted"
    UPSTREAM = "upstream"
    CANNOT_FOLLOW = "cannot-follow"
    FAILED = "failed"
    NEVER_RUN = "never-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One ground on which a step is not fresh, precise enough to act on."""

    kind: ReasonKind
    subject: str
    """The symbol, file, parameter or step that it is about."""
    summary: str
    """One sentence for people."""
    path: tuple[str, ...] = ()
    """For code: how the step reaches the symbol (``fit``, ``prep``, ``utils.scale``)."""
    diff: str = ""
    """A unified diff of exactly the subject, or nothing where there is none to show."""
    old: str | None = None
    new: str | None = None
    """Values before and now, as short text."""
