"""Removing records of runs that somebody names: what would go, told beforehand, then the deed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.errors import RunError
from jobtui_core.project.reader import reader_of
from jobtui_core.project.running.history import find_run, read_infos
from jobtui_core.records import RunInfo, RunState
from jobtui_core.tracing.removing import remove_run

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["RunRemoval", "folder_size", "remove_runs", "run_removal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRemoval:
    """What removing some runs comes to."""

    runs: tuple[RunInfo, ...]
    """Those that would go, in the order in which they were named."""
    size: int
    """Bytes of their folders: events, logs, figures, kept arguments."""
    shown_by: tuple[str, ...] = ()
    """Ids of those that alone show something about steps: these would look as if never run, or
    as an older run left them."""
    refused: tuple[str, ...] = ()
    """Why others cannot go, a sentence for each."""


def run_removal(project: Project, runs: Sequence[str], *, force: bool = False) -> RunRemoval:
    """Tell what removing runs comes to.

    Parameters
    ----------
    project : Project
    runs : sequence of str
        Ids, unique beginnings of some, ``last`` or ``last~1``.
    force : bool
        Whether those with a star may go.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    """
    ids = dict.fromkeys(find_run(project, run) for run in runs)
    infos = {info.id: info for info in read_infos(project, ids)}
    # An empty folder is what somebody left who was killed.
    known = [infos.get(run) or RunInfo(id=run, script="", state=RunState.DIED) for run in ids]
    refused = [(info, _refusal(info, force=force)) for info in known]
    going = tuple(info for info, why in refused if not why)
    with reader_of(project) as reader:
        superfluous = reader.evidence.superfluous([info.id for info in going])
    return RunRemoval(
        runs=going,
        size=sum(folder_size(project.runs_folder / info.id) for info in going),
        shown_by=tuple(info.id for info in going if info.id not in superfluous),
        refused=tuple(why for _, why in refused if why),
    )


def _refusal(info: RunInfo, *, force: bool) -> str:
    if info.state.active:
        return f"run {info.id} goes on ({info.state.value}): cancel it first"
    if info.starred and not force:
        return f"run {info.id} has a star: take it away first, or use --force"
    return ""


def remove_runs(project: Project, runs: Sequence[str], *, force: bool = False) -> tuple[str, ...]:
    """Remove the records of runs; stored results stay.

    Parameters
    ----------
    project : Project
    runs : sequence of str
        As `run_removal` takes them.
    force : bool
        Whether those with a star may go.  Runs that go on never do.

    Returns
    -------
    tuple of str
        The ids of those that are gone.

    Raises
    ------
    UnknownNameError
        If there is no such run; nothing was removed.
    RunError
        If one must not go: nothing was removed; or if one could not be removed.
    """
    found = run_removal(project, runs, force=force)
    if found.refused:
        raise RunError(f"nothing was removed: {'; '.join(found.refused)}")
    stuck = [one.id for one in found.runs if not remove_run(project.runs_folder / one.id)]
    if stuck:
        raise RunError(f"run {stuck[0]} cannot be removed from {project.runs_folder}")
    return tuple(one.id for one in found.runs)


def folder_size(folder: Path) -> int:
    """Add up the bytes of a run's folder, with the folders in it."""
    total = 0
    waiting = [folder]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total
