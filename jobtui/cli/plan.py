"""``jobtui plan``: what a run would do, and how long that took last time."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import ACTION_WORDS, one_line
from jobtui.cli.words import select
from jobtui.plain import count, duration
from jobtui_core.records import Plan, PlanAction, PlanRow

__all__ = ["print_plan", "run", "sentence"]

_STYLES: dict[PlanAction, str] = {
    PlanAction.RUN: "yellow",
    PlanAction.MAYBE: "magenta",
    PlanAction.KEEP: "green",
    PlanAction.DROP: "blue",
}


def run(options: Namespace, output: Output) -> int:
    """Print the plan for the project in the working directory."""
    from jobtui_core.project import open_project, plan

    project = open_project()
    chosen = select(project, options.words, options.argv)
    found = plan(
        project,
        chosen.scripts,
        **chosen.keywords(),
        only=options.only,
        recompute=tuple(options.recompute),
    )
    print_plan(found, output)
    return 0


def print_plan(plan: Plan, output: Output) -> None:
    """Print a plan, in the order in which it would go."""
    output.rows([_cells(row) for row in plan.rows])
    for note in plan.notes:
        output.line(f"note: {one_line(note)}")
    if output.terminal or not plan.rows:
        output.line(sentence(plan), style="bold")


def _cells(row: PlanRow) -> Sequence[Cell]:
    # "kept" says that it is fresh.
    reason = "" if row.action is PlanAction.KEEP and row.reason == "fresh" else row.reason
    return (
        (one_line(row.script), ""),
        (one_line(row.step), ""),
        (ACTION_WORDS[row.action], _STYLES[row.action]),
        (duration(row.duration) or "-", "dim"),
        (one_line(reason), ""),
    )


def sentence(plan: Plan) -> str:
    """Sum a plan up; a time is marked as a guess, for it is that of last time."""
    run, may = len(plan.will_run), len(plan.may_run)
    if not run and not may:
        return f"nothing to run: {count(len(plan.kept), 'step')} kept"
    parts = [f"{count(run, 'step')} will run"] if run else []
    parts += [f"{count(may, 'step')} may run"] if may else []
    parts += [f"{len(plan.kept)} kept"] if plan.kept else []
    known = any(row.duration is not None for row in (*plan.will_run, *plan.may_run))
    return ", ".join(parts) + (f": about {duration(plan.duration)}" if known else "")
