"""What a check found: a step computed again, beside what is stored of it.

Records like those of `jobtui_core.records`: nothing here acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["CheckReport", "CheckState", "CheckedCall"]


class CheckState(StrEnum):
    """How a result compares with the stored one."""

    SAME = "same"
    """Bit by bit."""
    DIFFERS = "differs"
    COULD_NOT = "could-not"
    """It could not be compared, and ``why`` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCall:
    """One call that was computed again."""

    function: str
    """Identity."""
    state: CheckState
    key: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Bounded text by name."""
    why: str = ""
    """Why it could not be compared."""
    where: str = ""
    """First place inside of the result that differs, as Python spells it."""
    old: str = ""
    new: str = ""
    """What is there in the stored result and in the new one, as bounded text."""
    count: int = 0
    """Numbers that differ there, in an array."""
    largest: float | None = None
    """Their largest absolute difference."""
    relative: float | None = None
    """Their largest difference in relation to the stored number."""
    files: tuple[str, ...] = ()
    """Output files that would hold something else."""
    note: str = ""
    seconds: float | None = None
    """What computing took now."""
    stored_seconds: float | None = None
    """What it took when the stored result was computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """A step of one script, checked; while it goes on, as far as it has come."""

    step: str
    """Its name."""
    function: str
    """Identity."""
    script: str
    calls: tuple[CheckedCall, ...] = ()
    computing: Mapping[str, str] | None = None
    """Arguments of the call that is computed now; ``None`` between calls and at the end."""
    problem: str = ""
    """What kept the check from being made, or from coming to its end."""
    log: str = ""
    """The end of what the script printed, where there is a problem."""

    @property
    def state(self) -> CheckState:
        """The outcome as a whole: one call that differs is enough."""
        states = {call.state for call in self.calls}
        if CheckState.DIFFERS in states:
            return CheckState.DIFFERS
        if self.problem or states != {CheckState.SAME}:
            return CheckState.COULD_NOT
        return CheckState.SAME
