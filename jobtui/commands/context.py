"""What decides which commands make sense now."""

from __future__ import annotations

from typing import Literal, NamedTuple

from jobtui_core.records import RunInfo, ScriptStatus, StepStatus

__all__ = ["Context", "PaneName"]

PaneName = Literal["steps", "detail", "log"]


class Context(NamedTuple):
    """The selection and what surrounds it."""

    step: StepStatus | None = None
    """The step under the cursor."""
    script: ScriptStatus | None = None
    """The script that the cursor is in."""
    active: tuple[RunInfo, ...] = ()
    """Runs that may still produce something."""
    run: RunInfo | None = None
    """The active run that the selection belongs to, or the only one there is."""
    pane: PaneName = "steps"
    """The pane with the focus."""
    ready: bool = False
    """Whether the state on the screen is today's."""
    can_suspend: bool = False
    """Whether another program may take over the terminal."""
    searching: bool = False
    """Whether the pane with the focus has something to search for."""
