"""Verdicts and reasons in a few words, as rows show them."""

from __future__ import annotations

from jobtui.acceptances import in_short
from jobtui.plain import count, duration, plain, time_left
from jobtui_core.records import ScriptStatus, StepStatus, Verdict

__all__ = ["progress", "remark", "summary", "worst"]


def progress(step: StepStatus, now: float) -> str:
    """Say how long a running step has been at it, and how long that may go on."""
    spent = max(now - step.started, 0.0) if step.started is not None else None
    elapsed = duration(spent)
    if step.progress is not None:
        told = f"{elapsed}  {step.progress:.0%}".strip()
        left = time_left(spent, step.progress)
        return f"{told}, ~{duration(left)} left" if left is not None else told
    # The last time is no promise, hence the sign.
    return f"{elapsed} of ~{duration(step.duration)}" if step.duration is not None else elapsed


def remark(step: StepStatus) -> str:
    """Give the one line that stands in a step's row: why it is what it is."""
    if step.accepted:
        return in_short(step)
    if step.reasons:
        more = f" (+{len(step.reasons) - 1})" if len(step.reasons) > 1 else ""
        return plain(step.reasons[0].summary) + more
    if step.notes:
        return plain(step.notes[0])
    if step.verdict is Verdict.NEW:
        return "never ran"
    if step.verdict is Verdict.UNUSED:
        return "no call of it in today's source"
    if step.verdict is Verdict.FRESH and step.duration is not None:
        return f"took {duration(step.duration)}"
    return ""


def worst(script: ScriptStatus) -> Verdict | None:
    """Give the worst verdict among a script's steps; ``None`` if it has none."""
    return min((step.verdict for step in script.steps), key=lambda v: v.rank, default=None)


def summary(script: ScriptStatus) -> str:
    """Count a script's steps by verdict, the worst first."""
    if script.error is not None:
        return "cannot be read"
    if not script.steps:
        return "no steps"
    counts: dict[Verdict, int] = {}
    for step in script.steps:
        counts[step.verdict] = counts.get(step.verdict, 0) + 1
    if set(counts) == {Verdict.FRESH}:
        return f"all {count(len(script.steps), 'step')} fresh" if len(script.steps) > 1 else "fresh"
    ordered = sorted(counts, key=lambda verdict: verdict.rank)
    return ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in ordered)
