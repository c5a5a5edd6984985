"""A queue starts runs in order, as many at a time as asked; none that waits for a failed one."""

from __future__ import annotations

from jobtui_core.project.running.schedule import Schedule


def test_runs_start_in_order_one_at_a_time() -> None:
    schedule = Schedule({"a": (), "b": ()})
    assert schedule.next() == "a"
    schedule.start("a")
    assert schedule.next() is None
    schedule.finish("a", well=True)
    assert schedule.next() == "b"


def test_as_many_run_at_a_time_as_asked() -> None:
    schedule = Schedule({"a": (), "b": (), "c": ()}, jobs=2)
    schedule.start("a")
    assert schedule.next() == "b"
    schedule.start("b")
    assert schedule.next() is None


def test_a_run_that_waits_for_another_lets_later_ones_pass() -> None:
    schedule = Schedule({"a": (), "b": ("a",), "c": ()}, jobs=2)
    schedule.start("a")
    assert schedule.next() == "c"


def test_what_waits_for_a_failed_run_is_hopeless_and_so_is_what_waits_for_that() -> None:
    schedule = Schedule({"a": (), "b": ("a",), "c": ("b",), "d": ()})
    schedule.start("a")
    schedule.finish("a", well=False)
    assert schedule.hopeless() == ("b", "a")
    schedule.finish("b", well=False)
    assert schedule.hopeless() == ("c", "b")
    schedule.finish("c", well=False)
    assert schedule.hopeless() is None
    assert schedule.next() == "d"
    schedule.start("d")
    schedule.finish("d", well=True)
    assert schedule.finished


def test_demands_on_runs_outside_of_the_queue_are_ignored() -> None:
    assert Schedule({"a": ("elsewhere", "a")}).next() == "a"
