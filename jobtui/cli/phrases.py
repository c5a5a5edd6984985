"""Records put into the words, glyphs and numbers of the command line."""

from __future__ import annotations

from jobtui.acceptances import in_short
from jobtui.makers import made_by_in_short
from jobtui.plain import plain
from jobtui_core.records import ParameterInfo, PlanAction, Reason, ScriptStatus, StepStatus, Verdict

__all__ = ["ACTION_WORDS", "GLYPHS", "change", "first_reason", "glyph", "one_line", "settings"]

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
    PlanAction.DROP: "dropped",
}

if set(GLYPHS) != set(Verdict) or set(ACTION_WORDS) != set(PlanAction):  # pragma: no cover
    raise AssertionError("a verdict or an action has no word")


def glyph(step: StepStatus) -> str:
    """Give the sign for a step's verdict."""
    return ACCEPTED if step.accepted else GLYPHS[step.verdict]


def one_line(text: str) -> str:
    """Put text that comes from files on one harmless line."""
    return plain(" ".join(text.split()))


def first_reason(step: StepStatus) -> str:
    """Give the most telling reason of a step on one line, or else what is noted of it."""
    made = (made_by_in_short(step),) if step.makers else ()
    if step.accepted:
        return one_line("; ".join((in_short(step), *made, *step.notes)))
    if not step.reasons:
        return one_line("; ".join((*made, *step.notes)))
    more = len(step.reasons) - 1
    text = one_line(step.reasons[0].summary)
    return f"{text} (and {more} more)" if more else text


def settings(script: ScriptStatus) -> str:
    """Give what a script would be called with, where it differs from its defaults."""
    # Not above: the app's first picture need not wait for the entries' machinery.
    from jobtui_core.entry.describe import REDACTED, is_secret
    from jobtui_core.tracing.redacted import redacted_words

    def hidden(item: ParameterInfo) -> bool:
        return isinstance(item.value, str) and is_secret(item.name)

    words = [
        f"{item.name}={REDACTED if hidden(item) else item.value}"
        for item in script.parameters
        if item.value != item.default
    ]
    if script.argv:
        words += ["--", *redacted_words(script.argv)]
    return one_line(" ".join(words))


def change(reason: Reason) -> str:
    """Give ``old → new`` where a reason has values, else nothing."""
    if reason.old is None and reason.new is None:
        return ""
    old = "nothing" if reason.old is None else reason.old
    new = "nothing" if reason.new is None else reason.new
    return one_line(f"{old} → {new}")
