"""``jobtui report``: what runs did, as one page for people who were not there."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui.cli.output import Output
from jobtui.cli.places import as_filter
from jobtui.cli.progress import Progress
from jobtui.cli.usage import UsageError
from jobtui.plain import count, size

if TYPE_CHECKING:
    from jobtui_core.project import Project

__all__ = ["run"]

_DEFAULT = "lab.html"

_MOST = 20
"""Runs that a filter may choose; whoever wants more chapters names them."""

# Run ids begin with a date, and nothing that a filter asks for begins with a digit.
_is_run = re.compile(r"\d.*|last(?:~\d+)?", re.DOTALL).fullmatch


def run(options: Namespace, output: Output) -> int:
    """Write a report of runs of the project in the working directory."""
    from jobtui_core.project import open_project, report, write_report

    project = open_project()
    name = options.output or (_DEFAULT if not options.markdown else "lab.md")
    with Progress() as progress:
        runs = _chosen(project, options.words)
        if name == "-":
            text = report(
                project, runs, "markdown" if options.markdown else "html", told=progress.say
            )
            progress.clear()
            output.raw(text)
            return 0
        written = write_report(
            project,
            runs,
            Path(name),
            format="markdown" if options.markdown else None,
            replace=options.force,
            told=progress.say,
        )
    told = f"{name}: {count(len(written.runs), 'run')}, {size(written.size)}"
    if written.folder is not None:
        told += f", with pictures in {written.folder.name}/"
    output.line(told)
    return 0


def _chosen(project: Project, words: Sequence[str]) -> Sequence[str]:
    """Give the runs that words name, or those that a filter chooses, the oldest first."""
    from jobtui_core.project import select_runs

    named = [word for word in words if _is_run(word)]
    if len(named) == len(words):
        return named
    if named:
        raise UsageError(
            f"jobtui report takes runs or a filter; {named[0]!r} is a run (id:{named[0]} asks for "
            "it in a filter)"
        )
    found = select_runs(project, as_filter(words))
    if not found:
        raise UsageError("no run is like that; jobtui runs lists them")
    if len(found) > _MOST:
        raise UsageError(f"{len(found)} runs are like that; a report is about {_MOST} at most")
    return [one.id for one in reversed(found)]
