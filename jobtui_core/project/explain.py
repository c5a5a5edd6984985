"""All that can be said about one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from jobtui_core.entry import entry_name, read_info
from jobtui_core.entry.describe import clean
from jobtui_core.errors import UnknownNameError
from jobtui_core.project.evidence.gathered import MALFORMED
from jobtui_core.project.evidence.makers import is_own
from jobtui_core.project.installed import package_changes
from jobtui_core.project.reader import reader_of
from jobtui_core.project.verdicts import status
from jobtui_core.records import Explanation, Maker, StepStatus, Verdict

if TYPE_CHECKING:
    from jobtui_core.project.evidence.gathered import Evidence
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
                step=_with_maker(reader.evidence, row),
                run=reader.evidence.run(row.last_run),
                packages=package_changes(project, row),
            )
            for row in meant
        )


def _with_maker(evidence: Evidence, row: StepStatus) -> StepStatus:
    """Have the entry say who computed a result, where no run that is known here did."""
    place = evidence.place_of(row.function)
    if row.verdict is not Verdict.FRESH or row.makers or not row.keys:
        return row
    if not evidence.stores.is_shared(place):
        return row
    try:
        info = read_info(evidence.store_at(place), entry_name(row.function, row.keys[0]))
    except MALFORMED:
        return row
    if info is None or is_own(info.user, info.host):
        return row
    maker = Maker(user=clean(info.user, 100), host=clean(info.host, 100), time=info.started)
    return replace(row, makers=(maker,))


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
