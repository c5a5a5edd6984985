"""What a sweep consists of, how far it is, and running what is left of it."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jobtui_core.entry.describe import REDACTED
from jobtui_core.errors import ParameterError, RunError
from jobtui_core.labbook import Sweep, SweepRow
from jobtui_core.project.discovery import find_scripts
from jobtui_core.project.parameters import (
    overrides_for,
    parameters_from,
    parse_overrides,
    unknown_parameter,
)
from jobtui_core.project.plans.planning import plan
from jobtui_core.project.reader import reader_of
from jobtui_core.project.running.history import newest_argv, runs
from jobtui_core.project.starting import start_each
from jobtui_core.project.sweeps.axes import values_of
from jobtui_core.project.sweeps.shown import shown_value
from jobtui_core.records import Plan, PlanAction, RunInfo, RunState
from jobtui_core.tracing.redacted import redacted_parameters, redacted_value

if TYPE_CHECKING:
    import os

    from jobtui_core.project.folder import Project
    from jobtui_core.project.running.queues import Queue

__all__ = ["plan_sweep", "start_sweep", "sweep", "sweep_outcome"]

_MOST = 100_000
"""Combinations that are put together at all."""


def sweep(
    project: Project,
    script: str,
    words: Sequence[str],
    *,
    params: str | os.PathLike[str] | None = None,
    argv: Sequence[str] | None = None,
) -> Sweep:
    """Put a sweep together from words such as ``window=10,20`` and ``lr=0.1:0.5:0.1``.

    Parameters
    ----------
    project : Project
    script : str
        As ``find_scripts`` takes it.
    words : sequence of str
        ``name=values`` each; with a single value, the parameter has that in all runs.
    params : str or path, optional
        A file of parameters that have one value in all runs.
    argv : sequence of str, optional
        Words for the script; by default, those of its newest run.

    Returns
    -------
    Sweep
        Its rows in order, the last parameter changing fastest, with the runs that there have been
        of the same sweep.

    Raises
    ------
    ParameterError
        If a word is not of that form, or a value is refused.
    UnknownNameError
        If there is no such script or parameter.
    RunError
        If there are more combinations than anybody can want.
    """
    (path,) = find_scripts(project, [script])
    words_of = tuple(newest_argv(project, path) if argv is None else argv)
    axes = _axes(project, path, words)
    fixed = {} if params is None else parameters_from(project, [path], params)
    fixed = {name: value for name, value in overrides_for(fixed, path).items() if name not in axes}
    fixed |= {name: values[0] for name, values in axes.items() if len(values) == 1}
    swept = {name: values for name, values in axes.items() if len(values) > 1}
    count = math.prod(len(values) for values in swept.values())
    if count > _MOST:
        raise RunError(f"These are {count:,} combinations; at most {_MOST:,} can be swept.")
    rows = tuple(
        SweepRow(values=tuple(zip(swept, values, strict=True)))
        for values in itertools.product(*swept.values())
    )
    found = Sweep(
        id=_identity(path, words_of, fixed, swept),
        script=path,
        argv=words_of,
        fixed=tuple(sorted(fixed.items())),
        names=tuple(swept),
        rows=rows,
    )
    return _with_runs(found, runs(project))


def _axes(project: Project, script: str, words: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Give the values of each parameter that words name."""
    with reader_of(project) as reader:
        analysis = reader.analyses.of(script, argv=reader.evidence.newest_argv(script)).analysis
    known = {one.name: one for one in (analysis.parameters if analysis is not None else ())}
    axes: dict[str, tuple[Any, ...]] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.isidentifier():
            # As everywhere else.
            parse_overrides(project, [script], [word])
        if name not in known:
            raise unknown_parameter(name, known)
        if name in axes:
            raise ParameterError(
                f"parameter {name!r} is given twice; its values go into one word: {name}=1,2",
                name=name,
                value=text,
                where="",
            )
        axes[name] = values_of(known[name], text)
        if len(axes[name]) > 1 and any(redacted_value(name, one) != one for one in axes[name]):
            raise ParameterError(
                f"{name!r} cannot be swept over: its values are secrets, which no run tells",
                name=name,
                value=REDACTED,
                where="",
            )
    return axes


def _identity(
    script: str, argv: Sequence[str], fixed: Mapping[str, Any], swept: Mapping[str, Any]
) -> str:
    """Name a sweep so that the same command means the same sweep."""
    said = json.dumps([script, list(argv), dict(fixed), dict(swept)], sort_keys=True, default=repr)
    return f"s{hashlib.blake2b(said.encode(), digest_size=5).hexdigest()}"


def values_for(found: Sweep, row: SweepRow) -> dict[str, Any]:
    """Give all the parameters of one combination."""
    return {**dict(found.fixed), **dict(row.values)}


# ------------------------------------------------------------------ how far it is


def _with_runs(found: Sweep, infos: Iterable[RunInfo]) -> Sweep:
    """Add to each row the last run of it in this sweep; ``infos`` are newest first."""
    newest: dict[str, RunInfo] = {}
    for info in infos:
        if info.sweep == found.id:
            newest.setdefault(_address(info.parameters), info)
    rows = []
    for row in found.rows:
        last = newest.get(_address(redacted_parameters(values_for(found, row))))
        rows.append(row if last is None else _row(row, last))
    return replace(found, rows=tuple(rows))


def _address(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True, default=repr)


def _row(row: SweepRow, info: RunInfo) -> SweepRow:
    took = None
    if info.started is not None and info.ended is not None:
        took = info.ended - info.started
    return replace(
        row,
        run=info.id,
        state=info.state,
        duration=took,
        saved=info.time_saved,
        computed=info.computed,
        hits=info.hits,
        failed=info.failed,
        error=info.error,
    )


def plan_sweep(project: Project, found: Sweep) -> Sweep:
    """Say of each combination what a run of it would do, and which ones are left to run.

    A combination is done once a run of it in this sweep has ended well, and is so until something
    makes one of its steps stale.
    """
    rows = []
    for row in found.rows:
        planned = plan(project, [found.script], overrides=values_for(found, row), argv=found.argv)
        steps = [each.action for each in planned.rows]
        stale = PlanAction.RUN in steps
        active = row.state is not None and row.state.active
        left = not active and (row.state is not RunState.DONE or stale)
        rows.append(replace(row, planned=_words(planned), left=left))
    return replace(found, rows=tuple(rows))


def _words(planned: Plan) -> str:
    counts = {
        words: sum(row.action is action for row in planned.rows)
        for action, words in (
            (PlanAction.RUN, "to run"),
            (PlanAction.MAYBE, "may run"),
            (PlanAction.KEEP, "kept"),
        )
    }
    if not planned.rows:
        return "all of it runs" if planned.scripts else "nothing is known of it"
    if counts["kept"] == len(planned.rows):
        return "fresh"
    return ", ".join(f"{count} {words}" for words, count in counts.items() if count)


def sweep_outcome(project: Project, found: Sweep, show: str | None = None) -> Sweep:
    """Give a sweep with what has become of its runs, and a scalar of each.

    Parameters
    ----------
    project : Project
    found : Sweep
        As ``sweep`` or ``plan_sweep`` gave it.
    show : str, optional
        A step, whose result is the scalar; or a name that the script prints with a number, such as
        ``score: 0.83``.
    """
    now = _with_runs(found, runs(project))
    if show is None:
        return now
    with reader_of(project) as reader:
        rows = tuple(
            row
            if row.run is None or row.state is not RunState.DONE
            else replace(row, shown=shown_value(project, reader.evidence, row.run, show))
            for row in now.rows
        )
    return replace(now, rows=rows)


# ------------------------------------------------------------------ running


def start_sweep(project: Project, found: Sweep, *, jobs: int = 1) -> Queue | None:
    """Run the combinations that are left, and come back once that has begun.

    Parameters
    ----------
    project : Project
    found : Sweep
        As ``plan_sweep`` gave it.
    jobs : int
        How many run at a time.

    Returns
    -------
    Queue or None
        The runs, in the order of the rows; ``None`` if nothing is left.
    """
    values = [values_for(found, row) for row in found.rows if row.left]
    if not values:
        return None
    return start_each(project, found.script, values, argv=found.argv, sweep=found.id, jobs=jobs)
