"""What can be done in Runs alone: a part of the catalogue."""

from __future__ import annotations

from jobtui.commands import history
from jobtui.commands.availability import (
    can_compare,
    can_run_again,
    has_newer,
    has_older,
    has_run,
    shows_log,
)
from jobtui.commands.command import Command

__all__ = ["RUN_COMMANDS"]

RUN_COMMANDS = (
    Command(
        id="run_again",
        name="Run again",
        help="Show the plan of the selected run's script, parameters and words; enter runs it.",
        keys=("r",),
        group="Runs",
        footer="run again",
        handler=history.run_again,
        available=can_run_again,
        modes=("runs",),
    ),
    Command(
        id="compare",
        name="Compare",
        help="Show in what the marked runs differ, else the selected one and the one before it.",
        keys=("equals_sign",),
        group="Runs",
        footer="compare",
        handler=history.compare,
        available=can_compare,
        modes=("runs",),
    ),
    Command(
        id="note",
        name="Note",
        help="Write a note and tags beside the selected run.",
        keys=("m",),
        group="Runs",
        footer="note",
        handler=history.note,
        available=has_run,
        modes=("runs",),
    ),
    Command(
        id="star",
        name="Star",
        help="Put a star on the selected run, which keeps it for ever; again: take it away.",
        keys=("asterisk",),
        group="Runs",
        handler=history.star,
        available=has_run,
        modes=("runs",),
    ),
    Command(
        id="older",
        name="Older run",
        help="Go to the run of the same script before the selected one.",
        keys=("left_square_bracket",),
        group="Runs",
        handler=history.older,
        available=has_older,
        modes=("runs",),
    ),
    Command(
        id="newer",
        name="Newer run",
        help="Go to the next run of the same script.",
        keys=("right_square_bracket",),
        group="Runs",
        handler=history.newer,
        available=has_newer,
        modes=("runs",),
    ),
    Command(
        id="live",
        name="Newest run",
        help="Go to the newest run of all, which may be under way.",
        keys=("0",),
        group="Runs",
        handler=history.live,
        available=has_run,
        modes=("runs",),
    ),
    Command(
        id="next_pause",
        name="Next long pause",
        help="In the log: go to where nothing was put out for long.",
        keys=("t",),
        group="Runs",
        handler=history.next_pause,
        available=shows_log,
        modes=("runs",),
    ),
    Command(
        id="timestamps",
        name="Timestamps",
        help="In the log: show when each line was put out, or no longer.",
        keys=("T",),
        group="Runs",
        handler=history.timestamps,
        available=shows_log,
        modes=("runs",),
    ),
)
