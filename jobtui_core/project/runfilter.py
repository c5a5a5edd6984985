"""What filters can ask of runs: ``step:fit window>=20 failed since:7d tag:paper starred``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import FilterError
from jobtui_core.project.filtering import Field, Fields, Filter, parse_filter
from jobtui_core.project.nearest import nearest
from jobtui_core.project.running.history import runs as all_runs
from jobtui_core.records import RunInfo, RunState
from jobtui_core.tracing.redacted import redacted_value, redacted_words

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["RUN_FILTER_EXAMPLES", "RunFilter", "filter_names", "run_filter", "select_runs"]

RunFilter = Filter[RunInfo]

RUN_FILTER_EXAMPLES = "step:fit window>=20 failed since:7d script:co2.py tag:paper starred"
"""One line, for where a filter is typed."""


def _duration(info: RunInfo) -> float | None:
    if info.started is None or info.ended is None:
        return None
    return info.ended - info.started


def _values(info: RunInfo) -> Mapping[str, str]:
    return {name: _text(redacted_value(name, value)) for name, value in info.values.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _words(info: RunInfo) -> tuple[Iterable[str], bool]:
    texts = [info.id, info.script, info.state.value, info.note, info.user, info.host, info.error]
    texts += [*info.tags, *info.steps, *redacted_words(info.argv)]
    return [*texts, *(f"{name}={text}" for name, text in _values(info).items())], True


FIELDS: Fields[RunInfo] = Fields(
    fields=(
        Field("step", "texts", lambda run: run.steps, "a step that it called"),
        Field("script", "text", lambda run: run.script, "the script"),
        Field("state", "text", lambda run: run.state.value, "done, failed, running …"),
        Field("since", "since", lambda run: run.started, "began within 7d, or after a date"),
        Field("until", "until", lambda run: run.started, "began before that", ("before",)),
        Field("tag", "texts", lambda run: run.tags, "one of its tags"),
        Field("note", "text", lambda run: run.note, "what is written beside it"),
        Field("user", "text", lambda run: run.user, "who ran it"),
        Field("host", "text", lambda run: run.host, "on which machine"),
        Field("job", "text", lambda run: run.job, "the scheduler's job"),
        Field("commit", "prefix", lambda run: run.commit, "first digits of the git commit"),
        Field("sweep", "prefix", lambda run: run.sweep, "the sweep that it belongs to"),
        Field("error", "text", lambda run: run.error, "what ended it"),
        Field("id", "prefix", lambda run: run.id, "first characters of the id", ("run",)),
        Field("took", "span", _duration, "how long it took: >10m"),
        Field("saved", "span", lambda run: run.time_saved, "time saved by hits: >1h"),
        Field("hits", "number", lambda run: run.hits, "results found: >3"),
        Field("computed", "number", lambda run: run.computed, "results computed: >0"),
    ),
    words=_words,
    arguments=_values,
    flags={
        "failed": lambda run: run.state in (RunState.FAILED, RunState.DIED),
        "done": lambda run: run.state is RunState.DONE,
        "cancelled": lambda run: run.state is RunState.CANCELLED,
        "died": lambda run: run.state is RunState.DIED,
        "running": lambda run: run.state in (RunState.RUNNING, RunState.SILENT),
        "queued": lambda run: run.state is RunState.QUEUED,
        "starred": lambda run: run.starred,
        "dirty": lambda run: run.dirty is True,
    },
)
"""All of them."""


def run_filter(text: str) -> RunFilter:
    """Understand a filter of runs.

    Raises
    ------
    FilterError
        If it cannot be understood.
    """
    return parse_filter(text, FIELDS)


def filter_names() -> tuple[str, ...]:
    """Give what a part of a filter may begin with, for completion: ``step:``, ``failed`` …"""
    return (*(f"{one.name}:" for one in FIELDS.fields), *FIELDS.flags)


def select_runs(
    project: Project,
    text: str = "",
    *,
    runs: Sequence[RunInfo] | None = None,
    limit: int | None = None,
) -> tuple[RunInfo, ...]:
    """Give the runs for which a filter holds.

    Parameters
    ----------
    project : Project
    text : str
        The filter; all parts must hold.
    runs : sequence of RunInfo, optional
        Those to choose from, in their order; left out, all of the project, newest first.
    limit : int, optional
        How many at most: the first.

    Returns
    -------
    tuple of RunInfo

    Raises
    ------
    FilterError
        If the filter cannot be understood, or asks for a parameter that no run has.
    """
    wanted = run_filter(text)
    if not wanted:
        return all_runs(project, limit) if runs is None else tuple(runs[:limit])
    chosen = all_runs(project) if runs is None else runs
    found = tuple(info for info in chosen if wanted.test(info))
    if not found and chosen:
        _check_arguments(wanted, text, chosen)
    return found[:limit]


def _check_arguments(wanted: RunFilter, text: str, runs: Sequence[RunInfo]) -> None:
    asked = [term for term in wanted.terms if term.argument]
    if not asked:
        return
    known = dict.fromkeys(name for info in runs for name in info.values)
    for term in asked:
        if term.name not in known:
            near = nearest(term.name, [*known, *(one.name for one in FIELDS.fields)])
            there = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            hint = f"; {there}" if known else ""
            raise FilterError(f"no run has a parameter {term.name!r}{hint}", position=term.position)
