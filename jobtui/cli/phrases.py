"""Records put into the words, glyphs and numbers of the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jobtui_core.records import PlanAction, Reason, ScriptStatus, StepStatus, Verdict

__all__ = [
    "ACTION_WORDS",
    "GLYPHS",
    "counted",
    "duration",
    "first_reason",
    "glyph",
    "one_line",
    "printable",
    "settings",
    "terminal_safe",
]

GLYPHS: dict[Verdict, str] = {
    Verdict.FAILED: "✗",
    Verdict.RUNNING: "●",
    Verdict.NEW: "·",
    Verdict.STALE: "~",
    Verdict.UNSURE: "?",
    Verdict.FRESH: "=",
    Verdict.UNUSED: "-",
}
"""One sign a verdict; the word always stands beside it."""

ACCEPTED = "≈"
"""Fresh because somebody declared an edit irrelevant."""

ACTION_WORDS: dict[PlanAction, str] = {
    PlanAction.RUN: "will run",
    PlanAction.MAYBE: "may run",
    PlanAction.KEEP: "kept",
}

if set(GLYPHS) != set(Verdict) or set(ACTION_WORDS) != set(PlanAction):  # pragma: no cover
    raise AssertionError("a verdict or an action has no word")

# Controls, among them the escape that starts terminal sequences, and the marks that reorder text.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def glyph(step: StepStatus) -> str:
    """Give the sign for a step's verdict."""
    return ACCEPTED if step.accepted else GLYPHS[step.verdict]


def printable(text: str) -> str:
    """Make control characters visible; newlines and tabs stay."""
    return _UNSAFE.sub(lambda match: _escape(match[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def terminal_safe(text: str) -> str:
    """Make a log harmless for a terminal: a carriage return starts a line, the rest is visible."""
    return printable(text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Put text that comes from files on one harmless line."""
    return printable(" ".join(text.split()))


def duration(seconds: float | None) -> str:
    """Give a time that something took, with as many digits as one reads."""
    if seconds is None:
        return "-"
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min"


def counted(number: int, noun: str) -> str:
    """Give a number with its noun, in the plural where it must be."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def first_reason(step: StepStatus) -> str:
    """Give the most telling reason of a step on one line, or else what is noted of it."""
    if not step.reasons:
        return one_line("; ".join(step.notes))
    more = len(step.reasons) - 1
    text = one_line(step.reasons[0].summary)
    return f"{text} (and {more} more)" if more else text


def settings(script: ScriptStatus) -> str:
    """Give what a script would be called with, where it differs from its defaults."""
    words = [
        f"{item.name}={item.value}" for item in script.parameters if item.value != item.default
    ]
    if script.argv:
        words += ["--", *script.argv]
    return one_line(" ".join(words))


def change(reason: Reason) -> str:
    """Give ``old → new`` where a reason has values, else nothing."""
    if reason.old is None and reason.new is None:
        return ""
    old = "nothing" if reason.old is None else reason.old
    new = "nothing" if reason.new is None else reason.new
    return one_line(f"{old} → {new}")


def listed(names: Sequence[str], most: int = 5) -> str:
    """Give names with commas, the first few of many."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
