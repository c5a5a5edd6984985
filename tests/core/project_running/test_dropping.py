"""Runs from which steps were dropped, and plans held against what happened."""

from __future__ import annotations

import json

import pytest

from jobtui_core.errors import RunError
from jobtui_core.project import calls, held_plan, plan, start, status
from jobtui_core.records import CallState, PlanAction, RunRequest, RunState
from jobtui_core.tracing.read import read_run

SCRIPT = """
from jobtui_core import JsonFile, make

@make
def read(n):
    return list(range(n))

@make(output=JsonFile("trend.json"))
def trend(values):
    return [value * 2 for value in values]

@make
def fit(values):
    return sum(values)

@make
def aside(n):
    return n

print("=", fit(trend(read(3))), aside(1))
"""

LATER = """
import json
from jobtui_core import make

@make(inputs=["trend.json"])
def summary():
    return json.loads(open("trend.json").read())

print("=", summary())
"""


@pytest.fixture
def lab(desk):
    desk.plain("script.py", SCRIPT)
    return desk


def edit(lab, old, new, script="script.py"):
    path = lab.root / script
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def run(lab, *scripts, **options):
    """Run with a plan, as the command line does."""
    scripts = scripts or ("script.py",)
    planned = plan(lab.project, scripts, argv=(), **options)
    request = RunRequest(scripts=scripts, argv=(), planned=planned, **options)
    queue = start(lab.project, request)
    lab.queues.append(queue)
    return lab.finish(queue)


def verdicts(lab):
    return {step.name: step.verdict.value for step in status(lab.project).steps}


def happened(held):
    return {row.step: row.happened for row in held.rows}


def test_a_dropped_step_is_answered_and_what_rests_on_it_is_marked(lab) -> None:
    run(lab)
    edit(lab, "value * 2", "value * 5")
    edit(lab, "sum(values)", "max(values)")
    (info,) = run(lab, drop=("trend",))
    assert lab.output(info.id) == "= 4 1\n"
    assert (info.state, info.old, info.hits, info.computed) == (RunState.DONE, 1, 2, 1)
    found = {call.name: call for call in calls(lab.project, info.id)}
    assert found["trend"].state is CallState.OLD
    assert found["trend"].key is None
    assert found["fit"].state is CallState.COMPUTED
    assert found["fit"].on_old == ("trend",)
    assert found["read"].on_old == found["aside"].on_old == ()
    trace = read_run(lab.project.runs_folder / info.id)
    assert "on old trend" in next(call for call in trace.calls if call.name == "fit").notes


def test_afterwards_it_is_still_stale_and_the_next_run_computes_it(lab) -> None:
    run(lab)
    edit(lab, "value * 2", "value * 5")
    before = verdicts(lab)
    run(lab, drop=("trend",))
    assert verdicts(lab) == before
    assert before["trend"] == "stale"
    (info,) = run(lab)
    assert lab.output(info.id) == "= 15 1\n"
    assert set(verdicts(lab).values()) == {"fresh"}


def test_what_was_computed_on_the_old_result_is_found_when_the_edit_is_undone(lab) -> None:
    run(lab)
    edit(lab, "value * 2", "value * 5")
    edit(lab, "sum(values)", "max(values)")
    run(lab, drop=("trend",))
    edit(lab, "value * 5", "value * 2")
    assert set(verdicts(lab).values()) == {"fresh"}


def test_the_n_th_call_gets_the_result_of_the_n_th_call(desk) -> None:
    text = """
    from jobtui_core import make

    @make
    def read(n):
        return n * {factor}

    @make
    def trend(value):
        return value + {more}

    print("=", *[trend(read(n)) for n in (1, 2, 3)])
    """
    desk.plain("script.py", text.format(factor=10, more=0))
    (info,) = run(desk)
    assert desk.output(info.id) == "= 10 20 30\n"
    desk.plain("script.py", text.format(factor=100, more=1))
    (info,) = run(desk, drop=("trend",))
    assert desk.output(info.id) == "= 10 20 30\n"


def test_a_script_that_reads_its_file_is_marked_too(lab) -> None:
    lab.plain("later.py", LATER)
    run(lab, "script.py", "later.py")
    edit(lab, "value * 2", "value * 5")
    edit(lab, "json.loads", "2 * json.loads", "later.py")
    _, second = run(lab, "script.py", "later.py", drop=("trend",))
    (summary,) = calls(lab.project, second.id)
    assert summary.state is CallState.COMPUTED
    assert summary.on_old == ("trend",)


def test_nothing_is_marked_where_the_dropped_step_was_a_hit_after_all(lab) -> None:
    run(lab)
    edit(lab, "list(range(n))", "[0, 1, 2][:n]")
    edit(lab, "sum(values)", "max(values)")
    (info,) = run(lab, drop=("trend",))
    found = {call.name: call for call in calls(lab.project, info.id)}
    assert found["trend"].state is CallState.HIT
    assert found["fit"].on_old == ()
    held = held_plan(lab.project, info.id)
    assert held is not None
    assert held.wrong == ()


def test_a_step_without_a_result_is_not_dropped_and_nothing_starts(lab) -> None:
    request = RunRequest(scripts=("script.py",), argv=(), drop=("trend",))
    with pytest.raises(RunError, match="trend cannot be dropped: no result of it is stored"):
        start(lab.project, request)
    assert not list(lab.project.runs_folder.glob("*"))


def test_a_request_without_a_plan_can_drop_too(lab) -> None:
    run(lab)
    edit(lab, "value * 2", "value * 5")
    request = RunRequest(scripts=("script.py",), argv=(), drop=("trend",))
    queue = start(lab.project, request)
    lab.queues.append(queue)
    (info,) = lab.finish(queue)
    assert info.old == 1
    assert held_plan(lab.project, info.id) is not None


# The plan held against what happened ---------------------------------------------------------


def test_a_plan_that_was_right_has_planned_and_taken_times(lab) -> None:
    (info,) = run(lab)
    held = held_plan(lab.project, info.id)
    assert held is not None
    assert happened(held) == {"read": "ran", "trend": "ran", "fit": "ran", "aside": "ran"}
    assert held.wrong == ()
    assert held.timed == ()
    edit(lab, "value * 2", "value * 5")
    (info,) = run(lab)
    held = held_plan(lab.project, info.id)
    assert held is not None
    assert happened(held) == {"read": "hit", "trend": "ran", "fit": "ran", "aside": "hit"}
    assert held.wrong == ()
    assert [row.step for row in held.timed] == ["trend", "fit"]
    assert held.expected > 0
    assert held.took > 0


def test_a_plan_made_before_an_edit_was_wrong(lab) -> None:
    run(lab)
    planned = plan(lab.project, ["script.py"], argv=())
    edit(lab, "value * 2", "value * 5")
    edit(lab, "aside(1)", "")
    request = RunRequest(scripts=("script.py",), argv=(), planned=planned)
    queue = start(lab.project, request)
    lab.queues.append(queue)
    (info,) = lab.finish(queue)
    held = held_plan(lab.project, info.id)
    assert held is not None
    assert {(row.step, row.planned, row.happened) for row in held.wrong} == {
        ("trend", PlanAction.KEEP, "ran"),
        ("fit", PlanAction.KEEP, "ran"),
    }


def test_what_comes_after_a_failure_proves_nothing(lab) -> None:
    edit(lab, "return [value * 2 for value in values]", "raise ValueError('no')")
    (info,) = run(lab)
    held = held_plan(lab.project, info.id)
    assert held is not None
    assert happened(held) == {
        "read": "ran",
        "trend": "failed",
        "fit": "not reached",
        "aside": "not reached",
    }
    assert held.wrong == ()


def test_a_run_without_a_plan_is_held_against_nothing(lab) -> None:
    queue = start(lab.project, RunRequest(scripts=("script.py",), argv=()))
    lab.queues.append(queue)
    (info,) = lab.finish(queue)
    assert held_plan(lab.project, info.id) is None


@pytest.mark.parametrize(
    "rows",
    [
        7,
        [7, None, {"action": "fly"}],
        [{"action": "run", "step": 3, "function": ["x"], "duration": "long", "on_old": 4}],
    ],
)
def test_a_plan_that_somebody_garbled_does_no_harm(lab, rows) -> None:
    (info,) = run(lab)
    folder = lab.project.runs_folder / info.id
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    for event in events:
        if event["event"] == "plan":
            event["rows"] = rows
    text = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "events.jsonl").write_text(text)
    held = held_plan(lab.project, info.id)
    assert held is not None
    assert {row.happened for row in held.rows} <= {"ran", "not reached"}
