"""What decides which commands make sense now."""

from __future__ import annotations

from typing import Literal, NamedTuple

from jobtui_core.records import RunInfo, ScriptStatus, StepStatus

__all__ = ["Chosen", "Context", "Mode", "PaneName", "Selected"]

Mode = Literal["steps", "cache", "runs"]
"""The places of the app, each with a screen of its own."""

PaneName = Literal["steps", "detail", "log", "functions", "entries", "preview", "runs", "record"]
"""The first three are those of Steps, the next three those of Cache, the last two those of Runs."""


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


class Chosen(NamedTuple):
    """What is selected in the history; of Runs alone."""

    run: RunInfo | None = None
    """The run under the cursor."""
    number: int = 0
    """Runs that deleting would concern: the marked ones, or the one under the cursor."""
    compared: int = 0
    """Runs that comparing would be about."""
    older: bool = False
    """Whether the run's script ran before that."""
    newer: bool = False
    log: bool = False
    """Whether its output is what is shown of it."""


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
    chosen: Chosen = Chosen()
