"""``jobtui runs``: what ran in the project, and how it went."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobtui.cli.kept import print_json
from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.cli.places import as_filter
from jobtui.plain import count, duration, short
from jobtui_core.records import RunInfo, RunState

if TYPE_CHECKING:
    from jobtui_core.project import Project

__all__ = ["hits_and_computed", "list_runs", "run", "saved", "settings_of", "time_of"]

_ON_A_SCREEN = 30
"""Runs that are listed on a terminal without ``-n``; a program gets them all."""

_LEAST_SAVED = 0.001

_NOTE = 60
"""Characters of a note in a list; those of settings are as many."""

STYLES: dict[RunState, str] = {
    RunState.FAILED: "red",
    RunState.DIED: "red",
    RunState.RUNNING: "cyan",
    RunState.CANCELLED: "dim",
    RunState.QUEUED: "dim",
    RunState.SILENT: "yellow",
}


def run(options: Namespace, output: Output) -> int:
    """List runs."""
    from jobtui_core.project import open_project, runs_to_json, select_runs

    project = open_project()
    wanted = options.words[0] if len(options.words) == 1 else as_filter(options.words)
    if options.app:
        from jobtui.cli.app import open_app
        from jobtui_core.project import run_filter

        # What cannot be understood is said here, and not in a screen that opens on nothing.
        run_filter(wanted)
        return open_app(project.root, runs=wanted)
    found = select_runs(project, wanted)
    most = options.number or (_ON_A_SCREEN if output.terminal and not options.json else len(found))
    if options.json:
        print_json(runs_to_json(found[:most]), output)
    elif not found:
        output.line(_nothing(project, wanted))
    else:
        list_runs(found[:most], output)
        if len(found) > most and output.terminal:
            output.line(f"… and {count(len(found) - most, 'older run')}; -n {len(found)} lists all")
    return 0


def _nothing(project: Project, wanted: str) -> str:
    from jobtui_core.project import runs

    if wanted and runs(project, limit=1):
        return "no run is like that; jobtui runs lists all"
    return "nothing has run here yet; jobtui run starts what is not fresh"


def list_runs(found: Sequence[RunInfo], output: Output) -> None:
    """Write a line for each run."""
    starred = any(info.starred for info in found)
    output.rows([_line(info, starred=starred) for info in found])


def _line(info: RunInfo, *, starred: bool) -> Sequence[Cell]:
    star = [("*" if info.starred else " ", "yellow")] if starred else []
    return (
        *star,
        (one_line(info.id), "bold"),
        (one_line(info.script) or "-", ""),
        (info.state.value, STYLES.get(info.state, "")),
        ((duration(time_of(info)) or "-").rjust(7), ""),
        (hits_and_computed(info), ""),
        (saved(info.time_saved), "green"),
        ("  ".join(_rest(info)), "dim"),
    )


def _rest(info: RunInfo) -> list[str]:
    told = [short(settings_of(info), _NOTE)]
    told += [f"[sweep {one_line(info.sweep)}]"] if info.sweep else []
    told += [one_line(" ".join(f"#{tag}" for tag in info.tags))]
    told += [short(one_line(info.note), _NOTE)]
    return [one for one in told if one]


def saved(seconds: float) -> str:
    """Write how much time hits saved; nothing where that is next to nothing."""
    return f"saved {duration(seconds)}" if seconds >= _LEAST_SAVED else ""


def settings_of(info: RunInfo) -> str:
    """Write the parameters of a run that are not the defaults, and its own words."""
    from jobtui_core.tracing.redacted import redacted_value, redacted_words

    words = [f"{name}={redacted_value(name, value)}" for name, value in info.differing.items()]
    words += ["--", *redacted_words(info.argv)] if info.argv else []
    return one_line(" ".join(words))


def hits_and_computed(info: RunInfo) -> str:
    """Write how many calls were answered from the store, and how many ran."""
    parts = [
        *([f"{info.computed} computed"] if info.computed else []),
        *([count(info.hits, "hit")] if info.hits else []),
        *([f"{info.old} old"] if info.old else []),
        *([f"{info.failed} failed"] if info.failed else []),
    ]
    return ", ".join(parts) or "no calls"


def time_of(info: RunInfo) -> float | None:
    """Give the seconds that a run took, or has been running for."""
    if info.started is None:
        return None
    if info.ended is not None:
        return info.ended - info.started
    return max(time.time() - info.started, 0.0) if info.state is RunState.RUNNING else None
