"""How files differ from what they held when a call read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from jobtui_core.diffs.texts import line_changes
from jobtui_core.records import Reason, ReasonKind

if TYPE_CHECKING:
    from jobtui_core.project.judging.filefacts import FileFacts
    from jobtui_core.project.judging.preconditions import Changed
    from jobtui_core.tracing.contents import Content

__all__ = ["input_reasons"]


def input_reasons(changed: Sequence[Changed], facts: FileFacts) -> list[Reason]:
    """Say how files differ from what a record says."""
    facts.learn((one.path, one.new) for one in changed)
    return [_reason(one, facts) for one in changed]


def _reason(changed: Changed, facts: FileFacts) -> Reason:
    declared = changed.kind == "input"
    path = changed.path
    before = facts.of(changed.old)
    now = facts.now(path, changed.new)
    diff = ""
    if changed.new is None:
        summary = f"{path} is gone"
    elif changed.old is None:
        summary = f"{path} is there now"
    elif before is None or now is None:
        summary = f"{path} changed (#{changed.old[:8]} → #{changed.new[:8]})"
    else:
        words, diff = _difference(path, before, now)
        summary = f"{path} changed: {words}"
    if not declared:
        summary += ", which is not declared as an input"
    return Reason(
        kind=ReasonKind.INPUT_CHANGED if declared else ReasonKind.UNDECLARED_FILE,
        subject=path,
        summary=summary,
        diff=diff,
        old=_facts(before, changed.old),
        new=_facts(now, changed.new),
    )


def _difference(path: str, before: Content, now: Content) -> tuple[str, str]:
    by_lines = before.lines is not None and now.lines is not None and before.lines != now.lines
    unit = "lines" if by_lines else "bytes"
    then, today = (before.lines, now.lines) if by_lines else (before.size, now.size)
    amounts = f"still {today:,} {unit}" if then == today else f"{then:,} → {today:,} {unit}"
    if before.text is None or now.text is None:
        return amounts, ""
    found = line_changes(before.text, now.text, path)
    counts = []
    if found.added:
        counts.append(f"{found.added:,} line{'s' * (found.added > 1)} added")
    if found.removed:
        more = "" if counts else f" line{'s' * (found.removed > 1)}"
        counts.append(f"{found.removed:,}{more} removed")
    if not counts:
        return f"lines in another order, {amounts}", found.diff
    return f"{', '.join(counts)} ({amounts})", found.diff


def _facts(content: Content | None, digest: str | None) -> str | None:
    """Give size, time and digest in one line; ``None`` for a file that is not there."""
    if digest is None:
        return None
    words = []
    if content is not None:
        if content.lines is not None:
            words.append(f"{content.lines:,} lines")
        words.append(f"{content.size:,} bytes")
        if (time := _time(content.time)) is not None:
            words.append(time)
    return ", ".join([*words, f"#{digest[:8]}"])


def _time(seconds: float | None) -> str | None:
    try:
        moment = None if seconds is None else datetime.fromtimestamp(seconds).astimezone()
    except (OverflowError, OSError, ValueError):
        return None
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"
