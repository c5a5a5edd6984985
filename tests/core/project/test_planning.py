from __future__ import annotations

import pytest

from jobtui_core.errors import RunError, UnknownNameError
from jobtui_core.records import RunState

SECOND = """
from jobtui_core import make

@make(inputs=["results/trend.json"])
def summary(limit):
    return open("results/trend.json").read()[:limit]

print(summary(3))
"""


def actions(plan):
    return {row.step: row.action.value for row in plan.rows}


def test_a_plan_of_a_new_project_runs_everything(lab):
    plan = lab.plan()
    assert actions(plan) == {"read": "run", "trend": "run", "report": "run"}
    assert plan.scripts == ("co2.py",)


def test_a_plan_of_a_fresh_project_starts_nothing(lab):
    lab.run()
    plan = lab.plan()
    assert actions(plan) == {"read": "keep", "trend": "keep", "report": "keep"}
    assert plan.scripts == ()
    assert plan.notes == ()


def test_a_plan_tells_what_runs_what_may_and_what_it_took(lab):
    lab.run()
    plan = lab.plan(overrides={"window": 26})
    assert actions(plan) == {"read": "keep", "trend": "run", "report": "maybe"}
    assert [row.reason for row in plan.rows] == [
        "fresh",
        "window: 52 → 26",
        "waits for trend, which is stale",
    ]
    assert plan.duration == pytest.approx(4.0)
    assert "code between the steps runs too" in plan.notes


def test_a_step_to_recompute_runs_and_what_takes_its_result_may(lab):
    lab.run()
    plan = lab.plan(recompute=["trend"])
    assert actions(plan) == {"read": "keep", "trend": "run", "report": "maybe"}
    assert plan.scripts == ("co2.py",)


def test_only_leaves_out_what_comes_after_its_statement(lab):
    plan = lab.plan(only="trend")
    assert actions(plan) == {"read": "run", "trend": "run"}
    assert "stops once trend is done" in plan.notes
    lab.run(until="report", state=RunState.CANCELLED)
    assert lab.plan(only="trend").scripts == ()


@pytest.mark.parametrize("option", [{"only": "tredn"}, {"recompute": ["tredn"]}])
def test_unknown_steps_are_refused_with_the_nearest(lab, option):
    with pytest.raises(UnknownNameError, match="did you mean 'trend'"):
        lab.plan(**option)


def test_scripts_come_in_the_order_of_their_files(lab):
    lab.write("a_first_by_name.py", SECOND)
    assert lab.plan().scripts == ("co2.py", "a_first_by_name.py")
    assert [script.path for script in lab.status().scripts] == ["co2.py", "a_first_by_name.py"]


def test_a_script_that_reads_anothers_output_waits_for_it(lab):
    lab.write("second.py", SECOND)
    lab.run()
    lab.run("second.py")
    assert set(lab.verdicts().values()) == {"fresh"}
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    row = lab.row("summary")
    assert row.verdict == "unsure"
    assert row.reasons[0].subject == "trend"
    assert row.depends_on == ("trend",)
    assert actions(lab.plan())["summary"] == "maybe"
    lab.run()
    assert lab.row("summary").verdict == "stale"
    lab.run("second.py")
    assert set(lab.verdicts().values()) == {"fresh"}


def test_only_the_scripts_asked_for_are_told_of_but_the_others_count(lab):
    lab.write("second.py", SECOND)
    lab.run()
    lab.run("second.py")
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    (script,) = lab.status("second.py").scripts
    assert script.steps[0].verdict == "unsure"


def test_only_takes_the_scripts_that_make_the_files_it_needs(lab):
    lab.write("second.py", SECOND)
    lab.write("third.py", SECOND.replace("summary", "other").replace("results/trend", "x"))
    assert lab.plan(only="summary").scripts == ("co2.py", "second.py")


def test_a_script_without_steps_is_started_when_it_is_named(lab):
    lab.write("plain.py", "print('hello')\n")
    plan = lab.plan("plain.py")
    assert plan.scripts == ("plain.py",)
    assert plan.rows == ()


def test_a_script_that_cannot_be_read_is_left_out_unless_it_is_named(lab):
    lab.write("bad.py", "from jobtui_core import make\nx = = 1\n")
    plan = lab.plan()
    assert plan.scripts == ("co2.py",)
    assert any("bad.py cannot be read" in note for note in plan.notes)
    assert lab.plan("bad.py").scripts == ("bad.py",)


def test_two_steps_of_one_name_are_told_apart(lab):
    lab.write("other.py", "from jobtui_core import make\n\n@make\ndef read():\n    return 1\n")
    lab.write("third.py", "import other\nfrom jobtui_core import make\n\n@make\ndef show(x):\n"
              "    return x\n\nshow(other.read())\n")  # fmt: skip
    lab.run()
    lab.run("third.py")
    plan = lab.plan(recompute=["co2:read"])
    assert {(row.script, row.step): row.action.value for row in plan.rows} == {
        ("co2.py", "read"): "run",
        ("co2.py", "trend"): "maybe",
        ("co2.py", "report"): "maybe",
        ("third.py", "read"): "keep",
        ("third.py", "show"): "keep",
    }


def test_a_step_that_is_not_reached_cannot_be_computed_again(lab):
    lab.run()
    with pytest.raises(RunError, match="stops once trend is done does not reach it"):
        lab.plan(only="trend", recompute=["report"])


def test_a_step_that_is_not_called_has_nothing_to_compute_again(lab):
    lab.edit("co2.py", "print(report(values))", "")
    lab.run()
    assert (
        "report is not called: there is nothing to compute again"
        in lab.plan(recompute=["report"]).notes
    )


def test_a_project_without_scripts_has_an_empty_plan(empty):
    plan = empty.plan()
    assert (plan.rows, plan.scripts, plan.notes) == ((), (), ())


def test_a_step_that_failed_runs_and_what_comes_after_it_was_never_reached(lab):
    lab.run(fail="trend", state=RunState.FAILED, code=1)
    assert actions(lab.plan()) == {"read": "keep", "trend": "run", "report": "run"}
