"""``jobtui plan``: what a run would do, and how long that took last time."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence

from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import ACTION_WORDS, one_line
from jobtui.cli.words import select
from jobtui.plain import duration
from jobtui.views.plans import on_old, plan_sentence, script_sentence
from jobtui_core.records import Plan, PlanAction, PlanRow

__all__ = ["print_plan", "run"]

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
    chosen = select(project, options.words, options.argv, options.params)
    found = plan(
        project,
        chosen.scripts,
        **chosen.keywords(),
        only=options.only,
        recompute=tuple(options.recompute),
        drop=tuple(options.drop),
    )
    if options.json:
        from jobtui_core.project import plan_to_json

        indent = 2 if output.terminal else None
        output.raw(json.dumps(plan_to_json(found), indent=indent) + "\n")
        return 0
    print_plan(found, output)
    return 0


def print_plan(plan: Plan, output: Output) -> None:
    """Print a plan, in the order in which it would go."""
    output.rows([_cells(row) for row in plan.rows])
    for text in (*plan.refused, *plan.notes):
        output.line(f"note: {one_line(text)}")
    if not output.terminal and plan.rows:
        # Programs read the rows, or --json.
        return
    scripts = list(dict.fromkeys(row.script for row in plan.rows))
    if len(scripts) > 1:
        for script in scripts:
            output.line(f"{one_line(script)}: {script_sentence(plan, script)}", "dim")
    output.line(plan_sentence(plan), style="bold")


def _cells(row: PlanRow) -> Sequence[Cell]:
    # "kept" says that it is fresh.
    reason = "" if row.action is PlanAction.KEEP and row.reason == "fresh" else row.reason
    return (
        (one_line(row.script), ""),
        (one_line(row.step), ""),
        (ACTION_WORDS[row.action], _STYLES[row.action]),
        (duration(row.duration) or "-", "dim"),
        ("; ".join(filter(None, (on_old(row.on_old), one_line(reason)))), ""),
    )
