"""What ran in a project: every run has a folder, and its trace says the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from jobtui_core.errors import UnknownNameError
from jobtui_core.project.evidence.facts import refused
from jobtui_core.project.folder import Project
from jobtui_core.project.nearest import hint, nearest
from jobtui_core.project.running.ended import EndedRuns, look_at
from jobtui_core.project.running.ids import run_ids
from jobtui_core.project.running.queues import QueueState, queue_state
from jobtui_core.records import CallInfo, RunInfo, RunState
from jobtui_core.tracing.changes import is_dirty
from jobtui_core.tracing.read import RunReader, read_run
from jobtui_core.tracing.runnotes import read_notes

__all__ = [
    "active",
    "calls",
    "find_run",
    "newest_argv",
    "read_info",
    "read_infos",
    "run_ids",
    "run_info",
    "runs",
    "with_notes",
]

_ENDED = (RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.DIED)

_is_relative = re.compile(r"last(?:~([0-9]{1,6}))?").fullmatch


def runs(project: Project, limit: int | None = None) -> tuple[RunInfo, ...]:
    """Give the runs of a project, newest first, at most ``limit`` of them."""
    known = run_ids(project)
    return read_infos(project, known[:limit], known=known)


def active(project: Project) -> tuple[RunInfo, ...]:
    """Give the runs that may still produce something, newest first."""
    return tuple(run for run in runs(project) if run.state.active)


def run_info(project: Project, run: str) -> RunInfo:
    """Give one run by what people call it: see `find_run`.

    Raises
    ------
    UnknownNameError
        If there is no such run, or more than one.
    """
    wanted = find_run(project, run)
    for info in read_infos(project, [wanted]):
        return info
    raise UnknownNameError(f"Run {wanted} has no records.", name=run, nearest=())


def calls(project: Project, run: str) -> tuple[CallInfo, ...]:
    """Give the calls of steps and memoized functions in one run, in order of their start.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    """
    trace = read_run(project.runs_folder / find_run(project, run))
    return tuple(call.info for call in trace.calls)


def newest_argv(project: Project, script: str) -> tuple[str, ...]:
    """Give the words that a script was last run with and took; none if it never ran."""
    for info in runs(project):
        if info.script == script and not refused(info):
            return info.argv
    return ()


def find_run(project: Project, run: str) -> str:
    """Give the id of the run that is meant.

    Parameters
    ----------
    project : Project
    run : str
        An id, or the beginning of one that no other run shares; ``last`` for the newest run,
        ``last~1`` for the one before it.

    Raises
    ------
    UnknownNameError
        If there is no such run, or more than one.
    """
    # A time may be written as people write it: 2026-11-22T10:14.
    wanted = run.replace(":", "-").replace(" ", "T")
    if (
        wanted
        and wanted[0] != "."
        and "/" not in wanted
        and (project.runs_folder / wanted).is_dir()
    ):
        return wanted
    if (relative := _is_relative(wanted)) is not None:
        return _before(project, int(relative[1] or 0))
    known = run_ids(project)
    matches = [one for one in known if wanted and one.startswith(wanted)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(matches[:3]) + (" …" if len(matches) > 3 else "")
        raise UnknownNameError(
            f"{run!r} is the beginning of {len(matches)} runs: {names}.",
            name=run,
            nearest=tuple(matches[:3]),
        )
    near = nearest(wanted, known)
    raise UnknownNameError(f"There is no run {run!r}{hint(near)}", name=run, nearest=near)


def _before(project: Project, back: int) -> str:
    known = run_ids(project)
    if back < len(known):
        return known[back]
    what = f"there are {len(known)} runs" if known else "nothing has run here yet"
    name = f"last~{back}" if back else "last"
    raise UnknownNameError(f"There is no run {name!r}: {what}.", name=name, nearest=())


def read_infos(
    project: Project, ids: Iterable[str], *, known: Iterable[str] | None = None
) -> tuple[RunInfo, ...]:
    """Give what is known of some runs, in the order given; empty folders are left out.

    ``known`` are the runs that there are, where the caller knows: others leave the index.
    """
    index = EndedRuns(project)
    if known is not None:
        index.drop_others(known)
    found = []
    queues: dict[str, QueueState | None] = {}
    for run in ids:
        folder = project.runs_folder / run
        look = look_at(folder)
        info = index.get(run, look.signature)
        if info is None:
            info = _read(project, RunReader(folder), queues)
            if info.state in _ENDED and info.script:
                index.put(run, look.signature, info)
        if info.script:
            found.append(with_notes(info, folder) if look.noted else info)
    index.save()
    return tuple(found)


def read_info(
    project: Project, reader: RunReader, queues: dict[str, QueueState | None] | None = None
) -> RunInfo:
    """Give what is known of a run now, from its trace and its queue.

    A folder in which nothing was written yet gives a record without a script.
    """
    return with_notes(_read(project, reader, queues), reader.folder)


def _read(
    project: Project, reader: RunReader, queues: dict[str, QueueState | None] | None
) -> RunInfo:
    reader.update()
    info = _with_queue(project, reader.trace.info, queues)
    if info.state is RunState.DIED and reader.update():
        # Its end was written after the first look at the trace, and before that at the queue.
        info = _with_queue(project, reader.trace.info, queues)
    return info if info.dirty is not None else replace(info, dirty=is_dirty(reader.folder))


def with_notes(info: RunInfo, folder: Path) -> RunInfo:
    """Give a run with what is written beside it now."""
    notes = read_notes(folder)
    if (info.note, info.tags, info.starred) == (notes.note, notes.tags, notes.starred):
        return info
    return replace(info, note=notes.note, tags=notes.tags, starred=notes.starred)


# What the queue knows better -----------------------------------------------------------------


def _with_queue(
    project: Project, info: RunInfo, queues: dict[str, QueueState | None] | None
) -> RunInfo:
    """Correct the state that a trace tells by what is known of the run's queue.

    A trace alone cannot tell a run that waits for its turn from one whose turn will never come,
    nor a process that died from one whose end is being written at this moment.

    Parameters
    ----------
    project : Project
    info : RunInfo
        As the trace has it.
    queues : dict, optional
        States of queues that were read already; added to.
    """
    if info.queue is None or info.state not in (RunState.QUEUED, RunState.DIED):
        return info
    queue = _queue(project, info.queue, {} if queues is None else queues)
    if queue is None or queue.state in ("died", "done"):
        process = queue.processes.get(info.id) if queue else None
        if info.state is RunState.QUEUED and process is not None and process.alive:
            # Its supervisor is gone, and it runs all the same.
            return replace(info, state=RunState.RUNNING, pid=process.pid, host=process.host)
        error = "The process that was to start it is gone." if process is None else ""
        return replace(info, state=RunState.DIED, error=info.error or error)
    process = queue.processes.get(info.id)
    if process is None:
        return info
    return replace(info, state=RunState.RUNNING, pid=info.pid or process.pid, host=process.host)


def _queue(project: Project, name: str, queues: dict[str, QueueState | None]) -> QueueState | None:
    if name not in queues:
        try:
            queues[name] = queue_state(project, name)
        except UnknownNameError:
            queues[name] = None
    return queues[name]
