"""All that is known of one run, put together for a page of its own."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jobtui_core.entry.describe import clean
from jobtui_core.labbook import RunDetail
from jobtui_core.project.drawings import figures
from jobtui_core.project.plans.held import compare
from jobtui_core.project.running.failures import failures
from jobtui_core.project.running.history import run_info
from jobtui_core.records import ParameterInfo, RunInfo
from jobtui_core.tracing.changes import UNTRACKED, read_changes
from jobtui_core.tracing.read import read_run
from jobtui_core.tracing.redacted import redacted_value, redacted_words
from jobtui_core.tracing.runnotes import read_notes

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.tracing.traces import RunTrace

__all__ = ["command_line", "run_detail"]


def run_detail(project: Project, run: str) -> RunDetail:
    """Give all that is known of a run.

    Parameters
    ----------
    project : Project
    run : str
        Its id, the unique beginning of one, ``last`` or ``last~1``.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    """
    info = run_info(project, run)
    folder = project.runs_folder / info.id
    trace = read_run(folder)
    return RunDetail(
        info=info,
        notes=read_notes(folder),
        parameters=tuple(_parameters(info, trace)),
        calls=tuple(call.info for call in trace.calls),
        figures=figures(project, info.id),
        failures=failures(project, info.id),
        scripts=trace.scripts,
        warnings=tuple(clean(text) for text in trace.warnings),
        inputs=_files(trace, written=False),
        outputs=_files(trace, written=True),
        versions=_versions(trace),
        command=command_line(info),
        held=None if info.state.active else compare(trace),
        diff=read_changes(folder),
        untracked=tuple(clean(one) for one in read_changes(folder, UNTRACKED).splitlines()),
    )


def command_line(info: RunInfo) -> str:
    """Give the command line that does the same as a run, but for secrets that it was given."""
    words = ["jobtui", "run", info.script]
    words += [f"{name}={_word(name, value)}" for name, value in info.differing.items()]
    words += ["--", *redacted_words(info.argv)] if info.argv else []
    return " ".join(shlex.quote(clean(word)) for word in words)


def _word(name: str, value: object) -> str:
    shown = redacted_value(name, value)
    return shown if isinstance(shown, str) else repr(shown)


def _parameters(info: RunInfo, trace: RunTrace) -> Iterable[ParameterInfo]:
    """Give the parameters that the script asked for, and those that it was given besides."""
    for name, use in trace.parameters.items():
        yield ParameterInfo(
            name=name,
            type="" if use.default is None else type(use.default).__name__,
            default=use.default,
            value=use.value,
        )
    for name, value in info.parameters.items():
        if name not in trace.parameters:
            yield ParameterInfo(name=name, type="", default=None, value=value)


def _files(trace: RunTrace, *, written: bool) -> tuple[tuple[str, str], ...]:
    """Give files with their contents, in order: those of calls, then the script's own."""
    found: dict[str, str] = {}
    for call in trace.calls:
        for path, digest in call.outputs if written else (*call.inputs, *call.met):
            found.setdefault(path, digest)
    for use in trace.files_written if written else trace.files_read:
        found.setdefault(use.path, use.digest or "")
    return tuple(sorted(found.items()))


def _versions(trace: RunTrace) -> tuple[tuple[str, str], ...]:
    known = trace.start.get("versions")
    if not isinstance(known, dict):
        return ()
    return tuple(
        sorted(
            (clean(name, 200), clean(version, 200))
            for name, version in known.items()
            if isinstance(name, str) and isinstance(version, str)
        )
    )
