"""A follower tells what is new, once, and what is told adds up to what there is."""

from __future__ import annotations

import shutil

from jobtui_core.project import Follower, cancel, follow_queue
from jobtui_core.records import CallState, RunState
from tests.core.project_running.traces import Trace
from tests.support import wait_until

RUN = "2026-11-22T10-14-05-ab12"
OTHER = "2026-11-22T10-14-06-0000"


def told(changes) -> list[tuple[str, ...]]:
    return [
        (change.kind, change.run.id, change.run.state.value)
        if change.call is None
        else (change.kind, change.call.name, change.call.state.value)
        for change in changes
    ]


def test_nothing_is_told_of_an_empty_folder(desk) -> None:
    follower = Follower(desk.project)
    assert follower.update() == ()
    assert not (desk.root / ".jobtui").exists()


def test_old_runs_are_told_once_without_their_calls(desk) -> None:
    trace = Trace(desk.root, RUN).start()
    trace.call(1, "read")
    trace.called(1)
    trace.end()
    follower = Follower(desk.project)
    assert told(follower.update()) == [("run", RUN, "done")]
    assert follower.update() == ()
    assert [info.id for info in follower.runs] == [RUN]


def test_a_run_is_told_from_its_start_to_its_end(desk) -> None:
    follower = Follower(desk.project)
    follower.update()
    trace = Trace(desk.root, RUN)
    assert follower.update() == ()
    trace.start()
    assert told(follower.update()) == [("run", RUN, "running")]
    trace.call(1, "read")
    assert ("call", "read", "running") in told(follower.update())
    assert follower.active == follower.runs
    trace.called(1, "computed")
    changes = follower.update()
    assert ("call", "read", "computed") in told(changes)
    trace.call(2, "fit")
    trace.called(2, "failed", error={"type": "ValueError", "message": "no", "traceback": "T"})
    trace.end(1, "failed")
    changes = follower.update()
    assert told(changes)[0] == ("run", RUN, "failed")
    failed = changes[-1].call
    assert failed is not None
    assert (failed.state, failed.error, failed.traceback) == (
        CallState.FAILED,
        "ValueError: no",
        "T",
    )
    assert follower.update() == ()
    assert follower.active == ()


def test_calls_that_did_not_change_are_not_told_again(desk) -> None:
    trace = Trace(desk.root, RUN).start()
    follower = Follower(desk.project)
    follower.update()
    trace.call(1, "read")
    trace.called(1)
    follower.update()
    trace.call(2, "fit")
    assert [one for one in told(follower.update()) if one[0] == "call"] == [
        ("call", "fit", "running")
    ]


def test_a_deleted_run_is_told(desk) -> None:
    Trace(desk.root, RUN).start().end()
    running = Trace(desk.root, OTHER).start()
    follower = Follower(desk.project)
    follower.update()
    shutil.rmtree(desk.root / ".jobtui/runs" / RUN)
    shutil.rmtree(running.folder)
    removed = [change for change in follower.update() if change.kind == "removed"]
    assert {change.run.id for change in removed} == {RUN, OTHER}
    assert follower.runs == ()
    shutil.rmtree(desk.root / ".jobtui")
    assert follower.update() == ()


def test_only_the_runs_asked_for_are_told(desk) -> None:
    Trace(desk.root, RUN).start().end()
    Trace(desk.root, OTHER).start()
    follower = Follower(desk.project, only=(RUN,))
    assert told(follower.update()) == [("run", RUN, "done")]


def test_a_queue_is_followed_to_its_end(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('go')")
    desk.script("b.py", "raise SystemExit(2)")
    queue = desk.start("a.py", "b.py")
    states: dict[str, list[RunState]] = {run: [] for run in queue.runs}
    for changes in follow_queue(desk.project, queue, interval=0.01):
        for change in changes:
            states[change.run.id].append(change.run.state)
        if (desk.root / "a-runs").exists():
            desk.reach("go")
    first, second = (list(dict.fromkeys(states[run])) for run in queue.runs)
    assert first[-2:] == [RunState.RUNNING, RunState.DONE]
    assert second[0] is RunState.QUEUED
    assert second[-1] is RunState.FAILED
    assert RunState.DIED not in first + second


def test_a_run_that_ended_before_anybody_looked_is_told_with_its_calls(desk) -> None:
    trace = Trace(desk.root, RUN).start()
    trace.call(1, "read")
    trace.called(1)
    trace.end()
    changes = Follower(desk.project, only=(RUN,)).update()
    assert told(changes) == [("run", RUN, "done"), ("call", "read", "computed")]


def test_following_ends_when_a_run_is_cancelled_and_when_its_folder_is_gone(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('never')")
    queue = desk.start("a.py")
    desk.reached("a-runs")
    follower = Follower(desk.project)
    wait_until(lambda: follower.update() or follower.runs)
    cancel(desk.project, queue=queue.id)
    *_, last = follow_queue(desk.project, queue, interval=0.01)
    assert last[-1].run.state is RunState.CANCELLED
    desk.finish(queue)
    wait_until(lambda: not (follower.update() or follower.active))


def test_a_follower_sees_a_run_that_begins_in_the_instant_of_a_look(desk) -> None:
    follower = Follower(desk.project)
    for number in range(50):
        run = f"2026-11-22T10-14-05-{number:04x}"
        Trace(desk.root, run).start().end()
        assert ("run", run, "done") in told(follower.update())


def test_runs_of_one_second_stand_in_the_order_in_which_they_began(desk) -> None:
    for suffix, moment in (("ff00", 5.1), ("0001", 5.3), ("a000", 5.2)):
        Trace(desk.root, f"2026-11-22T10-14-05-{suffix}").start(time=moment).end()
    follower = Follower(desk.project)
    follower.update()
    assert [info.id[-4:] for info in follower.runs] == ["0001", "a000", "ff00"]
