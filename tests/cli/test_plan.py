"""``jobtui plan``: what a run would do, as rows and as one sentence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from jobtui.cli import main
from jobtui.cli.output import Output
from jobtui.cli.plan import print_plan
from jobtui.views.plans import held_sentences, plan_sentence
from jobtui_core.records import Held, HeldRow, Plan, PlanAction, PlanRow


def row(step: str, action: PlanAction, duration: float | None = None) -> PlanRow:
    return PlanRow(
        script="co2.py",
        step=step,
        function=f"co2:{step}",
        action=action,
        duration=duration,
        reason="since window: 52 → 26" if action is PlanAction.RUN else "",
    )


PLAN = Plan(
    rows=(
        row("read", PlanAction.KEEP, 0.01),
        row("trend", PlanAction.RUN, 0.25),
        row("bootstrap", PlanAction.MAYBE, 8.0),
        row("figure", PlanAction.MAYBE),
    ),
    scripts=("co2.py",),
)


def test_a_pipe_gets_one_aligned_line_a_step(facade, capsys):
    facade.plan_now = PLAN
    assert main(["plan"]) == 0
    assert capsys.readouterr().out == (
        "co2.py  read       kept      10 ms\n"
        "co2.py  trend      will run  250 ms  since window: 52 → 26\n"
        "co2.py  bootstrap  may run   8.0 s\n"
        "co2.py  figure     may run   -\n"
    )


def test_a_terminal_gets_a_sentence_that_sums_it_up(terminal):
    print_plan(PLAN, Output(terminal))
    assert (
        "1 will run (about 250 ms), 2 may run (about 8.0 s more, 1 never timed), 1 kept"
        in terminal.getvalue()
    )
    assert "co2.py:" not in terminal.getvalue()


def test_several_scripts_have_a_sum_each(terminal):
    other = replace(row("fit", PlanAction.RUN, 3.0), script="other.py")
    print_plan(replace(PLAN, rows=(*PLAN.rows, other)), Output(terminal))
    lines = terminal.getvalue().splitlines()
    assert any("other.py: 1 will run (about 3.0 s)" in line for line in lines)
    assert any("2 will run (about 3.2 s), 2 may run" in line for line in lines)


def test_steps_to_stop_at_and_to_recompute_are_asked_for(facade):
    facade.plan_now = PLAN
    main(["plan", "co2.py", "--only", "trend", "--recompute", "read", "--"])
    assert facade.asked == {
        "scripts": ("co2.py",),
        "overrides": {},
        "argv": (),
        "only": "trend",
        "recompute": ("read",),
        "drop": (),
    }


DROPPED = replace(
    PLAN,
    rows=(
        PLAN.rows[0],
        replace(PLAN.rows[1], action=PlanAction.DROP),
        replace(PLAN.rows[2], on_old=("trend",), reason="waits for trend"),
    ),
    refused=("figure cannot be dropped: no result of it is stored",),
)


def test_dropped_steps_are_asked_for_and_what_rests_on_them_is_marked(facade, capsys):
    facade.plan_now = DROPPED
    assert main(["plan", "--drop", "trend", "--drop", "figure"]) == 0
    assert facade.asked["drop"] == ("trend", "figure")
    lines = capsys.readouterr().out.splitlines()
    assert "co2.py  trend      dropped  250 ms  since window: 52 → 26" in lines
    assert "co2.py  bootstrap  may run  8.0 s   on old trend; waits for trend" in lines
    assert "note: figure cannot be dropped: no result of it is stored" in lines


def test_programs_get_one_object_with_sums(facade, capsys):
    facade.plan_now = DROPPED
    assert main(["plan", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (script,) = found["scripts"]
    assert script["path"] == "co2.py"
    assert script["starts"] is True
    assert [step["action"] for step in script["steps"]] == ["keep", "drop", "maybe"]
    assert script["steps"][2]["on_old"] == ["trend"]
    assert found["total"]["maybe"] == {"steps": 1, "duration": 8.0, "untimed": 0}
    assert found["total"]["drop"]["steps"] == 1
    assert found["refused"] == list(DROPPED.refused)


def test_a_step_that_cannot_be_dropped_starts_nothing(facade, capsys):
    facade.plan_now = DROPPED
    assert main(["run", "--drop", "figure"]) == 2
    assert "figure cannot be dropped: no result of it is stored" in capsys.readouterr().err


def test_dropping_does_not_go_with_running_on_save(facade, capsys):
    assert main(["run", "--drop", "trend", "--watch"]) == 2
    assert "--drop is for one run" in capsys.readouterr().err


def test_nothing_runs_where_all_that_would_was_dropped(facade, capsys):
    facade.status_now = replace(facade.status_now, scripts=facade.status_now.scripts[:1])
    facade.plan_now = replace(PLAN, rows=DROPPED.rows[:2], scripts=())
    assert main(["run", "--drop", "trend"]) == 0
    assert capsys.readouterr().out == "nothing to run: 1 kept, 1 dropped\n"


def test_no_time_is_guessed_for_what_never_ran():
    assert plan_sentence(Plan(rows=(row("a", PlanAction.RUN),))) == "1 will run (never timed)"


def test_nothing_to_run_says_so():
    assert plan_sentence(Plan(rows=(row("a", PlanAction.KEEP),))) == "nothing to run: 1 kept"


def test_an_empty_project_has_nothing_that_calls_a_step():
    assert plan_sentence(Plan()) == "nothing to run: there is no script here that calls a step"


def held(planned, happened, **fields):
    return HeldRow(step="fit", function="co2:fit", planned=planned, happened=happened, **fields)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            held(PlanAction.KEEP, "ran", wrong=True, took=3.0),
            "the plan was wrong about: fit (planned kept, ran for 3.0 s)",
        ),
        (
            held(PlanAction.RUN, "hit", wrong=True),
            "the plan was wrong about: fit (planned to run, came from the cache)",
        ),
        (held(None, "failed", wrong=True), "the plan was wrong about: fit (not planned, failed)"),
        (held(PlanAction.DROP, "old"), "got an older result, and is still stale: fit"),
        (held(PlanAction.RUN, "ran", on_old=("trend",)), "on old results: fit (on old trend)"),
        (
            held(PlanAction.RUN, "ran", took=3.0, expected=2.0),
            "as planned; 1 step took 3.0 s, the last time 2.0 s",
        ),
    ],
)
def test_what_became_of_a_plan_is_said_in_a_sentence(one, said):
    assert [text for text, _ in held_sentences(Held(run="r", script="s", rows=(one,)))] == [said]


def test_of_many_that_it_was_wrong_about_the_first_are_named():
    rows = (held(PlanAction.KEEP, "ran", wrong=True),) * 7
    ((text, _),) = held_sentences(Held(run="r", script="s", rows=rows))
    assert text.endswith("and 2 more")


def test_a_plan_that_was_right_about_what_was_never_timed_says_nothing():
    assert held_sentences(Held(run="r", script="s", rows=(held(PlanAction.KEEP, "hit"),))) == []
