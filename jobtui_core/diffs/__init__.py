"""What changed between two sources or texts: for verdicts of steps, and for calls that miss."""

from jobtui_core.diffs.code import Definition, code_reasons, definitions, display, short
from jobtui_core.diffs.texts import line_changes, unified

__all__ = [
    "Definition",
    "code_reasons",
    "definitions",
    "display",
    "line_changes",
    "short",
    "unified",
]
