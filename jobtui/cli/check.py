"""``jobtui check STEP``: compute it again, aside, and compare with what is stored."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError
from jobtui.cli.phrases import one_line
from jobtui.cli.signals import Signals
from jobtui.cli.words import select
from jobtui.plain import count, short
from jobtui.views.check import difference, outcome, progress
from jobtui_core.checks import CheckedCall, CheckReport, CheckState

__all__ = ["exit_code", "print_report", "run"]

_STYLES = {CheckState.SAME: "green", CheckState.DIFFERS: "bold red", CheckState.COULD_NOT: "yellow"}
_CODES = {CheckState.SAME: 0, CheckState.DIFFERS: 1, CheckState.COULD_NOT: 2}

_INTERRUPTED = 128 + 2

_SHOWN = 20
"""Calls that are shown one by one."""

_LOG_LINES = 10


def run(options: Namespace, output: Output) -> int:
    """Check one step of the project in the working directory."""
    if not options.words:
        raise UsageError("jobtui check needs the name of a step; jobtui status lists them")
    from jobtui_core.project import check, open_project

    step, *rest = options.words
    project = open_project()
    chosen = select(project, rest, options.argv)
    scripts = chosen.scripts or (None,)
    if len(scripts) > 1:
        raise UsageError("jobtui check takes one script; leave it out to check in all of them")
    # Noted, not obeyed at once: the script and its folder are not to be left behind.
    with Signals() as signals, _shown(output, quiet=options.json) as told:
        reports = check(
            project,
            step,
            script=scripts[0],
            **chosen.keywords(),
            told=told,
            stopped=lambda: signals.cancel or signals.detach,
        )
    if options.json:
        output.raw(json.dumps([_plain(report) for report in reports], indent=2) + "\n")
    else:
        for report in reports:
            print_report(report, output)
    return _INTERRUPTED if signals.cancel else exit_code(reports)


@contextmanager
def _shown(output: Output, *, quiet: bool) -> Iterator[Callable[[CheckReport], None] | None]:
    """Show what is computed at the moment, to a person who may have to wait for it."""
    if quiet or not output.terminal:
        yield None
        return
    with output.console.status("starting the script …") as status:
        yield lambda report: status.update(one_line(progress(report)))


def exit_code(reports: tuple[CheckReport, ...]) -> int:
    """Give 1 if anything differs, else 2 if anything could not be checked, else 0."""
    codes = {_CODES[report.state] for report in reports}
    return 1 if 1 in codes else max(codes, default=2)


def print_report(report: CheckReport, output: Output) -> None:
    """Print what a check of a step in one script found."""
    output.line(one_line(outcome(report)), _STYLES[report.state])
    telling = [call for call in report.calls if call.state is not CheckState.SAME or call.note]
    for call in telling[:_SHOWN]:
        _print_call(report.step, call, output)
    if len(telling) > _SHOWN:
        output.line(f"  … and {count(len(telling) - _SHOWN, 'call')} more")
    if report.log and report.problem:
        for line in report.log.rstrip("\n").splitlines()[-_LOG_LINES:]:
            output.line(f"    {line}", "dim", exact=True)


def _print_call(step: str, call: CheckedCall, output: Output) -> None:
    words = ", ".join(f"{name}={short(text, 40)}" for name, text in call.arguments.items())
    output.line(f"  {one_line(f'{step}({words})')}: {one_line(difference(call))}")


def _plain(report: CheckReport) -> dict[str, Any]:
    """Give a report as JSON has it; fields are only ever added."""
    found = asdict(report)
    del found["computing"]
    found["state"] = report.state.value
    for call in found["calls"]:
        call["state"] = CheckState(call["state"]).value
    return found
