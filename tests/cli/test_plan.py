"""``jobtui plan``: what a run would do, as rows and as one sentence."""

from __future__ import annotations

from jobtui.cli import main
from jobtui.cli.output import Output
from jobtui.cli.plan import print_plan, sentence
from jobtui_core.records import Plan, PlanAction, PlanRow


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
    assert "1 step will run, 2 steps may run, 1 kept: about 8.2 s" in terminal.getvalue()


def test_steps_to_stop_at_and_to_recompute_are_asked_for(facade):
    facade.plan_now = PLAN
    main(["plan", "co2.py", "--only", "trend", "--recompute", "read", "--"])
    assert facade.asked == {
        "scripts": ("co2.py",),
        "overrides": {},
        "argv": (),
        "only": "trend",
        "recompute": ("read",),
    }


def test_no_time_is_guessed_for_what_never_ran():
    assert sentence(Plan(rows=(row("a", PlanAction.RUN),))) == "1 step will run"


def test_nothing_to_run_says_so():
    assert sentence(Plan(rows=(row("a", PlanAction.KEEP),))) == "nothing to run: 1 step kept"
