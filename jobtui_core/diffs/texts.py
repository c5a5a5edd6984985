"""Unified diffs of sources and of data, within bounds of time, length and discretion."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from jobtui_core.entry.describe import clean, without_secrets

__all__ = ["LineChanges", "line_changes", "unified"]

_DIFF_LINES = 400
"""Lines of a diff that are kept; a rewritten module is not read line by line."""

_LINE_LENGTH = 1_000
"""Characters of a line that are shown."""

_MATCHED_LINES = 2_000
"""Lines on either side that are matched with each other, which takes quadratic time at worst."""

_CONTEXT = 3


class LineChanges(NamedTuple):
    """How many lines a text gained and lost, and which."""

    added: int
    removed: int
    diff: str


@lru_cache(maxsize=64)
def unified(old: str, new: str, name: str) -> str:
    """Give a unified diff of two texts, with the values of secrets left out."""
    return _joined(_unified(old.splitlines(), new.splitlines(), name))


def line_changes(old: str, new: str, name: str) -> LineChanges:
    """Compare two texts of up to a megabyte line by line.

    What they begin and end with alike is set aside first.  Where too much is left between to be
    matched in good time, lines count as added or removed by how often they occur.
    """
    before, after = old.splitlines(), new.splitlines()
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    middle = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(map(len, middle)) > _MATCHED_LINES:
        return _by_count(*middle, name)
    # As much of what is alike as a diff shows around.
    first = max(head - _CONTEXT, 0)
    lines = _unified(
        before[first : len(before) - max(tail - _CONTEXT, 0)],
        after[first : len(after) - max(tail - _CONTEXT, 0)],
        name,
        first,
    )
    body = lines[2:]
    added = sum(line.startswith("+") for line in body)
    removed = sum(line.startswith("-") for line in body)
    if not lines and old != new:
        # Line ends, or the end of the last line.
        removed = added = max(len(before) if head == len(before) else 1, 1)
        lines = [f"--- {name} (before)", f"+++ {name} (now)", "@@ only the ends of lines differ @@"]
    return LineChanges(added, removed, _joined(lines))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _unified(old: Sequence[str], new: Sequence[str], name: str, skipped: int = 0) -> list[str]:
    names = (f"{name} (before)", f"{name} (now)")
    lines = list(difflib.unified_diff(old, new, *names, lineterm="", n=_CONTEXT))
    return [_moved(line, skipped) for line in lines] if skipped else lines


def _moved(line: str, by: int) -> str:
    """Let the head of a hunk count from the beginning of the whole text."""
    if not line.startswith("@@ "):
        return line
    parts = line.split(" ")
    for n in (1, 2):
        start, comma, rest = parts[n][1:].partition(",")
        parts[n] = f"{parts[n][0]}{int(start) + by}{comma}{rest}"
    return " ".join(parts)


def _by_count(before: Sequence[str], after: Sequence[str], name: str) -> LineChanges:
    gone, come = Counter(before), Counter(after)
    gone.subtract(come)
    removed = [line for line in dict.fromkeys(before) if gone[line] > 0]
    added = [line for line in dict.fromkeys(after) if gone[line] < 0]
    lines = [f"--- {name} (before)", f"+++ {name} (now)"]
    # A hundred of each tell what they are; their number says the rest.
    lines += [f"-{line}" for line in removed[:100]] + [f"+{line}" for line in added[:100]]
    counts = [abs(gone[line]) for line in added], [gone[line] for line in removed]
    left = sum(map(sum, counts)) - min(len(removed), 100) - min(len(added), 100)
    if left:
        lines.append(f"… {left} more lines")
    return LineChanges(sum(counts[0]), sum(counts[1]), _joined(lines))


def _joined(lines: Iterable[str]) -> str:
    kept = list(lines)
    if len(kept) > _DIFF_LINES:
        kept = [*kept[:_DIFF_LINES], f"… {len(kept) - _DIFF_LINES} more lines"]
    return "\n".join(_shown(line) for line in kept)


def _shown(line: str) -> str:
    return without_secrets("", line if len(line) <= _LINE_LENGTH else clean(line, _LINE_LENGTH))
