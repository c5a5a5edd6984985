"""Who computed a result that others share, in words for the command line and the app."""

from __future__ import annotations

from jobtui.plain import age, clock_time, plain
from jobtui_core.records import Maker, StepStatus

__all__ = ["made_by", "made_by_in_short"]


def _person(maker: Maker) -> str:
    who = plain(" ".join(maker.user.split()))
    where = plain(" ".join(maker.host.split()))
    return f"{who or 'somebody'}{f' on {where}' if where else ''}"


def made_by(maker: Maker, now: float) -> str:
    """Say who computed a result, where, when, and how long ago that is."""
    ago = age(max(0.0, now - maker.time))
    told = "just now" if ago == "now" else f"{ago} ago"
    return f"computed by {_person(maker)}, {told} ({clock_time(maker.time)})"


def made_by_in_short(step: StepStatus) -> str:
    """Say on one line who computed a step's results last; nothing if it was oneself."""
    if not step.makers:
        return ""
    more = len(step.makers) - 1
    first = step.makers[0]
    others = f" (and {more} more)" if more else ""
    return f"computed by {_person(first)}{others}, {clock_time(first.time)}"
