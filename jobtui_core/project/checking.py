"""Computing a step again, aside, to see whether its stored results are what it gives.

The step's script is run once more in a process of its own, up to the step.  What is fresh is
answered from the store as ever; the step itself is computed besides, and the script goes on with
the stored result.  Stores, output files and the history of runs stay as they are (see
`jobtui_core.memory.aside`).  What the code between the steps does, and what the step does besides
giving its result, is done again.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jobtui_core.checks import CheckReport
from jobtui_core.errors import ConfigurationError, RunError
from jobtui_core.project.checkreport import ReportReader
from jobtui_core.project.explain import answers_to, unknown_step
from jobtui_core.project.folder import Project
from jobtui_core.project.reader import reader_of
from jobtui_core.project.running.environment import script_environment
from jobtui_core.project.running.interpreter import check_interpreter, choose_interpreter, wrap
from jobtui_core.project.running.lastline import last_line
from jobtui_core.project.running.queues import QueuedRun, QueueRequest
from jobtui_core.project.verdicts import status
from jobtui_core.records import ReasonKind, ScriptStatus, StepStatus, Verdict
from jobtui_core.stores import CHECK, ensure_state_folder
from jobtui_core.tracing import protocol

__all__ = ["check"]

_LOOK = 0.05
"""Seconds between two looks at a check that goes on."""

_LOG = 4_000
"""Bytes of the script's output that a report shows the end of."""

_LEFT_OVER = 7 * 86_400
"""Seconds after which the folder of a check is that of one whose process was killed."""


def check(
    project: Project,
    step: str,
    *,
    script: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    argv: Sequence[str] | None = None,
    told: Callable[[CheckReport], None] | None = None,
    stopped: Callable[[], bool] | None = None,
    grace: float = 5.0,
) -> tuple[CheckReport, ...]:
    """Compute a step again, and compare with what is stored.

    Nothing that is stored changes, nor does any verdict.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    step : str
        Its name or identity, as for ``why``.
    script : str, optional
        The only script to run; by default, every script that has the step.
    overrides, argv
        As for ``status``.
    told : callable, optional
        Hears of each call that begins or ends, by the report as it is then.
    stopped : callable, optional
        Asked many times a second: the check is ended when it gives true.
    grace : float
        Seconds that the script has to end in when the check is stopped.

    Returns
    -------
    tuple of CheckReport
        One for each script.

    Raises
    ------
    UnknownNameError
        If there is no such step, script or parameter.
    RunError
        If the scripts' interpreter cannot be used, or processes cannot be started here.
    """
    if os.name != "posix":
        raise RunError("Checks need Linux or macOS; on Windows use WSL.")
    found = status(project, None if script is None else [script], overrides=overrides, argv=argv)
    meant = [(one, row) for one in found.scripts for row in one.steps if answers_to(row, step)]
    if not meant:
        raise unknown_step(step, found.steps)
    return tuple(_Check(project, one, row, told, stopped, grace).report() for one, row in meant)


def _refusal(row: StepStatus) -> str:
    """Say why there is nothing to compare a step with; empty if there is."""
    waits = [reason for reason in row.reasons if reason.kind is ReasonKind.UPSTREAM]
    if row.verdict is Verdict.FRESH or (row.verdict is Verdict.UNSURE and not waits):
        return ""
    words = {
        Verdict.NEW: f"{row.name} never ran",
        Verdict.RUNNING: f"{row.name} is running",
        Verdict.UNUSED: f"no call of {row.name} is reached",
        Verdict.FAILED: f"{row.name} failed",
    }.get(row.verdict, f"{row.name} is {row.verdict}")
    if row.verdict in (Verdict.STALE, Verdict.UNSURE, Verdict.FAILED) and row.reasons:
        words += f" ({row.reasons[0].summary})"
    return f"{words}: there is no stored result of today's calls to compare with"


class _Check:
    """The check of one step in one script."""

    def __init__(
        self,
        project: Project,
        script: ScriptStatus,
        row: StepStatus,
        told: Callable[[CheckReport], None] | None,
        stopped: Callable[[], bool] | None,
        grace: float,
    ) -> None:
        self.project = project
        self.script = script
        self.row = row
        self.told = told
        self.stopped = stopped or (lambda: False)
        self.was_stopped = False
        self.grace = grace

    def report(self) -> CheckReport:
        problem = _refusal(self.row)
        if problem:
            return CheckReport(
                step=self.row.name,
                function=self.row.function,
                script=self.script.path,
                problem=problem,
            )
        with _folder(self.project) as folder:
            return self._run(folder)

    def _run(self, folder: Path) -> CheckReport:
        python = choose_interpreter(self.project)
        check_interpreter(python, self.project.root)
        path = self.script.path
        # A name that begins with a dash would be taken for an option of the interpreter.
        name = f"./{path}" if path.startswith("-") else path
        command = wrap(self.project.config.launch, [python, "-u", name, *self.script.argv])
        reader = ReportReader(
            folder / "report.jsonl", self.row.name, self.row.function, self.script.path
        )
        log = folder / "output.log"
        with log.open("wb") as output:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self.project.root,
                    env=self._environment(folder),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
            except (OSError, ValueError) as error:
                raise RunError(f"{path} could not be started: {error}", command=command) from error
        try:
            self._follow(process, reader)
        finally:
            _end(process, self.grace)
        reader.update()
        return self._outcome(reader, process.returncode, log)

    def _follow(self, process: subprocess.Popen[bytes], reader: ReportReader) -> None:
        while process.poll() is None:
            if self.stopped():
                self.was_stopped = True
                return
            if reader.update() and self.told is not None:
                self.told(reader.report())
            # As short as a process takes to end, and no longer than a glance.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK)

    def _outcome(self, reader: ReportReader, code: int, log: Path) -> CheckReport:
        name, path = self.row.name, self.script.path
        problem = ""
        if self.was_stopped:
            problem = "the check was stopped"
        elif code < 0:
            problem = f"{path} was ended by signal {-code} before it was done"
        elif code > 0:
            last = last_line(log)
            problem = f"{path} failed before it was done" + (f": {last}" if last else "")
        elif not reader.calls:
            problem = f"{path} came to its end without calling {name}"
        return reader.report(problem=problem, log=_tail(log) if problem else "")

    def _environment(self, folder: Path) -> dict[str, str]:
        through = self._callers()
        queued = QueuedRun(run="check", script=self.script.path, argv=self.script.argv)
        request = QueueRequest(
            queue="",
            root=str(self.project.root),
            command=(),
            parameters=self._values(),
            only=(self.row.function, *through),
            pythonpath=os.environ.get("PYTHONPATH"),
            runs=(queued,),
        )
        environment = script_environment(request, queued)
        environment[protocol.RUNS] = str(folder)
        environment[CHECK] = json.dumps(
            {
                "functions": [self.row.function],
                "through": through,
                "report": str(folder / "report.jsonl"),
            }
        )
        environment.pop(protocol.TRACE, None)
        return environment

    def _values(self) -> dict[str, Any]:
        """Give the parameters that are not at their defaults."""
        return {one.name: one.value for one in self.script.parameters if one.value != one.default}

    def _callers(self) -> list[str]:
        """Give the steps in whose course the step is called: their hits would pass it over."""
        with reader_of(self.project) as reader:
            analysed = reader.analyses.of(self.script.path, self._values(), self.script.argv)
            functions = analysed.analysis.functions if analysed.analysis is not None else ()
        called_in = {one.identity: one.called_in for one in functions}
        found: dict[str, None] = {}
        pending = list(called_in.get(self.row.function, ()))
        while pending:
            caller = pending.pop()
            if caller not in found and caller != self.row.function:
                found[caller] = None
                pending += called_in.get(caller, ())
        return list(found)


@contextlib.contextmanager
def _folder(project: Project) -> Iterator[Path]:
    """Make a folder for one check, on a file system that its script can see, and remove it."""
    parent = ensure_state_folder(project.root)
    for old in parent.glob("check-*"):
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > _LEFT_OVER:
                shutil.rmtree(old, ignore_errors=True)
    try:
        folder = Path(tempfile.mkdtemp(prefix="check-", dir=parent))
    except OSError as error:
        words = f"{parent} cannot be written ({error.strerror or error})"
        raise ConfigurationError(words, path=str(parent)) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    """Make sure that a script and all that it started is gone."""
    if process.poll() is None:
        _signal(process, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    # Also what the script left behind: it works in a folder that goes away.
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _tail(log: Path) -> str:
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(max(log.stat().st_size - _LOG, 0))
        return file.read(_LOG).decode("utf-8", "replace")
    return ""
