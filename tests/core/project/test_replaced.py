"""A key has one entry: what a later call left there is what a hit would find."""

from __future__ import annotations

from dataclasses import replace

from jobtui_core.hashing import digest_file
from jobtui_core.records import ReasonKind


def _meets(lab, name, path, **changes):
    """Let one step open a file that it does not declare."""

    def change(call):
        if call.name != name:
            return call
        return replace(call, met=((path, digest_file(lab.root / path)),), **changes)

    return change


def test_a_result_that_was_replaced_under_another_file_is_not_found_again(lab):
    lab.write("notes.txt", "one")
    lab.run(change=_meets(lab, "trend", "notes.txt"))
    lab.write("notes.txt", "two")
    lab.run(change=_meets(lab, "trend", "notes.txt"))
    assert lab.row("trend").verdict.value == "fresh"
    lab.write("notes.txt", "one")
    row = lab.row("trend")
    assert row.verdict.value == "stale"
    assert row.reasons[0].kind is ReasonKind.UNDECLARED_FILE
    assert row.reasons[0].subject == "notes.txt"
    assert lab.row("report").verdict.value == "unsure"


def test_a_result_that_was_computed_anew_is_the_one_that_counts(lab):
    lab.results["trend"] = "a" * 32
    lab.run()
    lab.results["trend"] = "b" * 32
    lab.run()
    assert set(lab.verdicts().values()) == {"fresh"}
