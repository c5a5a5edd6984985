"""``jobtui run``: start what is not fresh, and follow it to its end."""

from __future__ import annotations

from argparse import Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui.cli.following import show_runs
from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError
from jobtui.cli.phrases import one_line
from jobtui.cli.signals import Signals
from jobtui.cli.status import problem
from jobtui.cli.words import Selection, select
from jobtui.plain import count
from jobtui.views.plans import plan_sentence
from jobtui_core.errors import RunError
from jobtui_core.records import Plan, PlanAction, RunRequest

if TYPE_CHECKING:
    from jobtui_core.project import Project

__all__ = ["run", "run_selected"]


def run(options: Namespace, output: Output) -> int:
    """Run scripts of the project in the working directory."""
    from jobtui_core.project import open_project

    project = open_project()
    chosen = select(project, options.words, options.argv, options.params)
    if not chosen.scripts and project.root in Path.cwd().parents:
        # All of a project is run from wherever one stands in it, which must not surprise.
        output.line(f"project {one_line(str(project.root))}, all of its scripts", "dim")
    if options.watch and options.drop:
        raise UsageError("--drop is for one run; it does not go with --watch")
    if options.watch:
        from jobtui.cli.watch import run_on_save

        return run_on_save(project, chosen, output, options)
    return run_selected(
        project,
        chosen,
        output,
        only=options.only,
        recompute=tuple(options.recompute),
        drop=tuple(options.drop),
        jobs=options.jobs or 1,
        replay=options.replay,
    )


def run_selected(
    project: Project,
    chosen: Selection,
    output: Output,
    *,
    only: str | None = None,
    recompute: tuple[str, ...] = (),
    drop: tuple[str, ...] = (),
    jobs: int = 1,
    replay: bool = False,
    signals: Signals | None = None,
) -> int:
    """Run the scripts that were named, or else those that are not fresh.

    Returns
    -------
    int
        The exit code: 0, also when there is nothing to run, or 1 if a run did not end well or a
        script that was not named cannot be read.
    """
    from jobtui_core.project import plan, start

    planned = plan(
        project, chosen.scripts, **chosen.keywords(), only=only, recompute=recompute, drop=drop
    )
    if planned.refused:
        # Whoever drops a step does not want to wait for it.
        raise RunError(f"nothing was started: {'; '.join(planned.refused)}")
    broken = 0 if chosen.scripts else _tell_broken(project, chosen, output)
    scripts = chosen.scripts or planned.scripts
    computes = any(row.action is not PlanAction.KEEP for row in planned.rows)
    if only is not None or drop or (planned.scripts and not computes):
        # What --only costs besides the step is easily underrated; and why does what is fresh run?
        for note in planned.notes:
            output.line(f"note: {one_line(note)}", "yellow")
    if not scripts:
        if not broken:
            output.line(_nothing(planned), "green")
        return int(broken > 0)
    request = RunRequest(
        scripts=scripts,
        overrides=chosen.overrides,
        argv=chosen.argv,
        only=only,
        recompute=recompute,
        drop=drop,
        planned=planned,
        jobs=jobs,
        replay=replay,
    )
    # Signals are noted before anything is started, so that none falls between the two.
    with nullcontext(signals) if signals is not None else Signals() as noted:
        queue = start(project, request)
        return max(show_runs(project, queue, planned, output, noted), int(broken > 0))


def _tell_broken(project: Project, chosen: Selection, output: Output) -> int:
    """Say which scripts cannot be read, and count them: nobody knows what they would need."""
    from jobtui_core.project import status

    broken = [
        script
        for script in status(project, chosen.scripts, **chosen.keywords()).scripts
        if script.error is not None
    ]
    for script in broken:
        output.line(f"{one_line(script.path)}: {one_line(problem(script))}", "bold red")
    return len(broken)


def _nothing(planned: Plan) -> str:
    if not planned.rows:
        return "nothing to run: there is no script here that calls a step"
    scripts = len({row.script for row in planned.rows})
    if planned.dropped:
        return f"nothing to run: {plan_sentence(planned).partition(': ')[2]}"
    steps = count(len(planned.kept), "step")
    return f"all fresh: {steps} in {count(scripts, 'script')}, nothing to run"
