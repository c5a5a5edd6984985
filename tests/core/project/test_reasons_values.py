"""Reasons about values: what an argument was, and what a step before gave."""

from __future__ import annotations

import pytest

from jobtui_core.entry import EntryMeta, entry_name, write_entry
from jobtui_core.entry.describe import array_range
from jobtui_core.project.evidence import gathered as evidence
from jobtui_core.records import ReasonKind


def keep(lab, run, name, value, **arguments):
    """Put an entry behind a step's call in a run, before anybody looks at it."""
    trace = evidence.RunReader.traces[lab.project.runs_folder / run]
    (call,) = [call for call in trace.calls if call.name == name]
    facts = {one: {"preview": text, "digest": "ab" * 16} for one, text in arguments.items()}
    meta = EntryMeta(key=call.key, function=call.function, arguments=facts)
    write_entry(lab.project.open_store(), entry_name(call.function, call.key), value, meta)


def test_an_argument_shows_the_value_that_it_had(lab):
    keep(lab, lab.run(), "trend", 1, series="ndarray float64 (2284,), 313 to 418", window="52")
    lab.edit("co2.py", "= trend(series, window)", "= trend(series[1:], 2 * window)")
    first, second = lab.row("trend").reasons
    assert first.summary == "argument series: series → series[1:]"
    assert first.old == "series, which was ndarray float64 (2284,), 313 to 418 #abababab"
    assert first.new == "series[1:]"
    assert second.old == "window, which was 52"


def test_lines_that_give_an_argument_show_the_value_that_it_had(lab):
    lab.edit("co2.py", "values = trend", "wide = 2\nvalues = trend")
    lab.edit("co2.py", "= trend(series, window)", "= trend(series, wide)")
    keep(lab, lab.run(), "trend", 1, window="2")
    lab.edit("co2.py", "wide = 2", "wide = 4")
    (reason,) = lab.row("trend").reasons
    assert reason.summary == "the lines that give window changed: wide = 2 → wide = 4"
    assert (reason.old, reason.new) == ("wide, which was 2", "wide")


def test_another_result_of_a_step_before_is_shown_as_shape_range_and_hash(lab):
    np = pytest.importorskip("numpy")
    keep(lab, lab.run(), "read", np.arange(4.0))
    lab.edit("data/co2.csv", "4\n", "4\n5\n")
    keep(lab, lab.run(until="trend"), "read", np.arange(5.0))
    (reason,) = [one for one in lab.row("trend").reasons if one.kind is ReasonKind.UPSTREAM]
    assert reason.summary == "read gives another result than it was called with"
    assert reason.old.startswith("ndarray float64 (4,), 0 to 3 #")
    assert reason.new.startswith("ndarray float64 (5,), 0 to 4 #")


def test_what_is_not_known_any_more_is_left_out(lab):
    lab.run()
    lab.edit("co2.py", "= trend(series, window)", "= trend(series, 2 * window)")
    (reason,) = lab.row("trend").reasons
    assert (reason.old, reason.new) == ("window", "2 * window")


def test_the_range_of_an_array_leaves_out_what_is_missing():
    np = pytest.importorskip("numpy")
    assert array_range(np.array([np.nan, 1, 3.5])) == ", 1 to 3.5"
    assert array_range(np.array([[2, 1]], dtype="u1")) == ", 1 to 2"
    assert array_range(np.array([])) == array_range(np.array(["a"])) == array_range([1]) == ""
    assert array_range(np.zeros(1_000_001)) == ""
    assert array_range(np.array([np.nan])) == ", nan to nan"
