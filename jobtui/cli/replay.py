"""``jobtui replay``: a call that failed, called again."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError
from jobtui.cli.places import is_run

if TYPE_CHECKING:
    from jobtui_core.labbook import Failure, FailureFrame

__all__ = ["run"]


def run(options: Namespace, output: Output) -> int:
    """Call again what failed in the project of the working directory, or show it."""
    from jobtui_core.project import find_failure, open_project, replay

    words = list(options.words)
    if len(words) > 2:
        raise UsageError("jobtui replay takes a run and a call; see jobtui replay --help")
    # Run ids begin with a date: 2026-…; ids of calls with a number and a dash.
    run_id = words.pop(0) if len(words) == 2 or (words and is_run(words[0])) else None
    failure = find_failure(open_project(), words[0] if words else None, run_id)
    if options.show:
        _show(failure, output)
        return 0
    for name in failure.changed:
        print(
            f"jobtui: {failure.step} had changed {name} by the time it failed; "
            "it is given as it was then",
            file=sys.stderr,
        )
    return replay(open_project(), failure, debug=options.pdb)


def _show(failure: Failure, output: Output) -> None:
    output.line(f"{failure.step}, call {failure.call} of run {failure.run}", "bold")
    for name, text in failure.arguments:
        changed = "  (as the call had changed it)" if name in failure.changed else ""
        output.line(f"  {name} = {text}{changed}")
    for frame in failure.frames:
        _show_frame(frame, output)
    output.line(f"{failure.type}: {failure.message}", "red")
    if not failure.replayable:
        output.line(f"Its arguments were not kept: {failure.why or 'nobody knows why'}.", "yellow")


def _show_frame(frame: FailureFrame, output: Output) -> None:
    output.line("")
    output.line(f"{frame.file}:{frame.line}, in {frame.function}", "bold")
    for number, text in enumerate(frame.source, frame.first):
        mark = ">" if number == frame.line else " "
        output.line(f"{mark} {number:4d}  {text}")
    for name, text in frame.locals:
        output.line(f"    {name} = {text}", "dim")
