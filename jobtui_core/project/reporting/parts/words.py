"""Words of a report for states, moments, values and lines of diffs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jobtui_core.entry.describe import describe
from jobtui_core.plain import short
from jobtui_core.project.reporting.blocks import Code, CodeLine, Span
from jobtui_core.records import RunState
from jobtui_core.tracing.redacted import redacted_value

__all__ = ["diff", "lines_of", "moment", "state", "value_text"]

_STATES = {
    RunState.DONE: Span("done", "good"),
    RunState.FAILED: Span("failed", "bad"),
    RunState.DIED: Span("died: its process is gone and left no end", "bad"),
    RunState.CANCELLED: Span("cancelled", "warn"),
    RunState.RUNNING: Span("running when this was written", "warn"),
    RunState.QUEUED: Span("waiting for its turn when this was written", "warn"),
    RunState.SILENT: Span("on another machine, not heard of for a while", "warn"),
}

_LONGEST_LINE = 2000
"""Characters of a line of code or of a log that are shown."""

_MOST_LINES = 2000
"""Lines of one diff or definition that are shown."""

_HEADS = ("+++ ", "--- ", "@@", "diff ", "index ")
"""How lines of a diff begin that are none of either side."""


def state(found: RunState) -> Span:
    """Say where a run stands."""
    return _STATES.get(found, Span(found.value))


def moment(time: float | None) -> str:
    """Write a moment with the offset of its zone: who reads it may be elsewhere."""
    if time is None:
        return ""
    try:
        text = datetime.fromtimestamp(time).astimezone().isoformat(" ", "seconds")
    except (OverflowError, OSError, ValueError):
        # Whoever writes a record can write any number into it.
        return ""
    return f"{text[:-6]} {text[-6:]}"


def value_text(name: str, value: Any) -> str:
    """Write the value of a parameter, unless its name makes it a secret."""
    return describe(redacted_value(name, value), 300)


def lines_of(text: str, language: str = "") -> Code:
    """Give a text as lines of code, as far as there is room for them."""
    lines = text.rstrip("\n").split("\n")
    shown = [CodeLine(short(line, _LONGEST_LINE)) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(CodeLine(f"… {len(lines) - _MOST_LINES:,} more lines", "dim"))
    return Code(tuple(shown), "python" if language == "python" else "")


def diff(text: str) -> Code:
    """Give a unified diff as lines that tell what was added and taken away."""
    shown = []
    for one in lines_of(text).lines:
        if one.text.startswith(_HEADS):
            shown.append(CodeLine(one.text, "head"))
        elif one.text[:1] in ("+", "-"):
            shown.append(CodeLine(one.text, "add" if one.text[0] == "+" else "del"))
        else:
            shown.append(one)
    return Code(tuple(shown), "diff")
