"""Calls of which nobody knows where they were made never count as not having been made."""

from __future__ import annotations

from dataclasses import replace

from jobtui_core.records import ReasonKind


def _elsewhere(name):
    """Let the calls of one step be recorded without their call site."""
    return lambda call: replace(call, site=None, analysis=None) if call.name == name else call


def test_a_site_whose_call_was_not_placed_is_not_passed_without_being_reached(lab):
    lab.run(change=_elsewhere("trend"))
    assert lab.verdicts() == {"read": "fresh", "trend": "unsure", "report": "unsure"}
    reason = lab.row("trend").reasons[0]
    assert reason.kind is ReasonKind.CANNOT_FOLLOW
    assert "where its call sites do not tell" in reason.summary


def test_a_run_whose_workers_alone_made_calls_leaves_no_certainty(lab):
    lab.run(change=lambda call: replace(call, site=None, analysis=None))
    assert lab.verdicts() == {"read": "unsure", "trend": "unsure", "report": "unsure"}


def test_nor_do_other_calls_at_the_site_tell_all(lab):
    calls = []

    def every_other(call):
        calls.append(call)
        return _elsewhere("read")(call) if len(calls) == 2 else call

    lab.run(times={"read": 2}, change=every_other)
    assert lab.row("read").verdict.value == "unsure"


def test_calls_inside_of_other_calls_have_no_site_and_need_none(lab):
    def inside(call):
        return replace(_elsewhere("trend")(call), parent="1-0") if call.name == "trend" else call

    lab.run(change=inside)
    assert lab.row("read").verdict.value == "fresh"
    assert lab.row("trend").verdict.value == "unused"


def test_a_run_that_placed_all_its_calls_is_believed(lab):
    lab.run(change=_elsewhere("trend"))
    lab.run()
    assert set(lab.verdicts().values()) == {"fresh"}
