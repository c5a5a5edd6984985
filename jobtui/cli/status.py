"""``jobtui status``: every step with its verdict and the reason for it."""

from __future__ import annotations

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence

from jobtui.cli.again import question
from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import first_reason, glyph, one_line, settings
from jobtui.cli.words import select
from jobtui.plain import count, duration
from jobtui_core.records import ProjectStatus, ScriptStatus, SourceProblem, StepStatus, Verdict

__all__ = ["STYLES", "all_fresh", "not_fresh", "print_status", "problem", "run", "summary"]

STYLES: dict[Verdict, str] = {
    Verdict.FAILED: "bold red",
    Verdict.RUNNING: "bold blue",
    Verdict.NEW: "cyan",
    Verdict.STALE: "yellow",
    Verdict.UNSURE: "magenta",
    Verdict.FRESH: "green",
    Verdict.UNUSED: "dim",
}
"""Colours that every terminal has; the glyph and the word say the same."""


def run(options: Namespace, output: Output) -> int:
    """Print the status of the project in the working directory."""
    from jobtui_core.project import open_project, overview, overview_answer

    project = open_project()
    if not options.words and options.argv is None and options.params is None:
        asked = question(output.stream, json=options.json, fail_if_stale=options.fail_if_stale)
        code, text = overview_answer(
            project,
            asked,
            lambda found: (_code(found, options), _text(found, options, output)),
            colours=output.terminal,
        )
        output.raw(text)
        return code
    chosen = select(project, options.words, options.argv, options.params)
    if chosen.overrides or chosen.argv is not None:
        from jobtui_core.project import status

        found = status(project, chosen.scripts, **chosen.keywords())
    else:
        found = overview(project, chosen.scripts)
    output.raw(_text(found, options, output))
    return _code(found, options)


def _code(status: ProjectStatus, options: Namespace) -> int:
    return 1 if options.fail_if_stale and not all_fresh(status) else 0


def _text(status: ProjectStatus, options: Namespace, output: Output) -> str:
    if not options.json:
        return output.draft(lambda draft: print_status(status, draft))
    from jobtui_core.project import to_json

    return json.dumps(to_json(status), indent=2 if output.terminal else None) + "\n"


def all_fresh(status: ProjectStatus) -> bool:
    """Tell whether a run would compute nothing, and every script can be read."""
    return not any(script.error for script in status.scripts) and all(
        step.verdict in (Verdict.FRESH, Verdict.UNUSED) for step in status.steps
    )


def not_fresh(status: ProjectStatus) -> tuple[str, ...]:
    """Give the scripts with a step that would or may run; those that cannot be read left out."""
    return tuple(
        script.path
        for script in status.scripts
        if script.error is None
        and any(step.verdict not in (Verdict.FRESH, Verdict.UNUSED) for step in script.steps)
    )


def print_status(status: ProjectStatus, output: Output) -> None:
    """Print a status: by script on a terminal, one line a step into a pipe."""
    if not status.scripts:
        output.line("no scripts here: none that imports jobtui_core and calls a step")
        output.line('"jobtui demo" makes a project to try; "jobtui --help" shows how one begins')
        return
    if output.terminal:
        _print_by_script(status, output)
        output.line(summary(status), style="bold")
    else:
        _print_lines(status, output)
    for warning in status.warnings:
        output.line(f"warning: {one_line(warning)}", style="yellow")


def _print_by_script(status: ProjectStatus, output: Output) -> None:
    # One width for all scripts, so that the eye can go down one column.
    width = max((len(step.name) for step in status.steps), default=0)
    for script in status.scripts:
        output.line("  ".join(filter(None, (one_line(script.path), settings(script)))), "bold")
        if script.error is not None:
            _print_problem(script, script.error, output)
        elif not script.steps:
            output.line("  no steps")
        output.rows([_cells(step, width) for step in script.steps], indent=2)


def _cells(step: StepStatus, width: int) -> Sequence[Cell]:
    style = STYLES[step.verdict]
    return (
        (f"{glyph(step)} {step.verdict:<7}", style),
        (one_line(step.name).ljust(width), ""),
        (duration(step.duration).rjust(7), "dim"),
        (first_reason(step), ""),
    )


def _print_lines(status: ProjectStatus, output: Output) -> None:
    rows: list[Sequence[Cell]] = []
    for script in status.scripts:
        if script.error is not None:
            rows.append(_line(script, "-", "error", "-", problem(script)))
        rows += [
            _line(
                script, step.name, step.verdict, duration(step.duration) or "-", first_reason(step)
            )
            for step in script.steps
        ]
    if not rows:
        # Nothing at all would look as if nothing had been looked at.
        rows = [_line(script, "no steps") for script in status.scripts]
    output.rows(rows)


def _took(step: StepStatus) -> str:
    return duration(step.duration) or "-"


def _line(script: ScriptStatus, *words: str) -> Sequence[Cell]:
    return [(one_line(word), "") for word in (script.path, *words)]


def problem(script: ScriptStatus) -> str:
    """Say in one line why a script cannot be read; nothing if it can."""
    error = script.error
    if error is None:
        return ""
    place = f"line {error.line}: " if error.line is not None else ""
    elsewhere = f"{error.path}, " if error.path else ""
    return f"{elsewhere}{place}{error.message}"


def _print_problem(script: ScriptStatus, error: SourceProblem, output: Output) -> None:
    output.line(f"  ✗ error    {one_line(problem(script))}", STYLES[Verdict.FAILED])
    if error.text:
        text = error.text.expandtabs(1)
        shown = text.lstrip()
        output.line(f"      {shown}", exact=True)
        if error.column is not None:
            caret = max(error.column - 1 - (len(text) - len(shown)), 0)
            output.line(f"      {' ' * caret}^", STYLES[Verdict.FAILED], exact=True)


def summary(status: ProjectStatus) -> str:
    """Count the steps by verdict, the worst first."""
    counts = Counter(step.verdict for step in status.steps)
    parts = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
    broken = sum(script.error is not None for script in status.scripts)
    if broken:
        parts.insert(0, f"{count(broken, 'script')} with an error")
    return ", ".join(parts) or "no steps"
