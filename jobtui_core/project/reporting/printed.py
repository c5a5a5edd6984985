"""What a run put out, by step, as far as there is room for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jobtui_core.project.printed import log_lines
from jobtui_core.project.reporting.data import LogPart

if TYPE_CHECKING:
    from jobtui_core.labbook import LogLine
    from jobtui_core.project.folder import Project

__all__ = ["bounded", "printed"]

_READ = 20_000
"""Lines of a run that are looked at: the last ones."""

_SHOWN = 400
"""Lines of one step that are shown: half of them from the beginning, half from the end."""


def printed(project: Project, run: str, missing: dict[str, None]) -> Iterator[LogPart]:
    """Give what a run put out, by step, in the order of the first lines.

    Parameters
    ----------
    project : Project
    run : str
        Its id.
    missing : dict
        Sentences about what is not there are added to it.
    """
    lines = log_lines(project, run, limit=_READ)
    if len(lines) >= _READ:
        missing[f"the beginning of the log: of its lines the last {_READ:,} were read"] = None
    steps: dict[str, list[LogLine]] = {}
    for line in lines:
        steps.setdefault(line.step, []).append(line)
    yield from (bounded(step, mine) for step, mine in steps.items())


def bounded(step: str, lines: Sequence[LogLine]) -> LogPart:
    """Give the beginning and the end of what a step put out, where that is long."""
    if len(lines) <= _SHOWN:
        return LogPart(step=step, lines=tuple(lines))
    half = _SHOWN // 2
    kept = (*lines[:half], *lines[-half:])
    return LogPart(step=step, lines=kept, left_out=len(lines) - len(kept))
