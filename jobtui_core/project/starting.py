"""Asking for scripts to be run."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from jobtui_core.errors import JobtuiError, ParameterError, RunError, UnknownNameError
from jobtui_core.project.folder import Project
from jobtui_core.project.nearest import hint, nearest
from jobtui_core.project.parameters import overrides_for
from jobtui_core.project.pruning import prune_runs
from jobtui_core.project.running.history import newest_argv
from jobtui_core.project.running.interpreter import check_interpreter, choose_interpreter, wrap
from jobtui_core.project.running.journal import append_event
from jobtui_core.project.running.ordering import order_scripts
from jobtui_core.project.running.queues import (
    Queue,
    QueuedRun,
    QueueFolder,
    QueueRequest,
    queue_state,
)
from jobtui_core.records import Plan, RunRequest
from jobtui_core.root import relative_name
from jobtui_core.stores import ensure_state_folder
from jobtui_core.tracing.redacted import redacted_parameters

__all__ = ["start", "start_each"]

_PATIENCE = 30.0
"""Seconds that a supervisor has to answer; a fifth of one is usual."""

_KEPT_QUEUES = 50
"""Folders of finished queues that are kept; nothing but a look behind the scenes needs them."""


def start(
    project: Project,
    request: RunRequest,
    *,
    after: Mapping[str, Sequence[str]] | None = None,
    grace: float = 5.0,
) -> Queue:
    """Run scripts in a process of their own, and come back once it has taken them over.

    Parameters
    ----------
    project : Project
    request : RunRequest
        Its scripts are started in the order given as far as their files allow it, ``jobs`` at a
        time.  With ``planned``, each run's record says what was to happen in it.
    after : mapping of str to sequence of str, optional
        For a script, those that have to be done before it, and without which it is not started.
        Left out, it is found from the files that the scripts read and write.
    grace : float
        Seconds that a cancelled script has between SIGINT and SIGKILL.

    Returns
    -------
    Queue
        The ids of the runs.  They are in the run history, queued, from now on.

    Raises
    ------
    UnknownNameError
        If there is no such script.
    RunError
        If the interpreter or the folder cannot be used, or a step cannot be dropped.
    ConfigurationError
        If the project's ``launch`` setting cannot be used.

    Notes
    -----
    The scripts run in the project root.  Nothing that happens to the caller from now on, its end
    included, reaches them.
    """
    scripts = _check(project, request)
    planned = _planned(project, request)
    python = _interpreter(project)
    if after is None:
        scripts, after = _dependencies(project, request, scripts)
    argv = {
        script: newest_argv(project, script) if request.argv is None else request.argv
        for script in scripts
    }

    def queued(runs: Sequence[str]) -> Iterator[QueuedRun]:
        ids = dict(zip(scripts, runs, strict=True))
        for script in scripts:
            yield QueuedRun(
                run=ids[script],
                script=script,
                argv=argv[script],
                parameters=overrides_for(request.overrides, script),
                after=tuple(ids[name] for name in after.get(script, ()) if name in ids),
            )

    asked = _request(project, python, request.jobs, grace)
    asked = replace(
        asked,
        only=() if request.only is None else (request.only,),
        recompute=request.recompute,
        dropped=_dropped(planned),
        replay=request.replay,
    )
    return _start(project, asked, len(scripts), queued, planned)


def start_each(
    project: Project,
    script: str,
    values: Sequence[Mapping[str, Any]],
    *,
    argv: Sequence[str] = (),
    sweep: str = "",
    jobs: int = 1,
    grace: float = 5.0,
) -> Queue:
    """Run one script once for each of several sets of parameters, as `start` does.

    Parameters
    ----------
    project : Project
    script : str
        Relative to the root.
    values : sequence of mapping
        Parameters of each run, as plain data.
    argv : sequence of str
        Words for the script.
    sweep : str
        Id of the sweep that the runs belong to.
    jobs : int
        How many of them run at a time.
    grace : float
        Seconds that a cancelled script has between SIGINT and SIGKILL.

    Raises
    ------
    UnknownNameError, RunError, ConfigurationError
        As `start` does.
    """
    for one in values:
        _check(project, RunRequest(scripts=(script,), overrides=dict(one), jobs=jobs))
    python = _interpreter(project)

    def queued(runs: Sequence[str]) -> Iterator[QueuedRun]:
        for run, one in zip(runs, values, strict=True):
            yield QueuedRun(run=run, script=script, argv=tuple(argv), parameters=dict(one))

    asked = replace(_request(project, python, jobs, grace), sweep=sweep)
    return _start(project, asked, len(values), queued, None)


def _request(project: Project, python: str, jobs: int, grace: float) -> QueueRequest:
    """Give what a supervisor is to know of any queue; it has no id and no runs yet."""
    return QueueRequest(
        queue="",
        root=str(project.root),
        command=(python, "-u"),
        launch=project.config.launch,
        jobs=jobs,
        grace=grace,
        pythonpath=os.environ.get("PYTHONPATH"),
    )


def _interpreter(project: Project) -> str:
    """Give the interpreter for the scripts, which can be started as the settings say."""
    if os.name != "posix":
        raise RunError("Runs need Linux or macOS; on Windows use WSL.")
    python = choose_interpreter(project)
    check_interpreter(python, project.root)
    wrap(project.config.launch, [python])
    return python


def _start(
    project: Project,
    asked: QueueRequest,
    count: int,
    queued: Callable[[Sequence[str]], Iterable[QueuedRun]],
    planned: Plan | None,
) -> Queue:
    """Make the folders of a queue and its runs, and have a supervisor take them over."""
    made: list[Path] = []
    try:
        folder = _new_folder(project, project.queues_folder, made)
        ids = _new_runs(project, count, made)
        request = replace(asked, queue=folder.name, runs=tuple(queued(ids)))
        _write(project, QueueFolder(folder), request, planned)
        _spawn(project, QueueFolder(folder))
    except BaseException as error:
        for path in made:
            shutil.rmtree(path, ignore_errors=True)
        if isinstance(error, OSError):
            raise _unwritable(project, error) from error
        raise
    _forget_old_queues(project)
    with contextlib.suppress(OSError, JobtuiError):
        prune_runs(project)
    return Queue(folder.name, ids)


def _check(project: Project, request: RunRequest) -> tuple[str, ...]:
    if not request.scripts:
        raise RunError("There is nothing to run: no script was named.")
    if request.jobs < 1:
        raise RunError(f"At least one script has to run at a time, not {request.jobs}.")
    try:
        json.dumps(request.overrides)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"A parameter has a value that cannot be handed to a script: {error}."
        ) from error
    return tuple(dict.fromkeys(_find(project, script) for script in request.scripts))


def _planned(project: Project, request: RunRequest) -> Plan | None:
    """Give what is said beforehand of the runs; what is dropped must be known to be."""
    found = request.planned
    if found is None and request.drop:
        from jobtui_core.project import plan

        found = plan(
            project,
            request.scripts,
            overrides=request.overrides,
            argv=request.argv,
            only=request.only,
            recompute=request.recompute,
            drop=request.drop,
        )
    if found is not None and found.refused:
        raise RunError(f"Nothing was started: {'; '.join(found.refused)}.")
    return found


def _dropped(planned: Plan | None) -> tuple[str, ...]:
    rows = () if planned is None else planned.dropped
    return tuple(dict.fromkeys(row.function for row in rows))


def _find(project: Project, script: str) -> str:
    path = Path(os.path.abspath(project.root / script))
    if path.is_file():
        return relative_name(path, project.root)
    known = [one.name for one in path.parent.glob("*.py")]
    near = tuple(
        relative_name(path.parent / name, project.root) for name in nearest(path.name, known)
    )
    raise UnknownNameError(f"There is no script {script!r}{hint(near)}", name=script, nearest=near)


def _dependencies(
    project: Project, request: RunRequest, scripts: tuple[str, ...]
) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    if len(scripts) == 1:
        return scripts, {}
    from jobtui_core.project import status

    known = status(project, scripts, overrides=request.overrides, argv=request.argv)
    place = {script: index for index, script in enumerate(scripts)}
    ours = sorted(
        (one for one in known.scripts if one.path in place), key=lambda one: place[one.path]
    )
    order = order_scripts(ours)
    rest = tuple(script for script in scripts if script not in order.after)
    return (*order.scripts, *rest), order.after


def _new_folder(project: Project, parent: Path, made: list[Path]) -> Path:
    """Make a folder named by the time, which nobody else has."""
    ensure_state_folder(project.root)
    parent.mkdir(exist_ok=True)
    while True:
        now = datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
        path = parent / f"{now}-{secrets.token_hex(2)}"
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            made.append(path)
            return path


def _new_runs(project: Project, count: int, made: list[Path]) -> tuple[str, ...]:
    # Ids of one second are told apart by chance; here they ascend in the order of the queue.
    folders = [_new_folder(project, project.runs_folder, made) for _ in range(count)]
    return tuple(sorted(folder.name for folder in folders))


def _write(
    project: Project, folder: QueueFolder, request: QueueRequest, planned: Plan | None
) -> None:
    folder.write_request(request)
    before: list[str] = []
    for order, queued in enumerate(request.runs):
        place = project.runs_folder / queued.run
        append_event(
            place,
            "run_queued",
            run=queued.run,
            script=queued.script,
            argv=list(queued.argv),
            parameters=redacted_parameters(
                request.parameters if queued.parameters is None else queued.parameters
            ),
            only=list(request.only),
            recompute=list(request.recompute),
            dropped=list(request.dropped),
            queue=request.queue,
            order=order,
            sweep=request.sweep,
        )
        if planned is not None:
            from jobtui_core.project.plans.dropping import written_plan

            rows = written_plan(planned, queued.script)
            append_event(place, "plan", rows=rows, after=before)
            if any(row.script == queued.script for row in planned.dropped):
                before = [*before, queued.run]


def _spawn(project: Project, folder: QueueFolder) -> None:
    """Start the supervisor and wait until it says that it is at work."""
    environment = dict(os.environ)
    # It must be able to import this very package wherever that lies, and nothing from the project
    # (hence -P), where any file may have the name of a module of the standard library.
    package = str(Path(__file__).parent.parent.parent)
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    supervisor = "jobtui_core.project.running.supervisor"
    command = [sys.executable, "-P", "-m", supervisor, str(folder.path)]
    with folder.log.open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=project.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        code = process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
        raise RunError(
            f"The process that runs the scripts gave no answer in {_PATIENCE:.0f} s; "
            "the machine may be short of memory.",
            queue=folder.id,
        ) from None
    if code != 0:
        said = folder.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise RunError(
            f"The process that runs the scripts could not start: {said[-1] if said else code}",
            queue=folder.id,
            log="\n".join(said),
        )


def _unwritable(project: Project, error: OSError) -> RunError:
    return RunError(
        f"Nothing was started: {project.state_folder} cannot be written "
        f"({error.strerror or error}); runs keep their logs there.",
        path=str(project.state_folder),
    )


def _forget_old_queues(project: Project) -> None:
    with contextlib.suppress(OSError):
        folders = sorted(path for path in project.queues_folder.iterdir() if path.is_dir())
        for path in folders[:-_KEPT_QUEUES]:
            if queue_state(project, path.name).state in ("done", "died"):
                shutil.rmtree(path, ignore_errors=True)
