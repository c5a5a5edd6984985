"""``jobtui show RUN``: all that is known of a run."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from jobtui.cli.figures import figure_rows, write_figures
from jobtui.cli.kept import print_json
from jobtui.cli.note import show_notes
from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.cli.places import is_run
from jobtui.cli.runs import STYLES, hits_and_computed, saved, time_of
from jobtui.cli.usage import UsageError
from jobtui.plain import clock_time, count, duration, plain_lines
from jobtui.views.plans import held_sentences
from jobtui_core.labbook import RunDetail, ScriptRun
from jobtui_core.records import CallInfo, CallState, ParameterInfo, RunInfo, RunState
from jobtui_core.trees import shown_name

__all__ = ["are_runs", "show_runs"]

_MOST = 20
"""Files, packages and lines that are listed; the JSON has them all."""


def are_runs(words: Sequence[str], command: str) -> bool:
    """Tell whether words name runs.

    Raises
    ------
    UsageError
        If only some do.
    """
    runs = [word for word in words if is_run(word)]
    if runs and len(runs) < len(words):
        raise UsageError(f"jobtui {command} takes runs or results: {runs[0]} is a run")
    return bool(runs)


def show_runs(options: Namespace, output: Output) -> int:
    """Show runs, or the uncommitted changes that they found."""
    from jobtui_core.project import detail_to_json, open_project, run_detail

    project = open_project()
    details = [run_detail(project, word) for word in options.words]
    if options.json:
        print_json([detail_to_json(one) for one in details], output)
    elif options.diff:
        for one in details:
            _show_diff(one, output)
    elif options.figures:
        figures = [figure for one in details for figure in one.figures]
        write_figures(project, figures, Path(options.figures), output)
    else:
        for one in details:
            _show(one, output)
    return 0


def _show_diff(detail: RunDetail, output: Output) -> None:
    if not output.terminal:
        # Fit for git apply.
        output.raw(detail.diff)
        return
    for text in plain_lines(detail.diff.rstrip("\n")) if detail.diff else ():
        style = {"+": "green", "-": "red", "@": "cyan"}.get(text[:1], "")
        output.line(text, style, exact=True)
    if not detail.diff:
        output.line(_git(detail))
    for name in detail.untracked[:_MOST]:
        output.line(f"not under version control: {name}", "dim")


def _show(detail: RunDetail, output: Output) -> None:
    info = detail.info
    output.line(f"{one_line(info.script) or 'no record'}  {info.id}", "bold")
    state = [("state", _state(info), STYLES.get(info.state, ""))]
    rows = [(name, text, "") for name, text in _facts(detail) if text]
    cells = [((one_line(a), "dim"), (one_line(b), style)) for a, b, style in (*state, *rows)]
    output.rows(cells, indent=2)
    show_notes(detail.notes, output)
    _section("parameters", [_parameter(one) for one in detail.parameters], output)
    _section("scripts", [_script(one) for one in detail.scripts], output)
    _section("calls", [_call(one) for one in detail.calls], output)
    for title, files in (("reads", detail.inputs), ("writes", detail.outputs)):
        _section(title, [((one_line(shown_name(path)), ""),) for path, _ in files], output)
    _section("figures", figure_rows(detail.figures), output)
    for sentence, _matters in held_sentences(detail.held) if detail.held is not None else ():
        output.line(f"  {sentence}")
    for text in detail.warnings:
        output.line(f"  {one_line(text)}", "yellow")
    output.line()


def _state(info: RunInfo) -> str:
    text = info.state.value
    if info.signal is not None:
        text += f" by signal {info.signal}"
    elif info.code:
        text += f", exit code {info.code}"
    if info.state is RunState.DIED and not info.error:
        text += ": its process is gone and left no end"
    return f"{text}: {info.error}" if info.error else text


def _facts(detail: RunDetail) -> list[tuple[str, str]]:
    info = detail.info
    who = "@".join(part for part in (info.user, info.host) if part)
    versions = [f"{name} {version}" for name, version in detail.versions[:_MOST]]
    more = len(detail.versions) - len(versions)
    return [
        ("began", clock_time(info.started) or "not yet"),
        ("took", duration(time_of(info)) if info.ended is not None else ""),
        ("calls", ", ".join(filter(None, (hits_and_computed(info), saved(info.time_saved))))),
        ("by", f"{who}, {'jobtui' if info.started_by == 'jobtui' else 'started by hand'}"),
        ("job", info.job),
        ("part of", f"sweep {info.sweep}" if info.sweep else ""),
        ("within", f"run {info.parent}" if info.parent else ""),
        ("commit", _git(detail)),
        ("python", ", ".join([info.python, *versions]) + (f" and {more} more" if more else "")),
        ("again", detail.command),
        ("failure", f"jobtui replay {info.id} --show looks into it" if detail.failures else ""),
    ]


def _git(detail: RunDetail) -> str:
    info = detail.info
    if not info.commit:
        # Only the script itself tells of its commit, and with it of its Python.
        known = bool(info.python)
        return "none: not in a git repository" if known else ""
    if info.dirty is None:
        return f"{info.commit}; whether anything was uncommitted is not known"
    if info.dirty:
        return f"{info.commit}, with uncommitted changes: jobtui show {info.id} --diff"
    if detail.untracked:
        names = f"{count(len(detail.untracked), 'name')} not under version control"
        return f"{info.commit}, with {names}: jobtui show {info.id} --diff"
    return f"{info.commit}, with nothing uncommitted"


def _parameter(one: ParameterInfo) -> Sequence[Cell]:
    from jobtui_core.tracing.redacted import redacted_value

    differs = one.value != one.default
    value, default = (redacted_value(one.name, part) for part in (one.value, one.default))
    told = f"{value}   (default {default})" if differs and default is not None else f"{value}"
    return ((one_line(one.name), "dim"), (one_line(told), "bold" if differs else ""))


def _script(one: ScriptRun) -> Sequence[Cell]:
    """Tell of a script that ``run_script`` ran."""
    from jobtui_core.tracing.redacted import redacted_value

    given = " ".join(f"{name}={redacted_value(name, value)}" for name, value in one.parameters)
    return (
        (one_line(one.script), ""),
        (one_line(given), ""),
        ((duration(one.duration) or "-").rjust(7), ""),
        (one_line(one.error), "red"),
    )


def _call(call: CallInfo) -> Sequence[Cell]:
    failed = call.state is CallState.FAILED
    key = call.entry or call.key or ""
    told = [call.error, *call.notes] if failed else call.notes
    return (
        (one_line(call.name), ""),
        (call.state.value, "red" if failed else "dim"),
        ((duration(call.duration) or "-").rjust(7), ""),
        (saved(call.saved) if call.state is CallState.HIT else "", "green"),
        (one_line(key[:10]), "dim"),
        (one_line("; ".join(filter(None, told))), "red" if failed else "dim"),
    )


def _section(name: str, rows: list[Sequence[Cell]], output: Output) -> None:
    if not rows:
        return
    output.line(f"  {name}", "bold")
    output.rows(rows[:_MOST], indent=4)
    if len(rows) > _MOST:
        output.line(f"    … and {len(rows) - _MOST} more; --json has all")
