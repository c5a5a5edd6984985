"""What a run put out, by step, as far as there is room for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobtui_core.labbook import LogLine
from jobtui_core.project.reporting.data import LogPart
from jobtui_core.project.running.logs import read_log

if TYPE_CHECKING:
    from jobtui_core.labbook import RunDetail
    from jobtui_core.project.folder import Project

__all__ = ["printed"]

_MOST_LINES = 400
"""Lines of one step that are shown: half of them from the beginning, half from the end."""


def printed(project: Project, detail: RunDetail, missing: dict[str, None]) -> Iterator[LogPart]:
    """Give what a run put out, in the order of its steps.

    Parameters
    ----------
    project : Project
    detail : RunDetail
    missing : dict
        Sentences about what is not there are added to it.
    """
    part = read_log(project, detail.info.id, limit=1 << 20)
    lines = [LogLine(text=one) for one in part.text.rstrip("\n").split("\n") if part.text]
    yield _bounded("", lines)


def _bounded(step: str, lines: list[LogLine]) -> LogPart:
    if len(lines) <= _MOST_LINES:
        return LogPart(step=step, lines=tuple(lines))
    half = _MOST_LINES // 2
    kept = (*lines[:half], *lines[-half:])
    return LogPart(step=step, lines=kept, left_out=len(lines) - len(kept))
