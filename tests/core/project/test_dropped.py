"""Runs from which a step was dropped: what they show, and what a plan says of such a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobtui_core.errors import RunError, UnknownNameError
from jobtui_core.records import CallState

OLD = "old result of trend"


def old(call):
    """Make a call of ``trend`` one that an older result answered."""
    if call.name != "trend":
        return call
    return replace(call, state=CallState.OLD, key=None, code=None, result=OLD, outputs=())


def test_a_dropped_step_is_as_stale_as_it_was(lab):
    lab.run()
    lab.edit("co2.py", "range(3)", "range(4)")
    before = lab.row("trend")
    lab.run(change=old)
    after = lab.row("trend")
    assert after.verdict.value == "stale"
    assert after.reasons == before.reasons
    assert (after.last_run, after.keys) == (before.last_run, before.keys)
    assert lab.row("report").verdict.value == "unsure"


def test_it_is_new_if_it_never_ran(lab):
    lab.run(change=old)
    assert lab.row("trend").verdict.value == "new"


def test_what_was_computed_on_the_old_result_is_fresh_once_that_comes_out(lab):
    lab.run()
    lab.edit("co2.py", "range(3)", "range(4)")
    lab.run(change=old)
    lab.results["trend"] = OLD
    lab.run(until="report")
    assert lab.verdicts() == {"read": "fresh", "trend": "fresh", "report": "fresh"}


@pytest.mark.parametrize("state", [CallState.UNCACHED, CallState.FAILED])
def test_a_call_that_got_an_old_result_in_its_course_shows_nothing(lab, state):
    lab.run()
    lab.edit("co2.py", "range(3)", "range(4)")
    before = lab.row("trend")

    def within(call):
        return replace(call, state=state, on_old=("prep",)) if call.name == "trend" else call

    lab.run(change=within)
    assert lab.row("trend").reasons == before.reasons
    assert lab.row("trend").verdict.value == "stale"


# Plans ---------------------------------------------------------------------------------------


def rows(plan):
    return {row.step: (row.action.value, row.on_old) for row in plan.rows}


def test_a_plan_takes_an_older_result_and_marks_what_rests_on_it(lab):
    lab.run()
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    plan = lab.plan(drop=["trend"])
    assert rows(plan) == {
        "read": ("keep", ()),
        "trend": ("drop", ()),
        "report": ("maybe", ("trend",)),
    }
    assert [row.step for row in plan.dropped] == ["trend"]
    assert plan.duration == pytest.approx(2.0)
    assert plan.refused == ()


def test_it_says_which_results_the_calls_had_the_last_time(lab):
    lab.run()
    lab.run(overrides={"window": 26})
    keys = lab.row("trend", window=26).keys
    lab.edit("co2.py", "print(report", "print('now', report")
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    (row,) = lab.plan(drop=["trend"]).dropped
    ((_, latest),) = row.latest
    assert latest == keys


def test_marks_go_on_below_and_into_other_scripts(lab):
    lab.write(
        "later.py",
        """
        from jobtui_core import make

        @make(inputs=["results/trend.json"])
        def summary():
            return open("results/trend.json").read()

        @make
        def last(text):
            return text

        last(summary())
        """,
    )
    lab.run()
    lab.run("later.py")
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    found = rows(lab.plan(drop=["co2:trend"]))
    assert found["summary"] == ("maybe", ("trend",))
    assert found["last"] == ("maybe", ("trend",))


def test_a_step_that_calls_a_dropped_one_rests_on_it(lab):
    lab.edit("co2.py", "return max(values)", "return max(trend(values, 1))")
    lab.run()
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    plan = lab.plan(drop=["trend"], recompute=["report"])
    assert rows(plan)["report"][1] == ("trend",)


def test_a_dropped_step_below_another_begins_anew(lab):
    lab.run()
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    lab.edit("co2.py", "window = default", "# no edit at all\nwindow = default")
    plan = lab.plan(drop=["trend", "report"])
    assert rows(plan)["report"] == ("drop", ())
    assert plan.scripts == ()


def test_a_step_without_a_stored_result_cannot_be_dropped(lab):
    plan = lab.plan(drop=["trend"])
    assert rows(plan)["trend"] == ("run", ())
    assert plan.refused == ("trend cannot be dropped: no result of it is stored",)


def test_a_fresh_step_need_not_be_dropped(lab):
    lab.run()
    plan = lab.plan(drop=["trend"])
    assert rows(plan)["trend"] == ("keep", ())
    assert plan.notes == ("trend is fresh: there is nothing to drop",)


def test_a_step_is_either_computed_again_or_dropped(lab):
    lab.run()
    with pytest.raises(RunError, match="trend cannot both be computed again and be dropped"):
        lab.plan(drop=["co2:trend"], recompute=["trend"])


def test_an_unknown_step_to_drop_is_refused_with_the_nearest(lab):
    with pytest.raises(UnknownNameError) as refused:
        lab.plan(drop=["tredn"])
    assert refused.value.nearest[0] == "trend"
