"""``jobtui why``: the edit or the values behind a verdict, and what was compared."""

from __future__ import annotations

import io
import json

import pytest

import jobtui_core.project
from jobtui.cli.main import main
from jobtui.cli.output import Output
from jobtui.cli.why import print_explanation
from jobtui_core.records import Compared, Explanation, Reason, ReasonKind, Verdict


@pytest.fixture
def told(step):
    def tell(*args, **fields):
        stream = io.StringIO()
        print_explanation(Explanation(step=step(*args, **fields)), Output(stream))
        return stream.getvalue()

    return tell


def test_an_edit_is_shown_with_the_way_to_it_and_its_diff(told):
    reason = Reason(
        kind=ReasonKind.CODE_CHANGED,
        subject="helpers:running_mean",
        summary="helpers:running_mean was edited",
        path=("trend", "helpers.smooth", "helpers.running_mean"),
        diff="-weights = 1\n+weights = 2\n",
    )
    assert told("trend", Verdict.STALE, reasons=(reason,), duration=3.21) == (
        "~ trend is stale (co2.py, 3.2 s when last computed)\n"
        "  helpers:running_mean was edited\n"
        "  reached by trend → helpers.smooth → helpers.running_mean\n"
        "    -weights = 1\n"
        "    +weights = 2\n"
    )


def test_values_are_shown_once(told):
    reason = Reason(
        kind=ReasonKind.PARAMETER_CHANGED,
        subject="window",
        summary="window: 52 → 26",
        old="52",
        new="26",
    )
    assert told("trend", Verdict.STALE, reasons=(reason,)).count("26") == 1


def test_a_step_failed_and_is_not_said_to_be_failed(told):
    assert told("read", Verdict.FAILED).startswith("✗ read failed (co2.py")


def test_a_value_that_the_summary_names_is_not_said_twice(told):
    reason = Reason(
        kind=ReasonKind.VERSION_CHANGED, subject="a", summary="a: not counted → 2.1", new="2.1"
    )
    assert "nothing → 2.1" not in told("read", Verdict.STALE, reasons=(reason,))


def test_values_that_the_summary_leaves_out_are_added(told):
    reason = Reason(
        kind=ReasonKind.INPUT_CHANGED, subject="a.csv", summary="a.csv changed", new="12 kB"
    )
    assert "nothing → 12 kB" in told("read", Verdict.STALE, reasons=(reason,))


def test_fresh_is_explained_by_what_was_compared(told):
    text = told(
        "trend",
        compared=(
            Compared(kind="code", subject="co2:trend"),
            Compared(kind="code", subject="helpers:running_mean"),
            Compared(kind="parameter", subject="window", detail="52"),
        ),
        not_compared=("the version of numpy",),
    )
    assert "= trend is fresh" in text
    assert "2 functions and classes: co2:trend, helpers:running_mean" in text
    assert "parameter: window (52)" in text
    assert "not compared: the version of numpy" in text


def test_a_terminal_colours_the_diff_and_obeys_nothing_in_it(terminal, step):
    reason = Reason(
        kind=ReasonKind.CODE_CHANGED, subject="a", summary="a", diff="-x = '\x1b[2J'\n+y [bold]\n"
    )
    shown = Explanation(step=step("trend", Verdict.STALE, reasons=(reason,)))
    print_explanation(shown, Output(terminal))
    text = terminal.getvalue()
    assert "\x1b[31m" in text
    assert "\x1b[2J" not in text
    assert "[bold]" in text


def test_what_is_folded_stands_under_its_own_indentation(terminal, step, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    names = ", ".join(f"helpers.part_{n}" for n in range(6))
    shown = step("trend", compared=(Compared(kind="code", subject=names),))
    print_explanation(Explanation(step=shown), Output(terminal))
    lines = terminal.getvalue().splitlines()
    first = next(n for n, line in enumerate(lines) if "function" in line)
    assert lines[first].startswith("    function: helpers.part_0,")
    assert [line.startswith("      helpers.part_") for line in lines[first + 1 : first + 4]] == [
        True, True, True,
    ]  # fmt: skip
    assert " ".join(line.strip() for line in lines[first : first + 4]).endswith("helpers.part_5")
    assert max(len(line) for line in lines[first : first + 4]) <= 40


def test_json_gives_what_was_compared_with_counts(facade, step, monkeypatch, capsys):
    compared = (
        Compared(kind="code", subject="co2.trend"),
        Compared(kind="code", subject="7 more definitions", count=7),
        Compared(kind="parameter", subject="window", detail="52"),
    )
    shown = step("trend", compared=compared, not_compared=("the clock (time.time)",))
    explain = lambda *args, **options: (Explanation(step=shown),)  # noqa: E731
    monkeypatch.setitem(vars(jobtui_core.project), "why", explain)
    assert main(["why", "trend", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["counts"] == {"code": 8, "parameter": 1}
    assert found["compared"][2] == {"kind": "parameter", "subject": "window", "detail": "52"}
    assert found["not_compared"] == ["the clock (time.time)"]
    assert (found["script"], found["verdict"]) == ("co2.py", "fresh")
