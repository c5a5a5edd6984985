"""What failed in a run, and calling a failed call once more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from jobtui_core.entry.describe import REDACTED, clean
from jobtui_core.errors import RunError, UnknownNameError
from jobtui_core.labbook import Failure
from jobtui_core.project.folder import Project
from jobtui_core.project.nearest import hint, nearest
from jobtui_core.project.running.history import find_run, run_ids
from jobtui_core.project.running.interpreter import check_interpreter, choose_interpreter
from jobtui_core.records import CallState
from jobtui_core.tracing import protocol
from jobtui_core.tracing.failures import frames_from_json
from jobtui_core.tracing.read import CallError, CallRecord, RunTrace, read_run

__all__ = ["failures", "find_failure", "replay"]

_LOOKED_AT = 200
"""Runs that are looked through for a failure whose run was not named, the newest first."""


def failures(project: Project, run: str) -> tuple[Failure, ...]:
    """Give the calls of a run that failed, in order, and then what ended the script.

    An exception that went through several calls is a failure of each; that of the script is only
    told where no call raised it.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    """
    trace = read_run(project.runs_folder / find_run(project, run))
    found = [
        _failure(trace, call.error, call)
        for call in trace.calls
        if call.state is CallState.FAILED and call.error is not None
    ]
    error = trace.error
    if error is not None and not any(one.type == error.type for one in found):
        found.append(_failure(trace, error, None))
    return tuple(found)


def _failure(trace: RunTrace, error: CallError, call: CallRecord | None) -> Failure:
    kept: dict[str, Any] = error.arguments if isinstance(error.arguments, dict) else {}
    shown = kept.get("shown")
    changed = kept.get("changed")
    return Failure(
        run=trace.info.id,
        call=None if call is None else call.id,
        step="" if call is None else clean(call.name, 200),
        function="" if call is None else call.function,
        type=clean(error.type, 200),
        message=clean(error.message, 10_000),
        traceback=error.traceback,
        frames=frames_from_json(error.frames),
        arguments=tuple(
            (clean(name, 200), clean(text, 1000))
            for name, text in (shown.items() if isinstance(shown, dict) else ())
            if isinstance(text, str)
        ),
        changed=tuple(
            clean(name, 200)
            for name in (changed if isinstance(changed, list) else ())
            if isinstance(name, str)
        ),
        replayable=isinstance(kept.get("size"), int),
        why=clean(str(kept.get("why", "")), 500),
    )


def find_failure(project: Project, what: str | None = None, run: str | None = None) -> Failure:
    """Give the failed call that is meant.

    Parameters
    ----------
    project : Project
    what : str, optional
        Id of the call, or name or identity of its step; without it, the last that failed.
    run : str, optional
        Id of the run, or its beginning; without it, the newest one in which there is such a call.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    runs = [find_run(project, run)] if run is not None else run_ids(project)[:_LOOKED_AT]
    names: dict[str, None] = {}
    for one in runs:
        for failure in reversed(failures(project, one)):
            if failure.call is None:
                continue
            if what in (None, failure.call, failure.step, failure.function):
                return failure
            names |= dict.fromkeys((failure.step, failure.call))
    place = f"run {runs[0]}" if run is not None else "the latest runs"
    if what is None:
        raise UnknownNameError(f"No call failed in {place}.", name="", nearest=())
    near = nearest(what, names)
    raise UnknownNameError(
        f"No call of {what!r} failed in {place}{hint(near)}", name=what, nearest=near
    )


def replay(project: Project, failure: Failure, *, debug: bool = False) -> int:
    """Call a failed call again, with the arguments that it had and the code of today.

    It happens in a process of its own, which takes over this one's terminal; nothing of it is
    stored or recorded.

    Parameters
    ----------
    project : Project
    failure : Failure
    debug : bool
        Whether to open Python's debugger where it raises.

    Returns
    -------
    int
        0 if it returned, 1 if it raised, 2 if it could not be called.

    Raises
    ------
    RunError
        If its arguments were not kept, or the process cannot be started.
    """
    if failure.call is None or not failure.replayable:
        why = f": {failure.why}" if failure.why else ""
        raise RunError(f"The arguments of {failure.step or 'the script'} were not kept{why}.")
    folder = project.runs_folder / find_run(project, failure.run)
    trace = read_run(folder)
    script = trace.info.script
    module, _, name = failure.function.partition(":")
    told = {
        "script": str(project.root / script),
        # A script is never imported: that would run it.
        "module": "" if module in ("__main__", _dotted(script)) else module,
        "name": name,
        "argv": list(trace.info.argv),
        "parameters": {
            name: value
            for name, value in trace.info.parameters.items()
            if not (isinstance(value, str) and value.startswith(REDACTED[:-1]))
        },
        "folder": str(folder),
        "call": failure.call,
        "pdb": debug,
    }
    python = choose_interpreter(project)
    check_interpreter(python, project.root)
    command = [python, "-m", "jobtui_core.scripts.replaying", json.dumps(told)]
    try:
        with _interrupts_left_to_child():
            return subprocess.run(
                command, cwd=_folder(project, trace), env=_environment(project), check=False
            ).returncode
    except OSError as error:
        raise RunError(f"{python} could not be started: {error}", command=command) from error


def _dotted(script: str) -> str:
    return ".".join(PurePosixPath(script).with_suffix("").parts)


def _folder(project: Project, trace: RunTrace) -> Path:
    """Give the folder that the run worked in, where it is still there."""
    told = trace.start.get("cwd")
    folder = project.root / told if isinstance(told, str) else project.root
    return folder if folder.is_dir() else project.root


def _environment(project: Project) -> dict[str, str]:
    environment = {**os.environ, protocol.ROOT: str(project.root), protocol.TRACE: "0"}
    for name in protocol.FOR_ONE_SCRIPT:
        environment.pop(name, None)
    return environment


@contextmanager
def _interrupts_left_to_child() -> Iterator[None]:
    """Let Ctrl+C reach the child alone: in its debugger it is a command like any other."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Not ignored: the child would inherit that.
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
