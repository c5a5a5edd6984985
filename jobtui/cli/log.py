"""``jobtui log``: what a run, or one step of it, wrote."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from jobtui.cli.loglines import is_as_grave, level_number, print_lines, print_texts
from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError
from jobtui.cli.phrases import one_line
from jobtui.cli.places import is_run
from jobtui.plain import duration, log_line
from jobtui.views.plans import held_sentences
from jobtui_core.errors import UnknownNameError
from jobtui_core.records import CallState

if TYPE_CHECKING:
    from jobtui_core.project import Project

__all__ = ["run"]

_PART = 1 << 20
"""Bytes of a log that are held at a time: a log may be larger than memory."""


def run(options: Namespace, output: Output) -> int:
    """Print a log of the project in the working directory."""
    from jobtui_core.project import log_lines, open_project, read_log

    project = open_project()
    run_id, step = _choose(project, options.words)
    least = level_number(options.level)
    if options.json:
        return _print_json(project, run_id, step, least, output)
    if options.time or options.level:
        print_lines(log_lines(project, run_id, step=step), least, output, step=step)
        return 0
    lines = LogLines(output)
    start = 0
    while True:
        part = read_log(project, run_id, step=step, start=start, limit=_PART)
        lines.feed(part.text)
        if not part.more or part.end <= start:
            lines.finish()
            if step is not None and not (part.text or start):
                _print_stored(project, run_id, step, output)
            if step is None and output.terminal:
                _print_scripts(project, run_id, output)
                _print_plan(project, run_id, output)
            return 0
        start = part.end


def _print_stored(project: Project, run_id: str, step: str, output: Output) -> None:
    """Print what a step wrote when the results were computed that it was answered with."""
    from jobtui_core.project import log_lines

    found = log_lines(project, run_id, step=step)
    if found:
        print_texts(found, output)
    else:
        print(f"jobtui: {step} printed nothing in run {run_id}", file=sys.stderr)


def _print_scripts(project: Project, run_id: str, output: Output) -> None:
    """Say which scripts the run's script ran, with which parameters, and how long they took."""
    from jobtui_core.project import run_detail

    for one in run_detail(project, run_id).scripts:
        words = [one.script, *(f"{name}={value!r}" for name, value in one.parameters)]
        ended = f"failed after {duration(one.duration)}" if one.error else duration(one.duration)
        output.line(f"ran {one_line(' '.join(words))}: {ended}", "red" if one.error else "dim")


def _print_plan(project: Project, run_id: str, output: Output) -> None:
    """Say what a run's plan was wrong about; nothing where it was right, or there was none."""
    from jobtui_core.project import held_plan

    held = held_plan(project, run_id)
    for text, matters in held_sentences(held) if held is not None else ():
        if matters:
            output.line(text, "yellow")


def _print_json(project: Project, run_id: str, step: str | None, least: int, output: Output) -> int:
    """Print a run, its calls, its lines and what became of its plan, as one JSON object."""
    from jobtui_core.project import (
        calls,
        held_plan,
        lines_to_json,
        log_lines,
        run_detail,
        run_info,
        run_to_json,
    )

    found = [call for call in calls(project, run_id) if step in (None, call.name, call.function)]
    scripts = run_detail(project, run_id).scripts
    data = run_to_json(run_info(project, run_id), found, held_plan(project, run_id), scripts)
    lines = log_lines(project, run_id, step=step)
    data["lines"] = lines_to_json(line for line in lines if is_as_grave(line, least))
    output.raw(json.dumps(data, indent=2 if output.terminal else None) + "\n")
    return 0


class LogLines:
    """Prints a log that comes in pieces: harmless on a terminal, as it is into a pipe."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._rest = ""

    def feed(self, text: str) -> None:
        """Print what is complete; the beginning of a line waits for the rest of it."""
        if not self.output.terminal:
            self.output.raw(text)
            return
        *lines, self._rest = (self._rest + text).split("\n")
        self.output.raw("".join(f"{log_line(line)}\n" for line in lines))

    def finish(self) -> None:
        """Print what is left."""
        if self._rest:
            self.output.raw(f"{log_line(self._rest)}\n")


def _choose(project: Project, words: list[str]) -> tuple[str, str | None]:
    """Tell which run and step are meant."""
    from jobtui_core.project import run_info, runs

    if len(words) > 2:
        raise UsageError("jobtui log takes a run and a step; see jobtui log --help")
    if len(words) == 2:
        return run_info(project, words[0]).id, words[1]
    newest = runs(project, limit=1)
    if not newest:
        raise UsageError("nothing has run here yet; jobtui run starts what is not fresh")
    if not words:
        return newest[0].id, None
    word = words[0]
    if word[:1].isdigit() or is_run(word):
        # Run ids begin with a date, and no name of a step begins with a digit.
        return run_info(project, word).id, None
    if word.endswith(".py"):
        return _newest_of(project, word), None
    return _newest_with(project, word), word


def _newest_of(project: Project, script: str) -> str:
    """Give the newest run of a script."""
    from jobtui_core.project import runs

    found = runs(project)
    # From within a folder of the project, a script goes by its name there, too.
    names = script, os.path.relpath(script, project.root).replace(os.sep, "/")
    for info in found:
        if info.script in names:
            return info.id
    near = get_close_matches(script, {info.script: None for info in found}, n=3)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise UnknownNameError(f"no run of {script!r} is known{hint}", name=script, nearest=near)


def _newest_with(project: Project, step: str) -> str:
    """Give the newest run that computed a step, or else the newest that called it.

    A call that was answered from the cache prints nothing: what somebody looks for is what it
    printed when it was computed.
    """
    from jobtui_core.project import calls, runs

    names: dict[str, None] = {}
    answered: str | None = None
    for info in runs(project):
        for call in calls(project, info.id):
            if step in (call.name, call.function):
                if call.state not in (CallState.HIT, CallState.OLD):
                    return info.id
                answered = answered or info.id
            names[call.name] = None
    if answered is not None:
        return answered
    near = get_close_matches(step, names, n=3)
    hint = f"; did you mean {near[0]!r}?" if near else "; jobtui status lists the steps"
    raise UnknownNameError(f"no run has called a step {step!r}{hint}", name=step, nearest=near)
