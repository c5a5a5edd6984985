"""Putting runs side by side: what is compared, and in which order it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jobtui_core.errors import UnknownNameError
from jobtui_core.labbook import Comparison
from jobtui_core.project.comparing.circumstances import (
    compare_circumstances,
    compare_outcomes,
    compare_packages,
    compare_parameters,
    compare_words,
)
from jobtui_core.project.comparing.codes import compare_codes
from jobtui_core.project.comparing.drawn import compare_figures
from jobtui_core.project.comparing.inputs import compare_inputs
from jobtui_core.project.comparing.logs import compare_logs
from jobtui_core.project.comparing.outputs import compare_outputs
from jobtui_core.project.comparing.results import compare_results
from jobtui_core.project.comparing.rows import rows_of
from jobtui_core.project.comparing.work import Side, Stopped, Work
from jobtui_core.project.evidence.stores import Stores
from jobtui_core.project.judging.filefacts import FileFacts
from jobtui_core.project.nearest import hint, nearest
from jobtui_core.project.running.history import find_run, read_infos
from jobtui_core.project.running.history import runs as known_runs
from jobtui_core.tracing.read import read_run

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["compare"]


def compare(
    project: Project,
    runs: Sequence[str] = (),
    *,
    step: str | None = None,
    told: Callable[[str], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Comparison:
    """Put runs side by side, and tell only what differs.

    Nothing is unpickled and nothing of the user's is run: sources, results, logs and figures are
    read as they were kept.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it; its own runs can be compared.
    runs : sequence of str
        Ids, unique beginnings of ids, ``last`` or ``last~1``; the others are held against the
        first.  Of one run alone the one before it, of the same script, comes first; of none the
        newest run and the one before it.
    step : str, optional
        Compare only what concerns this step: its name or identity.
    told : callable, optional
        Told now and then what is done.
    stopped : callable, optional
        Asked now and then: the comparison ends early when it gives true.

    Returns
    -------
    Comparison

    Raises
    ------
    UnknownNameError
        If there is no such run or step, or no two runs.
    """
    sides = tuple(_sides(project, _chosen(project, runs)))
    stores = Stores(project)
    files = FileFacts(project.root, project.index_folder)
    work = Work(project, sides, stores, files, step=step, told=told, stopped=stopped)
    if step is not None:
        _must_be_called(work, step)
    try:
        _compare(work)
    except Stopped:
        work.found.cannot("the rest: the comparison was stopped")
    for problem in stores.problems():
        work.found.cannot(problem)
    return Comparison(
        runs=tuple(side.info for side in sides),
        differences=tuple(work.found.differences),
        same=tuple(work.found.same.items()),
        not_compared=work.found.not_compared,
    )


def _compare(work: Work) -> None:
    compare_words(work)
    if work.step is None:
        compare_parameters(work)
    compare_codes(work)
    compare_inputs(work)
    if work.step is None:
        compare_packages(work)
        compare_circumstances(work)
        compare_outcomes(work)
    rows = rows_of(work)
    compare_logs(work, rows)
    compare_results(work, rows)
    compare_outputs(work)
    compare_figures(work)


def _chosen(project: Project, names: Sequence[str]) -> list[str]:
    """Give the ids of the runs that are meant."""
    found = [find_run(project, name) for name in names]
    if len(found) > 1:
        return found
    known = known_runs(project)
    if not known:
        raise UnknownNameError("Nothing has run here yet.", name="last", nearest=())
    at = next((n for n, info in enumerate(known) if not found or info.id == found[0]), None)
    if at is None:
        raise UnknownNameError(f"Run {found[0]} has no records.", name=found[0], nearest=())
    script = known[at].script
    before = next((info.id for info in known[at + 1 :] if info.script == script), None)
    if before is None:
        words = f"There is no run of {script} before {known[at].id} to compare it with."
        raise UnknownNameError(words, name=script, nearest=())
    return [before, known[at].id]


def _sides(project: Project, runs: Sequence[str]) -> list[Side]:
    found = []
    for run in runs:
        infos = read_infos(project, [run])
        if not infos:
            raise UnknownNameError(f"Run {run} has no records.", name=run, nearest=())
        folder = project.runs_folder / run
        found.append(Side(infos[0], read_run(folder), folder))
    return found


def _must_be_called(work: Work, step: str) -> None:
    if not any(work.calls(side) for side in work.sides):
        names = {call.name for side in work.sides for call in side.trace.calls}
        near = nearest(step, names)
        words = f"None of the runs called a step {step!r}{hint(near)}"
        raise UnknownNameError(words, name=step, nearest=near)
