"""What a step's result looks like, from the pictures stored with it: the text of the third tab."""

from __future__ import annotations

from collections.abc import Sequence

from jobtui.views.canvas import Paint
from jobtui.views.lines import Line, line
from jobtui.views.picture import picture_lines
from jobtui_core.records import Preview, StepStatus, Verdict

__all__ = ["result_lines"]


def result_lines(
    step: StepStatus,
    previews: Sequence[Preview],
    *,
    width: int,
    height: int,
    paint: Paint = "colours",
) -> list[Line]:
    """Show the pictures of a step's newest results.

    Parameters
    ----------
    step : StepStatus
    previews : sequence of Preview
        One for every call of the newest run that reached the step.
    width, height : int
        Cells of the pane, for the plots.
    paint : {"colours", "shades", "ascii"}
        What the terminal can show.
    """
    if not previews:
        return [line((_nothing(step), "dim"))]
    lines: list[Line] = []
    if step.verdict not in (Verdict.FRESH, Verdict.UNUSED):
        lines += [line(("This is the last stored result, from before the change.", "warn")), ()]
    for number, preview in enumerate(previews):
        if len(previews) > 1:
            lines.append(line((f"call {number + 1} of {len(previews)}", "dim")))
        room = max(height - 6, 3) if len(previews) == 1 else 4
        lines += picture_lines(preview, width, room, paint)
        lines.append(())
    return lines


def _nothing(step: StepStatus) -> str:
    if step.last_run is None and not step.makers:
        return "No result yet: it never ran.  r runs it."
    if step.verdict is Verdict.RUNNING:
        return "No result yet: it is running."
    return "No stored result: it was evicted, could not be stored, or its call failed."
