"""All that a report says, asked of the project: after this nothing is looked up any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jobtui_core._version import __version__
from jobtui_core.entry import clean, entry_name, read_info
from jobtui_core.entry.describe import without_secrets
from jobtui_core.errors import StoreError, UnknownNameError
from jobtui_core.labbook import FigureInfo
from jobtui_core.project.drawings import figure_bytes
from jobtui_core.project.evidence.stores import MALFORMED, Stores
from jobtui_core.project.reporting.data import (
    Chapter,
    ReportData,
    Result,
    StepSum,
    figure_name,
)
from jobtui_core.project.reporting.packages import installable
from jobtui_core.project.reporting.printed import printed
from jobtui_core.project.reporting.sources import helps_of, scripts_of, sources_of
from jobtui_core.project.rundetail import run_detail
from jobtui_core.project.running.history import run_ids
from jobtui_core.records import CallInfo, CallState
from jobtui_core.tracing.read import read_run

if TYPE_CHECKING:
    from jobtui_core.labbook import Comparison, RunDetail
    from jobtui_core.project.folder import Project
    from jobtui_core.tracing.traces import CountedCalls

__all__ = ["gather"]

Told = Callable[[str], object]

_MOST_RESULTS = 60
"""Results of a run that are shown, each read of its entry."""

_OF_A_STEP = 6
"""Results of one step among them: of a loop the first ones say what they look like."""

_MOST_FIGURES = 200
"""Figures of a report."""

_ROOM = 64 << 20
"""Bytes of all figures together: a page beyond that is none for a phone."""

_LARGEST_SVG = 400_000
"""Bytes of an SVG above which its PNG is taken."""


def gather(
    project: Project,
    runs: Sequence[str] = (),
    *,
    told: Told | None = None,
    now: float | None = None,
) -> ReportData:
    """Ask a project for all that a report says of some runs.

    Parameters
    ----------
    project : Project
    runs : sequence of str
        Ids, or unique beginnings of ids; none for the newest run.  One that is named twice counts
        once.
    told : callable, optional
        Told now and then what is being read.
    now : float, optional
        When that is.

    Raises
    ------
    UnknownNameError
        If there is no such run, or none at all.
    """
    say: Told = told or (lambda _: None)
    wanted = runs or run_ids(project)[:1]
    if not wanted:
        raise UnknownNameError("Nothing has run here yet.", name="", nearest=())
    found: dict[str, Chapter] = {}
    for number, run in enumerate(wanted):
        say(f"reading run {number + 1} of {len(wanted)}")
        detail = run_detail(project, run)
        if detail.info.id not in found:
            found[detail.info.id] = _chapter(project, detail)
    comparison = _compared(project, list(found), say) if len(found) > 1 else None
    pictures, missing = _pictures(project, found.values(), comparison, say)
    return ReportData(
        project=project.root.name or str(project.root),
        made=time.time() if now is None else now,
        version=__version__,
        chapters=tuple(found.values()),
        comparison=comparison,
        pictures=pictures,
        missing=missing,
    )


def _chapter(project: Project, detail: RunDetail) -> Chapter:
    run = detail.info.id
    trace = read_run(project.runs_folder / run)
    drawn = detail.figures
    files = _drawn_files(detail.calls, {one.call for one in drawn})
    detail = replace(detail, figures=(*drawn, *files))
    stores = Stores(project)
    helps = helps_of(stores, trace.analyses)
    parameters = tuple(
        replace(one, help=one.help or helps.get(one.name, "")) for one in detail.parameters
    )
    detail = replace(detail, parameters=parameters)
    missing: dict[str, None] = {}
    results, left_out = _results(stores, detail.calls)
    return Chapter(
        detail=detail,
        steps=tuple(_sums(detail.calls, trace.counted)),
        log=tuple(printed(project, run, missing)),
        results=results,
        results_left_out=left_out,
        sources=tuple(sources_of(stores, detail.calls, missing)),
        scripts=tuple(scripts_of(stores, trace.analyses)),
        packages=installable(detail.versions),
        missing=tuple(missing),
    )


def _drawn_files(
    calls: Iterable[CallInfo], drawing: Collection[str | None]
) -> Iterator[FigureInfo]:
    """Give output files that are pictures, for as long as the store keeps copies of them.

    Where figures of a call were kept, its files are most likely of these.
    """
    for call in calls:
        if call.id in drawing:
            continue
        for path, digest in call.outputs:
            kind = path.rpartition(".")[2].lower()
            if kind in ("png", "svg"):
                yield FigureInfo(
                    name=path,
                    run=call.run,
                    call=call.id,
                    step=call.name,
                    png=digest if kind == "png" else "",
                    svg=digest if kind == "svg" else "",
                    store=call.store,
                )


def _sums(calls: Iterable[CallInfo], counted: Iterable[CountedCalls]) -> Iterator[StepSum]:
    """Add up the calls of each step, in the order of the first ones."""
    found: dict[str, list[CallInfo]] = {}
    for call in calls:
        found.setdefault(call.function, []).append(call)
    more: dict[str, list[CountedCalls]] = {}
    for one in counted:
        more.setdefault(one.function, []).append(one)
    for function in dict.fromkeys((*found, *more)):
        mine, others = found.get(function, []), more.get(function, [])
        states = [call.state for call in mine]
        ran = [call for call in mine if call.state in (CallState.COMPUTED, CallState.UNCACHED)]
        times = [call.duration for call in ran if call.duration is not None]
        yield StepSum(
            name=mine[0].name if mine else function.rpartition(":")[2],
            function=function,
            kind=mine[0].kind if mine else "memoized",
            calls=len(mine) + sum(one.hits + one.computed for one in others),
            hits=states.count(CallState.HIT) + sum(one.hits for one in others),
            computed=len(ran) + sum(one.computed for one in others),
            uncached=states.count(CallState.UNCACHED),
            failed=states.count(CallState.FAILED),
            old=states.count(CallState.OLD),
            running=states.count(CallState.RUNNING),
            took=sum(times) if times else None,
            saved=sum(call.saved for call in mine) + sum(one.saved for one in others),
        )


def _results(stores: Stores, calls: Iterable[CallInfo]) -> tuple[tuple[Result, ...], int]:
    """Give pictures of results, each once, and how many are left out."""
    seen: set[tuple[str, str]] = set()
    shown: dict[str, int] = {}
    found: list[Result] = []
    left_out = 0
    for call in calls:
        key = call.entry or call.key
        if key is None or (call.function, key) in seen or call.state not in _HAVE_RESULTS:
            continue
        seen.add((call.function, key))
        if shown.get(call.function, 0) >= _OF_A_STEP or len(found) >= _MOST_RESULTS:
            left_out += 1
            continue
        shown[call.function] = shown.get(call.function, 0) + 1
        found.append(_result(stores, call, key))
    return tuple(found), left_out


_HAVE_RESULTS = (CallState.HIT, CallState.COMPUTED, CallState.OLD)


def _result(stores: Stores, call: CallInfo, key: str) -> Result:
    try:
        info = read_info(stores.at(call.store), entry_name(call.function, key))
    except (StoreError, *MALFORMED) as error:
        text = clean(str(error), 300)
        return Result(step=call.name, function=call.function, key=key, preview=None, problem=text)
    if info is None:
        problem = "it is no longer in the store"
        return Result(
            step=call.name, function=call.function, key=key, preview=None, problem=problem
        )
    arguments = tuple(
        (name, clean(without_secrets(name, known.get("preview", "")), 300))
        for name, known in info.arguments.items()
    )
    return Result(
        step=call.name,
        function=call.function,
        key=key,
        preview=info.preview,
        arguments=arguments,
        problem="" if info.preview is not None else "no picture of it was kept",
    )


def _compared(project: Project, runs: Sequence[str], say: Told) -> Comparison:
    from jobtui_core.project.comparing.comparison import compare

    return compare(project, runs, told=lambda text: (say(text), None)[1])


def _pictures(
    project: Project, chapters: Iterable[Chapter], comparison: Comparison | None, say: Told
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Give the bytes of figures, those of a comparison too, as far as there is room."""
    wanted = [figure for chapter in chapters for figure in chapter.detail.figures]
    for one in comparison.of("figure") if comparison is not None else ():
        wanted += [figure for figure in one.figures if figure is not None]
    found: dict[str, bytes] = {}
    room, left_out = _ROOM, 0
    for number, figure in enumerate(wanted):
        if figure_name(figure, "svg") in found or figure_name(figure, "png") in found:
            continue
        if len(found) >= _MOST_FIGURES or room <= 0:
            left_out += 1
            continue
        say(f"reading figure {number + 1} of {len(wanted)}")
        name, data = _picture(project, figure)
        if name and len(data) <= room:
            found[name] = data
            room -= len(data)
        elif name:
            left_out += 1
    if not left_out:
        return found, ()
    room_text = f"{_MOST_FIGURES} figures of {_ROOM >> 20} MB together"
    return found, (f"{left_out} figures: a report has room for {room_text}",)


def _picture(project: Project, figure: FigureInfo) -> tuple[str, bytes]:
    """Give a figure under its name: as SVG, unless that is so large that pixels are better."""
    svg = figure_bytes(project, figure, "svg") if figure.svg else None
    if svg is not None and len(svg) <= _LARGEST_SVG:
        return figure_name(figure, "svg"), svg
    png = figure_bytes(project, figure, "png") if figure.png else None
    if png is not None:
        return figure_name(figure, "png"), png
    return (figure_name(figure, "svg"), svg) if svg is not None else ("", b"")
