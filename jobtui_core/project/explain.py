"""All that can be said about one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import UnknownNameError
from jobtui_core.project.installed import package_changes
from jobtui_core.project.reader import reader_of
from jobtui_core.project.verdicts import status
from jobtui_core.records import Explanation, StepStatus

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["answers_to", "unknown_step", "why"]


def why(
    project: Project,
    step: str,
    *,
    script: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    argv: Sequence[str] | None = None,
) -> tuple[Explanation, ...]:
    """Explain a step: one explanation for each script that has it.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    step : str
        Its name, its identity (``co2:trend``) or the identity with a dot (``co2.trend``).
    script : str, optional
        The only script to look at.
    overrides, argv
        As for ``status``.

    Raises
    ------
    UnknownNameError
        If there is no such step, script or parameter.
    """
    scripts = None if script is None else [script]
    found = status(project, scripts, overrides=overrides, argv=argv)
    meant = [row for row in found.steps if answers_to(row, step)]
    if not meant:
        raise unknown_step(step, found.steps)
    with reader_of(project) as reader:
        return tuple(
            Explanation(
                step=row,
                run=reader.evidence.run(row.last_run),
                packages=package_changes(project, row),
            )
            for row in meant
        )


def answers_to(row: StepStatus, name: str) -> bool:
    """Tell whether somebody who says ``name`` means this step."""
    return name in (row.name, row.function, row.function.replace(":", "."))


def unknown_step(name: str, rows: Iterable[StepStatus]) -> UnknownNameError:
    """Give the error for a step that no script has."""
    known = sorted({row.name for row in rows})
    nearest = tuple(get_close_matches(name, known, n=3, cutoff=0.5))
    if nearest:
        hint = f"; did you mean {nearest[0]!r}?"
    elif known:
        hint = f"; there are {', '.join(known[:8])}."
    else:
        hint = ": no script here has steps."
    return UnknownNameError(f"There is no step {name!r}{hint}", name=name, nearest=nearest)
