"""How a file's content differs from an earlier one, as far as notes of both were kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jobtui_core.diffs.texts import line_changes

if TYPE_CHECKING:
    from jobtui_core.tracing.contents import Content

__all__ = ["content_changes", "content_facts"]


def content_changes(path: str, before: Content, now: Content) -> tuple[str, str]:
    """Say in words how a content changed, and give a diff where both are small texts."""
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


def content_facts(content: Content | None, digest: str | None) -> str | None:
    """Give size, time and digest in one line; ``None`` for a file that is not there."""
    if digest is None:
        return None
    words = []
    if content is not None:
        if content.lines is not None:
            words.append(f"{content.lines:,} line{'s' * (content.lines != 1)}")
        words.append(f"{content.size:,} byte{'s' * (content.size != 1)}")
        if (time := _time(content.time)) is not None:
            words.append(time)
    return ", ".join([*words, f"#{digest[:8]}"])


def _time(seconds: float | None) -> str | None:
    try:
        moment = None if seconds is None else datetime.fromtimestamp(seconds).astimezone()
    except (OverflowError, OSError, ValueError):
        return None
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"
