"""A unified diff in lines with styles."""

from __future__ import annotations

from jobtui.plain import plain_lines
from jobtui.views.lines import Line, line

__all__ = ["diff_lines"]

_STYLES = (
    ("+++", "dim"),
    ("---", "dim"),
    ("@@", "hunk"),
    ("+", "add"),
    ("-", "remove"),
    ("\\", "dim"),
)
# Further ones are a matter for an editor.
_LIMIT = 2_000


def diff_lines(diff: str) -> list[Line]:
    """Give the lines of a unified diff; the sign at their beginning says what they are."""
    lines = plain_lines(diff.rstrip("\n"))
    shown = [_line(text) for text in lines[:_LIMIT]]
    if len(lines) > _LIMIT:
        shown.append(line((f"… {len(lines) - _LIMIT} more lines", "dim")))
    return shown


def _line(text: str) -> Line:
    for start, style in _STYLES:
        if text.startswith(start):
            return line((text, style))
    return line(text)
