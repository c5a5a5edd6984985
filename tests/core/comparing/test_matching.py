"""Which calls of two runs belong together."""

from __future__ import annotations

from jobtui_core.project.comparing.matching import match_calls
from jobtui_core.records import CallState
from jobtui_core.tracing.traces import CallRecord


def call(
    number, name="fit", *, key=None, site=0, parent=None, state=CallState.COMPUTED, analysis="s"
):
    return CallRecord(
        id=str(number), run="r", function=f"a:{name}", name=name, kind="step", state=state,
        key=key, site=site, parent=parent, analysis=analysis,
    )  # fmt: skip


def matched(old, new, arguments=None):
    known = arguments or {}
    found = match_calls(old, new, lambda call: known.get(call.id, {}))
    return (
        sorted((one.id, other.id) for one, other in found.pairs),
        [one.id for one in found.only_old],
        [one.id for one in found.only_new],
    )


def test_calls_with_the_same_key_belong_together_wherever_they_were_made():
    old = [call(1, key="a"), call(2, key="b")]
    new = [call(3, key="b", site=4), call(4, key="a", site=9)]
    assert matched(old, new) == ([("1", "4"), ("2", "3")], [], [])


def test_single_calls_of_a_place_belong_together_whatever_their_arguments_are():
    known = {"1": {"x": "p"}, "2": {"x": "q"}}
    assert matched([call(1)], [call(2)], known) == ([("1", "2")], [], [])


def test_calls_of_a_loop_are_known_by_the_arguments_that_tell_them_apart():
    known = {
        "1": {"data": "old", "k": "one"},
        "2": {"data": "old", "k": "two"},
        "3": {"data": "old", "k": "three"},
        "4": {"data": "new", "k": "three"},
        "5": {"data": "new", "k": "one"},
        "6": {"data": "new", "k": "four"},
    }
    old, new = [call(n) for n in (1, 2, 3)], [call(n) for n in (4, 5, 6)]
    assert matched(old, new, known) == ([("1", "5"), ("3", "4")], ["2"], ["6"])


def test_a_call_of_a_loop_whose_others_are_the_same_is_another_call():
    known = {str(n): {"k": str(n)} for n in range(1, 5)}
    old = [call(1), call(2, key="two")]
    new = [call(3, key="two"), call(4)]
    assert matched(old, new, known) == ([("2", "3")], ["1"], ["4"])


def test_calls_of_a_loop_that_share_nothing_or_are_not_known_go_by_their_order():
    old, new = [call(1), call(2), call(3)], [call(4), call(5)]
    assert matched(old, new) == ([("1", "4"), ("2", "5")], ["3"], [])
    known = {str(n): {"k": str(n)} for n in range(1, 6)}
    assert matched(old, new, known) == ([("1", "4"), ("2", "5")], ["3"], [])


def test_places_of_an_edited_script_are_known_by_their_order():
    old = [call(1, site=3), call(2, site=5)]
    new = [call(3, site=4, analysis="t"), call(4, site=6, analysis="t")]
    assert matched(old, new) == ([("1", "3"), ("2", "4")], [], [])


def test_steps_of_two_scripts_are_known_by_their_names():
    new = [
        CallRecord(id="9", run="r", function="b:fit", name="fit", kind="step",
                   state=CallState.COMPUTED)
    ]  # fmt: skip
    assert matched([call(1)], new) == ([("1", "9")], [], [])
    assert matched([call(1)], [call(2, "other")]) == ([], ["1"], ["2"])


def test_calls_within_one_that_a_hit_answered_are_not_missed():
    old = [call(1, "outer"), call(2, "inner", parent="1"), call(3, "deep", parent="2")]
    new = [call(4, "outer", state=CallState.HIT)]
    assert matched(old, new) == ([("1", "4")], [], [])
    new = [call(4, "outer")]
    assert matched(old, new) == ([("1", "4")], ["2", "3"], [])


def test_thousands_of_calls_go_by_their_order():
    old = [call(n) for n in range(3000)]
    new = [call(n) for n in range(3000, 6000)]
    known = {str(n): {"k": str(n)} for n in range(6000)}
    pairs, only_old, only_new = matched(old, new, known)
    assert (len(pairs), only_old, only_new) == (3000, [], [])
