"""How far calls are is told to the trace: by loops of ours, and by progress bars of libraries."""

from __future__ import annotations

import gc
import itertools
import time
from typing import Any

import pytest

from jobtui_core import progress
from jobtui_core.records import CallState, RunState
from jobtui_core.tracing.calls import CallHandle
from jobtui_core.tracing.meters import Meters, Source
from jobtui_core.tracing.replay import Replay


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("jobtui_core.tracing.meters.time.monotonic", made)
    return made


@pytest.fixture
def told() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def meters(told: list[dict[str, Any]]) -> Meters:
    def write(event: str, **fields: Any) -> None:
        assert event == "progress"
        told.append(fields)

    return Meters(write, worker=False)


def test_a_call_is_told_of_twice_a_second_and_at_its_end(clock, meters, told) -> None:
    source = Source()
    for done in range(101):
        meters.tell(source, "1-1", done, 100, label="fit", unit="it")
        clock.now += 0.125
    meters.tell(source, "1-1", 101, 101, ended=True)
    assert [one["done"] for one in told] == [*range(0, 101, 4), 101]
    assert told[0] == {"call": "1-1", "label": "fit", "done": 0, "total": 100, "unit": "it"}


def test_what_was_told_last_is_not_told_again_at_the_end(clock, meters, told) -> None:
    source = Source()
    meters.tell(source, "1-1", 5, 5)
    clock.now += 1
    meters.tell(source, "1-1", 5, 5, ended=True)
    assert len(told) == 1


def test_the_outer_of_two_loops_counts(clock, meters, told) -> None:
    outer, inner = Source(), Source()
    for index in range(3):
        clock.now += 1
        meters.tell(outer, "1-1", index, 3)
        for step in range(3):
            clock.now += 1
            meters.tell(inner, "1-1", step, 3)
        meters.tell(inner, "1-1", 3, 3, ended=True)
    assert [one["done"] for one in told] == [0, 1, 2]


def test_each_call_is_told_of_and_the_script_by_its_main_process(clock, meters, told) -> None:
    meters.tell(Source(), "1-1", 1, None)
    meters.tell(Source(), "1-2", 2, None)
    meters.tell(Source(), "", 3, None)
    meters.tell(Source(), None, 4, None)
    meters.after_fork()
    meters.tell(Source(), "", 5, None)
    assert [(one["call"], one["done"]) for one in told] == [("1-1", 1), ("1-2", 2), (None, 3)]


def test_thousands_of_short_loops_are_told_of_as_seldom_as_one(clock, meters, told) -> None:
    for _ in range(1000):
        source = Source()
        meters.tell(source, "1-1", 0, 2)
        clock.now += 0.001
        meters.tell(source, "1-1", 2, 2, ended=True)
    assert len(told) <= 3


def test_a_loop_that_was_left_gives_way_to_the_next(clock, meters, told) -> None:
    left = Source()
    meters.tell(left, "1-1", 1, 9)
    del left
    gc.collect()
    clock.now += 1
    meters.tell(Source(), "1-1", 1, 5)
    assert [one["total"] for one in told] == [9, 5]


def test_a_call_that_has_ended_is_forgotten(clock, meters, told) -> None:
    handle = CallHandle("1-1", "m:fit", "fit", "step", None)
    source = Source()
    meters.tell(source, "1-1", 1, 9)
    meters.ended(handle, None)
    assert not meters._meters


def test_numbers_of_other_kinds_are_told_as_plain_ones(clock, meters, told) -> None:
    np = pytest.importorskip("numpy")
    meters.tell(Source(), "1-1", np.int64(3), np.float32(4))
    meters.tell(Source(), "1-2", object(), "many")
    assert [(one["done"], one["total"]) for one in told] == [(3.0, 4.0), (0, None)]
    assert type(told[0]["done"]) is float


def test_progress_gives_the_items_and_costs_next_to_nothing() -> None:
    assert list(progress(iter("abc"), "letters")) == ["a", "b", "c"]
    items = range(100_000)
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in progress(items):
            pass
        best = min(best, time.perf_counter() - start)
    assert best / len(items) < 1e-6


def test_progress_passes_on_what_goes_wrong() -> None:
    def fails() -> Any:
        yield 1
        raise KeyError("x")

    with pytest.raises(KeyError):
        list(progress(fails()))
    for item in progress(itertools.count()):
        if item == 3:
            break


def test_what_a_trace_says_is_checked() -> None:
    replay = Replay("run")
    start = {"event": "call_start", "call": "1-1", "function": "a:fit", "time": 1.0}
    replay.take("events", start)
    replay.take("events", {"event": "progress", "call": "1-1", "done": 5, "total": 20, "time": 2.0})
    replay.take("events", {"event": "progress", "done": 1, "total": 4, "label": "s", "time": 2.0})
    for done, total in (("x", 1), (float("nan"), 1), (None, None), ([], 2), (True, 1)):
        replay.take("events", {"event": "progress", "call": "1-1", "done": done, "total": total})
    trace = replay.trace(RunState.RUNNING)
    (call,) = trace.calls
    assert call.info.progress is not None
    assert call.info.progress.fraction == 0.25
    assert trace.info.progress is not None
    assert (trace.info.progress.fraction, trace.info.progress.label) == (0.25, "s")
    # A worker that was forked in the course of the call tells of it as well.
    other = {"event": "progress", "call": "1-1", "done": 30, "total": 20}
    replay.take("events-host-7", other)
    (call,) = replay.trace(RunState.RUNNING).calls
    assert call.progress is not None
    assert call.progress.fraction == 1.0


def test_a_call_that_has_ended_has_no_progress() -> None:
    replay = Replay("run")
    replay.take("events", {"event": "call_start", "call": "1-1", "function": "a:fit"})
    replay.take("events", {"event": "progress", "call": "1-1", "done": 5, "total": 20})
    replay.take("events", {"event": "call_end", "call": "1-1", "state": "computed"})
    (call,) = replay.trace(RunState.DONE).calls
    assert call.state is CallState.COMPUTED
    assert call.info.progress is None
    assert replay.trace(RunState.DONE).info.progress is None


def events(project: Any) -> list[tuple[str | None, str, float, float | None]]:
    """Give step, label, done and total of each event of progress."""
    import json

    (folder,) = project.run_folders()
    names = {call.id: call.name for call in project.trace().calls}
    found = []
    for line in (folder / "events.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "progress":
            name = names.get(event["call"]) if event["call"] else None
            found.append((name, event["label"], event["done"], event["total"]))
    return found


def test_bars_of_tqdm_tell_how_far_their_calls_are(project) -> None:
    pytest.importorskip("tqdm")
    project.script(
        """
        import sys
        assert "tqdm" not in sys.modules

        @make
        def fit():
            from tqdm.auto import tqdm
            for i in tqdm(range(3), desc="outer", mininterval=0):
                for j in tqdm(range(5), desc="inner", mininterval=0, leave=False):
                    pass

        @make
        def hidden():
            from tqdm import tqdm
            for i in tqdm(range(3), disable=True):
                pass

        fit()
        hidden()
        from tqdm import trange
        for i in trange(2, desc="script"):
            double(i)
        """
    )
    done = project.run()
    assert b"outer" in done.stderr
    found = events(project)
    assert found[0] == ("fit", "outer", 0, 3)
    assert found[-1] == (None, "script", 0, 2)
    assert {one[1] for one in found} == {"outer", "script"}


def test_a_bar_that_was_there_before_the_run_is_the_scripts(project) -> None:
    pytest.importorskip("tqdm")
    project.script(
        """
        from tqdm import tqdm
        for i in tqdm(range(3), desc="script", mininterval=0):
            double(i)
        """
    )
    project.run()
    found = events(project)
    assert found
    assert {one[:2] for one in found} == {(None, "script")}


def test_tasks_of_rich_tell_how_far_their_calls_are(project) -> None:
    pytest.importorskip("rich")
    project.script(
        """
        @make
        def fit():
            from rich.progress import Progress, track
            with Progress() as bars:
                outer = bars.add_task("outer", total=4)
                inner = bars.add_task("inner", total=100)
                bars.update(outer, completed=2)
            for i in track(range(3), "tracked"):
                pass

        fit()
        """
    )
    project.run()
    found = events(project)
    assert found[0] == ("fit", "outer", 0, 4)


def test_a_thousand_bars_leave_few_events(project) -> None:
    pytest.importorskip("tqdm")
    project.script(
        """
        from tqdm import tqdm

        @make
        def fit():
            for i in range(1000):
                for j in tqdm(range(2), mininterval=0):
                    pass

        fit()
        """
    )
    project.run()
    took = project.trace().calls[0].duration
    assert 1 <= len(events(project)) <= 2 * took + 3
