"""Filters of runs: what they find, what they refuse, and how fast they are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobtui_core.errors import FilterError
from jobtui_core.project import filter_names, note_run, run_filter, select_runs
from jobtui_core.project.runfilter import RunFilter
from jobtui_core.records import RunInfo, RunState
from tests.core.project_running.traces import Trace

NOW = time.time()
FIT = RunInfo(
    id="2026-11-22T10-14-05-ab12",
    script="co2.py",
    state=RunState.FAILED,
    argv=("--fast", "--token=hunter2"),
    values={"window": 52, "model": "ridge", "api_token": "hunter2"},
    differing={"model": "ridge"},
    steps=("load", "fit_all"),
    started=NOW - 3 * 86_400,
    ended=NOW - 3 * 86_400 + 700,
    host="node7",
    user="anna",
    job="slurm:4711",
    commit="a1b2c3d4",
    error="ValueError: no such month",
    hits=3,
    computed=1,
    time_saved=4_000.0,
    note="for the paper, figure two",
    tags=("paper", "final"),
    starred=True,
)
OLD = RunInfo(
    id="2026-01-01T00-00-00-0000",
    script="train.py",
    state=RunState.DONE,
    values={"window": 10},
    steps=("fit",),
    started=NOW - 300 * 86_400,
    user="bert",
)
QUEUED = RunInfo(id="2026-11-23T00-00-00-0000", script="train.py", state=RunState.QUEUED)
RUNS = (QUEUED, FIT, OLD)


def found(text: str) -> list[RunInfo]:
    wanted = run_filter(text)
    return [info for info in RUNS if wanted.test(info)]


@pytest.mark.parametrize(
    "text",
    [
        "step:fit_all",
        "step:load step:fit_all",
        "step=load",
        "window>=20",
        "window=52 model=ridge",
        "model=r*",
        "failed",
        "since:7d failed",
        "since:7d until:2d",
        "script:co2.py",
        "state:failed",
        "tag:paper",
        "tag:pap tag=final",
        "starred",
        "user:anna host:node",
        "job:4711",
        "commit:a1b2",
        "note:paper",
        'note:"figure two"',
        "error:month",
        "took:>10m",
        "saved:>1h hits:>=3 computed:=1",
        "id:2026-11-22",
        "paper",
        '"figure two"',
        '"--fast"',
        "-done -queued",
        "!user:bert !queued",
    ],
)
def test_what_a_filter_finds(text: str) -> None:
    assert found(text) == [FIT]
    assert str(run_filter(str(run_filter(text)))) == str(run_filter(text))


@pytest.mark.parametrize(
    "text",
    ["step=fit_al", "window>52", "since:1h failed", "hunter2", "api_token=hunter2", "tag=pape"],
)
def test_what_a_filter_does_not_find(text: str) -> None:
    assert FIT not in found(text)


def test_a_flag_in_quotes_is_a_word() -> None:
    assert found('"failed"') == [FIT]
    assert found('"starred"') == []
    assert str(run_filter('"starred"')) == '"starred"'


def test_dates_have_the_hours_of_this_place() -> None:
    assert found("until:2026-06-01") == ([OLD] if OLD.started < 1_780_000_000 else [])
    day = time.strftime("%Y-%m-%d", time.localtime(NOW))
    assert found(f"since:{day}") == []
    assert found(f"until:{day}") == [FIT, OLD]


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("failed stp:fit", 7, "did you mean step:?"),
        ("since:yesterday", 0, "neither a span nor a date"),
        ("since>7d", 0, "since:7d"),
        ("step>3", 0, "is a text"),
        ("hits:many", 0, "hits:>3"),
        ('note:"open', 5, "not closed"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(
    text: str, position: int, problem: str
) -> None:
    with pytest.raises(FilterError, match=problem.replace("?", r"\?")) as caught:
        run_filter(text)
    assert caught.value.position == position


def test_a_parameter_that_no_run_has_is_said_with_the_nearest(desk) -> None:
    with pytest.raises(FilterError, match="did you mean window") as caught:
        select_runs(desk.project, "failed windw>=20", runs=RUNS)
    assert caught.value.position == 7
    assert select_runs(desk.project, "window>=1000", runs=RUNS) == ()
    assert select_runs(desk.project, "windw>=20") == ()


def test_what_a_filter_may_begin_with_is_told_for_completion() -> None:
    assert {"step:", "since:", "tag:", "failed", "starred"} <= set(filter_names())


def test_runs_on_disk_are_found_by_what_they_called_and_by_what_is_written(desk) -> None:
    for number, name in enumerate(("load", "fit")):
        trace = Trace(desk.root, f"2026-11-22T10-14-0{number}-0000").start()
        trace.write("parameter", name="window", value=10 * number, default=0)
        trace.call(1, name)
        trace.called(1)
        trace.end()
    note_run(desk.project, "last", tags=["paper"])
    for _ in ("read", "from the index"):
        (only,) = select_runs(desk.project, "step:fit window>=10 tag:paper")
        assert (only.steps, only.values, only.differing) == (
            ("fit",),
            {"window": 10},
            {"window": 10},
        )
        assert select_runs(desk.project, "step:load")[0].differing == {}
    assert len(select_runs(desk.project, "window<20", limit=1)) == 1


PARTS = st.sampled_from(
    ["step:", "since:7d", "window>=", "failed", '"failed"', "-", "!", '"', "\\", " ", "=", "last"]
)


def understood(text: str) -> RunFilter | FilterError:
    try:
        return run_filter(text)
    except FilterError as error:
        return error


@given(st.lists(PARTS, max_size=8).map("".join) | st.text(max_size=20))
def test_whatever_is_typed_is_understood_or_refused_and_spelled_in_one_way(text: str) -> None:
    wanted = understood(text)
    if isinstance(wanted, FilterError):
        assert 0 <= wanted.position <= len(text)
        assert wanted.text == text
        return
    again = run_filter(str(wanted))
    assert again.terms == wanted.terms
    assert [again.test(info) for info in RUNS] == [wanted.test(info) for info in RUNS]
