"""Runs from which a step was dropped: what they show, and what a plan says of such a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
