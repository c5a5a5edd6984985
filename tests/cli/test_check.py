"""``jobtui check``: what was found, in words, in JSON and by the exit code."""

from __future__ import annotations

import io
import json

import pytest

import jobtui_core.project
from jobtui.cli.check import exit_code, print_report
from jobtui.cli.main import main
from jobtui.cli.output import Output
from jobtui_core.checks import CheckedCall, CheckReport, CheckState


def call(state=CheckState.SAME, **fields):
    fields.setdefault("arguments", {"series": "ndarray float64 (3,)", "window": "52"})
    return CheckedCall(function="co2:trend", state=state, **fields)


def report(*calls, **fields):
    return CheckReport(step="trend", function="co2:trend", script="co2.py", calls=calls, **fields)


SAME = report(call(seconds=3.21, stored_seconds=3.0))
DIFFERS = report(
    call(CheckState.DIFFERS, where="['fit'][3]", old="0.5", new="0.75", count=2,
         largest=0.25, relative=0.5, files=("results/trend.npy",))
)  # fmt: skip
COULD_NOT = report(problem="trend never ran: there is no stored result")


@pytest.fixture
def told():
    def tell(found):
        stream = io.StringIO()
        print_report(found, Output(stream))
        return stream.getvalue()

    return tell


def test_the_same_result_is_one_line(told):
    assert told(SAME) == (
        "= trend gives the same, bit by bit: 1 call, 3.2 s, 3.0 s when stored (co2.py)\n"
    )


def test_a_difference_says_where_and_by_how_much(told):
    assert told(DIFFERS) == (
        "≠ trend gives something else than is stored (co2.py)\n"
        "  trend(series=ndarray float64 (3,), window=52): ['fit'][3]: 0.5 → 0.75; "
        "2 numbers differ by at most 0.25 (relative 0.5); "
        "results/trend.npy would hold something else\n"
    )


def test_several_calls_are_counted_and_those_that_are_the_same_not_listed(told):
    raised = call(CheckState.COULD_NOT, why="it raised ValueError: no", arguments={"n": "3"})
    text = told(report(call(), call(), raised, *DIFFERS.calls))
    assert "of 4 calls, 1 differ, 1 could not be compared, 2 are the same" in text
    assert "  trend(n=3): it raised ValueError: no\n" in text
    assert len(text.splitlines()) == 3


def test_a_problem_is_said_with_the_end_of_what_the_script_printed(told):
    failed = report(problem="co2.py failed before it was done: E", log="a\n\x1b[2Jb\n")
    assert told(failed) == (
        "? trend could not be checked: co2.py failed before it was done: E (co2.py)\n"
        "    a\n    ␛[2Jb\n"
    )


def test_a_result_that_stays_while_its_file_does_not_is_told_so(told):
    assert "the result is the same; out.npz would hold" in told(
        report(call(CheckState.DIFFERS, files=("out.npz",)))
    )


@pytest.mark.parametrize(
    ("reports", "code"),
    [([SAME], 0), ([SAME, DIFFERS, COULD_NOT], 1), ([SAME, COULD_NOT], 2), ([report()], 2)],
)
def test_the_exit_code_tells_the_worst(reports, code):
    assert exit_code(tuple(reports)) == code


def test_the_command_prints_json_and_exits_with_the_code(monkeypatch, capsys, facade):
    seen = {}

    def check(project, step, **options):
        seen.update(step=step, **options)
        return (DIFFERS,)

    monkeypatch.setitem(vars(jobtui_core.project), "check", check)
    assert main(["check", "trend", "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["state"], found["calls"][0]["state"]) == ("differs", "differs")
    assert found["calls"][0]["largest"] == 0.25
    assert seen["step"] == "trend"
    assert seen["stopped"]() is False
    assert main(["check", "trend"]) == 1
    assert "something else" in capsys.readouterr().out


def test_without_a_step_it_is_wrong_use(capsys, facade):
    assert main(["check"]) == 2
    assert "needs the name of a step" in capsys.readouterr().err
