"""Ending runs before their time, whoever started them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable

from jobtui_core.errors import RunError
from jobtui_core.project.folder import Project
from jobtui_core.project.running.history import active, find_run, run_info
from jobtui_core.project.running.journal import append_event
from jobtui_core.project.running.processes import ProcessId
from jobtui_core.project.running.queues import CANCEL_ALL, QueueFolder, QueueState, queue_state
from jobtui_core.records import RunInfo, RunState
from jobtui_core.tracing.liveness import host_name
from jobtui_core.tracing.read import read_run

__all__ = ["cancel"]

_STEP = 0.02
"""Seconds between two looks at a process that was asked to end."""

_PATIENCE = 5.0
"""Seconds that the kernel has to end a killed process."""

_SCHEDULERS = {
    "slurm": "scancel {job}",
    "pbs": "qdel {job}",
    "lsb": "bkill {job}",
    "job": "qdel {job}",
}


def cancel(
    project: Project, run: str | None = None, *, queue: str | None = None, grace: float = 5.0
) -> tuple[str, ...]:
    """End a run, all runs of a queue, or everything that is active.

    Parameters
    ----------
    project : Project
    run : str, optional
        Id of a run, or the unique beginning of one.
    queue : str, optional
        Id of a queue.  With neither run nor queue, everything active is cancelled.
    grace : float
        Seconds between SIGINT and SIGKILL for a run that has no supervisor (any more), such as one
        started by hand.  Those that have one were given theirs by ``start``.

    Returns
    -------
    tuple of str
        Ids of the runs that were active and are asked to end.  A run that had ended already is no
        error, and is not among them.

    Raises
    ------
    UnknownNameError
        If there is no such run or queue.
    RunError
        If it runs on another machine, with the command that would cancel it there.

    Notes
    -----
    A run with a supervisor is still running when this returns: follow it to see its end.  For one
    without, this waits until it is gone.  The process is recognised by its pid and its start time,
    so that a number that was given to another process is never hit.
    """
    if queue is not None:
        return _cancel_queue(project, queue, grace)
    if run is not None:
        return _cancel_runs(project, [run_info(project, find_run(project, run))], grace)
    return _cancel_runs(project, active(project), grace)


def _cancel_queue(project: Project, queue: str, grace: float) -> tuple[str, ...]:
    state = queue_state(project, queue)
    if state.state == "done":
        return ()
    going = tuple(run for run in state.runs if run not in state.finished)
    if state.state != "died" and _tell_supervisor(project, state, CANCEL_ALL):
        return going
    infos = [run_info(project, run) for run in going if (project.runs_folder / run).is_dir()]
    return _cancel_runs(project, infos, grace)


def _cancel_runs(project: Project, infos: Iterable[RunInfo], grace: float) -> tuple[str, ...]:
    asked: list[str] = []
    elsewhere: list[RunError] = []
    for info in infos:
        if not info.state.active:
            continue
        try:
            _cancel_run(project, info, grace)
        except RunError as error:
            elsewhere.append(error)
        else:
            asked.append(info.id)
    if elsewhere and not asked:
        raise elsewhere[0]
    return tuple(asked)


def _cancel_run(project: Project, info: RunInfo, grace: float) -> None:
    state: QueueState | None = None
    if info.queue is not None:
        # A queue's folder may be gone; then the run has no supervisor that could be told.
        with contextlib.suppress(LookupError):
            state = queue_state(project, info.queue)
    supervised = state is not None and state.state in ("waiting", "running")
    if supervised and state is not None and _tell_supervisor(project, state, info.id):
        return
    if info.state is RunState.QUEUED:
        _write_end(project, info.id, None)
        return
    processes = _processes(project, info, state)
    if not processes and info.host in ("", host_name()):
        raise RunError(
            f"Run {info.id} has left no word of its process: find and end that by hand.",
            run=info.id,
        )
    if any(process.alive is None for process in processes) or not processes:
        raise _elsewhere(project, info)
    _end_processes(project, info, processes, grace)


def _tell_supervisor(project: Project, state: QueueState, run: str) -> bool:
    supervisor = state.supervisor
    if supervisor is not None and supervisor.alive is None:
        raise RunError(
            f"The queue runs on {supervisor.host}, this is {host_name()}: cancel it there "
            f"(`ssh {supervisor.host} kill {supervisor.pid}`).",
            host=supervisor.host,
            queue=state.id,
        )
    try:
        QueueFolder(project.queues_folder / state.id).ask_to_cancel(run)
    except OSError as error:
        # The note cannot be left; for a whole queue a signal says the same.
        if run != CANCEL_ALL or supervisor is None:
            raise RunError(
                f"{project.queues_folder} cannot be written ({error.strerror}), which is how a "
                "run is cancelled; cancel the whole queue instead.",
                queue=state.id,
            ) from error
        return _send(supervisor, signal.SIGTERM)
    # Before it has acknowledged there is nobody to wake: it looks when it starts.
    return supervisor is None or _send(supervisor, signal.SIGUSR1)


def _send(process: ProcessId, number: int) -> bool:
    if not process.alive:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, number)
        return True
    return False


# Without a supervisor ------------------------------------------------------------------------


def _processes(project: Project, info: RunInfo, state: QueueState | None) -> list[ProcessId]:
    """Give the processes to signal: the wrapper that we started, and the script itself."""
    found = []
    if state is not None and info.id in state.processes:
        found.append(state.processes[info.id])
    begun = read_run(project.runs_folder / info.id).start
    pid = begun.get("pid")
    if isinstance(pid, int) and pid > 0:
        start = begun.get("pid_start")
        found.append(
            ProcessId(
                host=str(begun.get("host", "")),
                boot=str(begun.get("boot") or ""),
                pid=pid,
                start=float(start) if isinstance(start, int | float) else None,
            )
        )
    return list({process.pid: process for process in found}.values())


def _elsewhere(project: Project, info: RunInfo) -> RunError:
    job = read_run(project.runs_folder / info.id).start.get("job")
    host = info.host or "another machine"
    scheduler, _, number = str(job or "").partition(":")
    if number and scheduler in _SCHEDULERS:
        command = _SCHEDULERS[scheduler].format(job=number)
    elif info.pid is not None:
        command = f"ssh {host} kill -INT {info.pid}"
    else:
        command = ""
    way = f" (`{command}`)" if command else ""
    return RunError(
        f"Run {info.id} is on {host}, this is {host_name()}: cancel it there{way}.",
        host=host,
        run=info.id,
        command=command,
    )


def _end_processes(
    project: Project, info: RunInfo, processes: list[ProcessId], grace: float
) -> None:
    if not any(process.alive for process in processes):
        return
    with contextlib.suppress(OSError):
        append_event(project.runs_folder / info.id, "cancel")
    deadline = time.monotonic() + grace
    number: int = signal.SIGINT
    _signal_all(info, processes, number)
    while any(process.alive for process in processes):
        if time.monotonic() >= deadline:
            if number == signal.SIGKILL:
                raise RunError(
                    f"Run {info.id} does not end, not even killed: its process waits for a disk "
                    "or the network.",
                    run=info.id,
                )
            number = signal.SIGKILL
            _signal_all(info, processes, number)
            deadline += max(grace, _PATIENCE)
        time.sleep(_STEP)
    ended = (RunState.DONE, RunState.FAILED, RunState.CANCELLED)
    if read_run(project.runs_folder / info.id).info.state not in ended:
        _write_end(project, info.id, number)


def _signal_all(info: RunInfo, processes: list[ProcessId], number: int) -> None:
    for process in processes:
        if not process.alive:
            continue
        try:
            # Only the leader of a group speaks for all of it: a script started by another
            # program's means may share that program's group.
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, number)
            else:
                os.kill(process.pid, number)
        except ProcessLookupError:
            continue
        except PermissionError as error:
            raise RunError(
                f"Run {info.id} belongs to another user: only they can cancel it "
                f"(`kill -INT {process.pid}`).",
                run=info.id,
                host=process.host,
                command=f"kill -INT {process.pid}",
            ) from error


def _write_end(project: Project, run: str, number: int | None) -> None:
    """Say how a run ended, which nobody else will do."""
    with contextlib.suppress(OSError):
        append_event(
            project.runs_folder / run,
            "run_end",
            code=None,
            signal=number,
            state="cancelled",
            error="",
        )
