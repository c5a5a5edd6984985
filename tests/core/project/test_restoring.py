"""A run leaves the output files behind that its steps have, also where nothing is computed."""

from __future__ import annotations

import pytest

from jobtui_core.project import overview
from jobtui_core.project.reader import forget_readers
from jobtui_core.records import PlanAction, ReasonKind, Verdict
from tests.core.project.conftest import Lab

OUTPUT = "results/trend.json"


@pytest.fixture
def ran(lab: Lab) -> Lab:
    """The project once it ran: all fresh."""
    lab.run()
    assert lab.plan().scripts == ()
    return lab


def test_a_script_runs_to_put_a_missing_output_back(ran: Lab) -> None:
    (ran.root / OUTPUT).unlink()
    plan = ran.plan()
    assert plan.scripts == ("co2.py",)
    assert {row.action for row in plan.rows} == {PlanAction.KEEP}
    assert f"co2.py runs to put {OUTPUT} back" in plan.notes
    assert ran.row("trend").restores == (OUTPUT,)


def test_a_file_that_is_edited_and_to_be_kept_asks_for_no_run(ran: Lab) -> None:
    ran.write(OUTPUT, "mine")
    assert ran.plan().scripts == ()
    assert ran.row("trend").restores == ()


def test_a_file_that_is_edited_and_to_be_restored_does(ran: Lab) -> None:
    ran.write(OUTPUT, "mine")
    ran.write("jobtui.toml", 'outputs = "restore"\n')
    assert ran.plan().scripts == ("co2.py",)


def test_a_file_that_another_value_left_there_does(ran: Lab) -> None:
    kept = (ran.root / OUTPUT).read_text()
    ran.run(overrides={"window": 26})
    assert (ran.root / OUTPUT).read_text() != kept
    assert ran.plan().scripts == ("co2.py",)
    assert ran.plan(overrides={"window": 26}).scripts == ()


def test_a_run_that_stops_before_it_is_not_started_for_it(ran: Lab) -> None:
    (ran.root / OUTPUT).unlink()
    assert ran.plan(only="read").scripts == ()
    assert ran.plan(only="trend").scripts == ("co2.py",)


def test_a_script_that_runs_anyway_needs_no_other_ground(ran: Lab) -> None:
    (ran.root / OUTPUT).unlink()
    ran.edit("co2.py", "def report(values):", "def report(values, more=1):")
    plan = ran.plan()
    assert plan.scripts == ("co2.py",)
    assert not any("put" in note for note in plan.notes)


def test_a_kept_status_knows_it_too(ran: Lab) -> None:
    (ran.root / OUTPUT).unlink()
    for _ in range(2):
        forget_readers()
        found = {step.name: step.restores for step in overview(ran.project).steps}
        assert found["trend"] == (OUTPUT,)


def test_a_file_that_is_declared_since_is_written_by_a_run(ran: Lab) -> None:
    ran.edit("co2.py", OUTPUT, "results/other.json")
    row = ran.row("trend")
    assert row.verdict is Verdict.STALE
    assert row.reasons[0].summary == "results/other.json is declared as an output since it ran"
    ran.run()
    assert ran.row("trend").verdict is Verdict.FRESH


def test_another_constant_among_the_outputs_asks_for_a_run(ran: Lab) -> None:
    ran.edit("co2.py", f'JsonFile("{OUTPUT}")', f'[JsonFile("{OUTPUT}"), -3, None]')
    ran.run()
    assert ran.row("trend").verdict is Verdict.FRESH
    ran.edit("co2.py", "-3, None", "-4, None")
    row = ran.row("trend")
    assert row.verdict is Verdict.STALE
    assert "a constant in output= in the decorator of trend changed" in row.reasons[0].summary


def test_a_text_that_is_no_file_name_is_no_output(ran: Lab) -> None:
    ran.edit("co2.py", "JsonFile(", "Titled('no file', ")
    # Of another class, which is why it runs.
    assert [reason.kind for reason in ran.row("trend").reasons] == [ReasonKind.VERSION_CHANGED]
