"""Commands that start and end runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobtui_core.records import PlanAction, RunRequest, Verdict

if TYPE_CHECKING:
    from jobtui.screens.home import HomeScreen
    from jobtui.screens.runs import RunsScreen

__all__ = [
    "ASK_AFTER",
    "cancel",
    "check",
    "is_one_step",
    "plan_all",
    "recompute",
    "run_selected",
    "run_stale",
]

ASK_AFTER = 10.0
"""Seconds after which ending a run loses enough to ask first."""


def run_selected(home: HomeScreen) -> None:
    """Run the selected step or script; only a single step with fresh inputs runs unasked."""
    context = home.context
    if context.script is None:
        return
    if context.step is None:
        home.show_plan(RunRequest(scripts=(context.script.path,)))
        return
    if context.step.verdict is Verdict.FRESH:
        home.say(f"{context.step.name} is fresh; {home.key_of('recompute')} computes it again")
        return
    home.run_if_simple(RunRequest(scripts=(context.script.path,), only=context.step.name))


def is_one_step(actions: list[PlanAction]) -> bool:
    """Tell whether a plan runs exactly one step and leaves nothing open."""
    return actions.count(PlanAction.RUN) == 1 and PlanAction.MAYBE not in actions


def recompute(home: HomeScreen) -> None:
    """Run the selected step although it is fresh."""
    context = home.context
    if context.script is None or context.step is None:
        return
    name = context.step.name
    home.run_if_simple(
        RunRequest(scripts=(context.script.path,), only=name, recompute=(name,)),
    )


def check(home: HomeScreen) -> None:
    """Compute the selected step again, aside, and say whether the result is the same."""
    step = home.context.step
    if step is not None:
        home.show_check(step)


def run_stale(home: HomeScreen) -> None:
    """Show the plan for everything that is not fresh, ready to run."""
    home.show_plan(None, only_if_needed=True)


def plan_all(home: HomeScreen) -> None:
    """Show the plan for everything, what is kept included."""
    home.show_plan(None)


def cancel(place: HomeScreen | RunsScreen) -> None:
    """End the selected run; one that is older than ten seconds only after a question."""
    run = place.context.run
    if run is None:
        return
    age = place.now() - run.started if run.started is not None else 0.0
    place.cancel_run(run, ask=age > ASK_AFTER)
