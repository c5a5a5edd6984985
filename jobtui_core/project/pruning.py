"""Old runs go where younger ones show the same, so that verdicts are the same without them."""

from __future__ import annotations

from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING

from jobtui_core.limits import size_of
from jobtui_core.project.reader import reader_of
from jobtui_core.project.running.history import run_ids
from jobtui_core.project.running.journal import OUTPUT
from jobtui_core.project.runremoval import folder_size
from jobtui_core.tracing.removing import remove_run
from jobtui_core.tracing.runnotes import starred_runs

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["prune_runs"]


def prune_runs(
    project: Project, *, keep: int | None = None, dry_run: bool = False
) -> tuple[str, ...]:
    """Remove records of old runs that are more, or larger, than the project wants to keep.

    Parameters
    ----------
    project : Project
        Its settings ``keep_runs`` and ``keep_runs_size`` say how much that is.
    keep : int, optional
        How many instead, whatever their size.
    dry_run : bool
        Remove nothing.

    Returns
    -------
    tuple of str
        The ids of those that are gone, or would be.

    Notes
    -----
    Runs that go on stay, those with a star, and the youngest run that shows something: what was
    called with which arguments and code, what came of it, and what is to be said about it.  Of an
    old run that stays for that alone, the log goes where room is short.
    """
    old, crowded = _beyond(project) if keep is None else (run_ids(project)[keep:], set())
    if not old:
        return ()
    starred = starred_runs(project.runs_folder)
    with reader_of(project) as reader:
        superfluous = reader.evidence.superfluous(old)
        active = reader.evidence.active_runs()
    gone = []
    # The oldest first: whoever is killed in between leaves the younger ones.
    for run in reversed(old):
        folder = project.runs_folder / run
        if run in starred:
            continue
        if run in superfluous:
            if dry_run or remove_run(folder):
                gone.append(run)
        elif run in crowded and run not in active and not dry_run:
            for path in (folder / OUTPUT, *folder.glob("marks*.jsonl")):
                with suppress(OSError):
                    path.unlink()
    return tuple(gone)


def _beyond(project: Project) -> tuple[list[str], set[str]]:
    """Give the runs beyond either limit, newest first, and those beyond that of their size.

    There are none before a tenth more than the limits: to find out what is superfluous takes a
    look at all runs.
    """
    most, room = project.config.keep_runs, size_of(project.config.keep_runs_size)
    ids = run_ids(project)
    sizes = [folder_size(project.runs_folder / run) for run in ids]
    if len(ids) <= most * 1.1 and sum(sizes) <= room * 1.1:
        return [], set()
    totals = list(accumulate(sizes))
    crowded = {run for run, total in zip(ids, totals, strict=True) if total > room}
    return [run for number, run in enumerate(ids) if number >= most or run in crowded], crowded
