"""Which rows of a table are shown and in what order; nothing here knows of a screen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

__all__ = ["Row", "arrange", "next_match"]


class Row(Protocol):
    """What a table asks of its rows, whatever they are."""

    @property
    def identity(self) -> str:
        """The same for the same thing after a refresh, so that the cursor stays on it."""

    @property
    def group(self) -> int:
        """Rows of one group stay together; groups keep their order."""

    @property
    def pinned(self) -> bool:
        """Whether it stands at the head of its group however that is sorted or filtered."""

    @property
    def searched(self) -> str:
        """Text that a filter looks at."""

    def sort_key(self, column: int) -> Any:
        """Value to sort by; comparable with that of the other rows that are not pinned."""


def arrange(
    rows: Sequence[Row],
    *,
    needle: str = "",
    sort: int | None = None,
    reverse: bool = False,
    collapsed: Collection[int] = (),
) -> Sequence[int]:
    """Give the indexes of the rows to show, in order.

    Parameters
    ----------
    rows : sequence of Row
        Everything there is; rows of a group are neighbours, pinned ones first.
    needle : str
        Only rows that contain it, whatever its case, and the pinned rows of their groups.  All
        words must occur.
    sort : int, optional
        Column to sort the rows of each group by; ``None`` keeps the order given.
    reverse : bool
        Largest first.
    collapsed : collection of int
        Groups of which only the pinned rows are shown.  A filter looks into them all the same.
    """
    words = needle.casefold().split()
    if not words and sort is None and not collapsed:
        return range(len(rows))
    shown: list[int] = []
    start = 0
    while start < len(rows):
        end = start
        group = rows[start].group
        while end < len(rows) and rows[end].group == group:
            end += 1
        hidden = not words and group in collapsed
        shown += _arrange_group(rows, range(start, end), words, sort, reverse, hidden)
        start = end
    return shown


def _arrange_group(
    rows: Sequence[Row],
    group: range,
    words: list[str],
    sort: int | None,
    reverse: bool,
    hidden: bool,
) -> list[int]:
    heads = [index for index in group if rows[index].pinned]
    if hidden:
        return heads
    others = [index for index in group if not rows[index].pinned]
    if words:
        found = [index for index in others if _has(rows[index], words)]
        # A script whose own name was asked for is shown with all that is in it.
        if not found and not any(_has(rows[index], words) for index in heads):
            return []
        others = found or others
    if sort is not None:
        others.sort(key=lambda index: rows[index].sort_key(sort), reverse=reverse)
    return heads + others


def _has(row: Row, words: list[str]) -> bool:
    text = row.searched.casefold()
    return all(word in text for word in words)


def next_match(
    rows: Sequence[Row], shown: Sequence[int], start: int, needle: str, step: int = 1
) -> int | None:
    """Give the next place in ``shown``, from ``start`` and around its end, of a row that matches.

    Pinned rows are passed over, since a filter shows them for the sake of others.
    """
    words = needle.casefold().split()
    total = len(shown)
    for distance in range(1, total + 1):
        place = (start + step * distance) % total
        row = rows[shown[place]]
        if not row.pinned and _has(row, words):
            return place
    return None
