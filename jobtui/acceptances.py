"""Accepted edits in words, the same for the command line and the app."""

from __future__ import annotations

from jobtui.plain import clock_time, count, plain
from jobtui_core.records import Acceptance, StepStatus

__all__ = ["edited", "in_short", "said_by"]

_NAMED = 3


def edited(alias: Acceptance) -> str:
    """Name what was edited: ``helpers.scale, co2.trend and 2 more``."""
    names = [plain(name.replace(":", ".")) for name in alias.symbols]
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
    return ", ".join(names) or "code"


def said_by(alias: Acceptance) -> str:
    """Say who accepted an edit, where and when."""
    who = plain(" ".join(alias.user.split()))
    where = plain(" ".join(alias.host.split()))
    person = f"by {who}" if who else "by somebody"
    return f"{person}{f' on {where}' if where else ''}, {clock_time(alias.time)}"


def in_short(step: StepStatus) -> str:
    """Say in a few words on what a step that is fresh by acceptance rests."""
    newest = max(step.acceptances, key=lambda alias: alias.time, default=None)
    if newest is None:
        return "accepted"
    more = len(step.acceptances) - 1
    return f"accepted: {edited(newest)}" + (f" (and {count(more, 'edit')} before)" if more else "")
