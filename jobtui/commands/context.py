"""What decides which commands make sense now."""

from __future__ import annotations

from typing import Literal, NamedTuple

from jobtui_core.records import RunInfo, ScriptStatus, StepStatus

__all__ = ["Context", "Mode", "PaneName", "Selected"]

Mode = Literal["steps", "cache"]
"""The places of the app, each with a screen of its own."""

PaneName = Literal["steps", "detail", "log", "functions", "entries", "preview"]
"""The first three are those of Steps, the others those of Cache."""


class Selected(NamedTuple):
    """What is selected in the store that the Cache shows."""

    store: bool = False
    """Whether a store is open at all."""
    entry: bool = False
    """Whether the cursor stands on an entry, in whatever pane the focus is."""
    number: int = 0
    """Entries that deleting would concern: the marked ones, or those under the cursor."""
    refused: str = ""
    """Why the store cannot be written, where that is known."""
    reading: bool = False
    """Whether it is being listed."""


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
    kept: Selected = Selected()
    """What is selected in a store; of the Cache alone."""
