"""``jobtui why STEP``: the grounds of a verdict, whichever it is."""

from __future__ import annotations

import time
from argparse import Namespace
from collections import defaultdict

from jobtui.acceptances import edited, said_by
from jobtui.cli.diff import print_diff
from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError
from jobtui.cli.phrases import change, glyph, one_line
from jobtui.cli.status import STYLES
from jobtui.cli.words import select
from jobtui.makers import made_by
from jobtui.plain import duration
from jobtui_core.records import Compared, Explanation, Reason, Verdict

__all__ = ["print_explanation", "run"]

_TITLES: dict[str, tuple[str, str]] = {
    "code": ("function", "functions and classes"),
    "constant": ("constant", "constants"),
    "package": ("version of a package", "versions of packages"),
    "parameter": ("parameter", "parameters"),
    "argument": ("argument", "arguments"),
    "input": ("input file", "input files"),
    "output": ("output file", "output files"),
    "upstream": ("step before", "steps before"),
}
"""What is compared, one of it and several."""


def run(options: Namespace, output: Output) -> int:
    """Explain one step of the project in the working directory."""
    if not options.words:
        raise UsageError("jobtui why needs the name of a step; jobtui status lists them")
    from jobtui_core.project import open_project, why

    step, *rest = options.words
    project = open_project()
    chosen = select(project, rest, options.argv)
    scripts = chosen.scripts or (None,)
    if len(scripts) > 1:
        raise UsageError("jobtui why takes one script; leave it out to see them all")
    found = why(project, step, script=scripts[0], **chosen.keywords())
    if options.json:
        import json

        from jobtui_core.project import explanations_to_json

        output.raw(json.dumps(explanations_to_json(found), indent=2) + "\n")
        return 0
    for n, explanation in enumerate(found):
        if n:
            output.line()
        print_explanation(explanation, output)
    return 0


def print_explanation(explanation: Explanation, output: Output) -> None:
    """Print why a step is what it is, and what that was built on."""
    step = explanation.step
    took = f", {duration(step.duration)} when last computed" if step.duration is not None else ""
    accepted = " (accepted)" if step.accepted else ""
    title = f"{glyph(step)} {step.name} {_is(step.verdict)}{accepted}  ({step.script}{took})"
    output.line(one_line(title), STYLES[step.verdict])
    for reason in step.reasons:
        _print_reason(reason, output)
    for maker in step.makers:
        output.line(f"  {made_by(maker, time.time())}")
    for note in step.notes:
        output.line(f"  note: {one_line(note)}")
    for alias in step.acceptances:
        output.line(f"  accepted: {edited(alias)}, {said_by(alias)}")
        print_diff(alias.diff, output)
    if step.compared:
        output.line("  compared:")
        _print_compared(step.compared, output)
    for words in step.not_compared:
        output.line(f"  not compared: {one_line(words)}")
    for words in explanation.packages:
        output.line(f"  not compared: {one_line(words)}", "yellow")
    if explanation.run is not None:
        run = explanation.run
        output.line(f"  last called in run {run.id}, which {_is(run.state)}", "dim")


def _is(state: str) -> str:
    return state if state == Verdict.FAILED else f"is {state}"


def _print_reason(reason: Reason, output: Output) -> None:
    output.line(f"  {one_line(reason.summary)}")
    # Most summaries name the way and both values already.
    if len(reason.path) > 2 and "(via " not in reason.summary:
        output.line(f"  reached by {one_line(' → '.join(reason.path))}")
    values = change(reason)
    if values and not _names_both(reason):
        output.line(f"  {values}")
    print_diff(reason.diff, output)


def _names_both(reason: Reason) -> bool:
    return all(str(value) in reason.summary for value in (reason.old, reason.new) if value)


def _print_compared(compared: tuple[Compared, ...], output: Output) -> None:
    groups: dict[str, list[Compared]] = defaultdict(list)
    for item in compared:
        groups[item.kind].append(item)
    for kind, items in groups.items():
        one, several = _TITLES[kind]
        number = sum(item.count for item in items)
        title = one if number == 1 else f"{number} {several}"
        output.line(f"    {title}: {one_line(', '.join(map(_named, items)))}")


def _named(item: Compared) -> str:
    # That a function is a function stands in the title.
    return (
        f"{item.subject} ({item.detail})" if item.detail not in ("", "function") else item.subject
    )
