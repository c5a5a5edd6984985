"""An edit that may be accepted, and what was accepted, in lines with styles."""

from __future__ import annotations

from jobtui.acceptances import edited, said_by
from jobtui.plain import plain
from jobtui.views.diff import diff_lines
from jobtui.views.lines import Line, line
from jobtui_core.records import Acceptance, AcceptOffer

__all__ = ["acceptance_lines", "offer_lines", "remaining_text"]


def offer_lines(offer: AcceptOffer) -> list[Line]:
    """Show an edit, definition by definition."""
    lines: list[Line] = []
    for reason in offer.reasons:
        if lines:
            lines.append(())
        lines.append(line((plain(reason.summary), "value")))
        lines += diff_lines(reason.diff) if reason.diff else []
    return lines


def remaining_text(offer: AcceptOffer) -> str:
    """Say why a step would not be fresh even then."""
    rest = "\n".join(f"  {plain(reason.summary)}" for reason in offer.remaining)
    return f"It would not be fresh even then:\n{rest}"


def acceptance_lines(acceptances: tuple[Acceptance, ...]) -> list[Line]:
    """Tell what was accepted, by whom and when, with the diffs, the newest first."""
    lines: list[Line] = []
    for alias in sorted(acceptances, key=lambda one: -one.time):
        lines += [(), line(("accepted ", "title"), (edited(alias), "value"))]
        lines.append(line((said_by(alias), "dim")))
        lines += diff_lines(alias.diff) if alias.diff else []
    return lines
