"""A question that could not be answered, said in the pane that asked it."""

from __future__ import annotations

import traceback
from typing import NamedTuple

from jobtui.plain import plain, plain_lines
from jobtui.views.lines import Line, line
from jobtui_core.errors import JobtuiError

__all__ = ["Failure", "failure_lines", "failure_of"]


class Failure(NamedTuple):
    """What went wrong."""

    title: str
    message: str
    traceback: str


def failure_of(error: BaseException) -> Failure:
    """Keep what a pane says about an error."""
    title = error.title if isinstance(error, JobtuiError) else type(error).__name__
    text = "".join(traceback.format_exception(error))
    return Failure(title, str(error) or type(error).__name__, text)


def failure_lines(failure: Failure, *, unfolded: bool) -> list[Line]:
    """Say what went wrong and what to try; the traceback is folded until it is asked for."""
    lines = [
        line(("✗ ", "bad"), (plain(failure.title), "bad")),
        *(line((text, "value")) for text in plain_lines(failure.message)),
        (),
        line(("ctrl+r", "name"), (" tries again", "dim")),
        line((f"{'▾' if unfolded else '▸'} traceback", "dim"), (" (enter)", "dim")),
    ]
    if unfolded:
        lines += [line((f"  {text}", "dim")) for text in plain_lines(failure.traceback.rstrip())]
    return lines
