"""How wide the columns of a table are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Column", "fit"]


class Column(NamedTuple):
    """A column of a table."""

    title: str
    width: int
    """Cells that it would like to have."""
    least: int
    """Cells below which it is of no use."""
    grows: bool = False
    """Whether it takes what the others leave; one column should."""
    right: bool = False
    """Whether its text ends at its right edge."""
    drop: int = 0
    """Where space is short the columns with the highest number go first; 0 always stays."""


def fit(columns: Sequence[Column], width: int, gap: int = 1) -> tuple[int, ...]:
    """Share ``width`` cells among columns; a column that is left out gets 0."""
    kept = set(range(len(columns)))

    def need(pick: str) -> int:
        total: int = sum(getattr(columns[index], pick) for index in kept)
        return total + gap * (len(kept) - 1)

    while need("least") > width:
        droppable = [index for index in kept if columns[index].drop]
        if not droppable:
            break
        kept.discard(max(droppable, key=lambda index: columns[index].drop))
    widths = [columns[index].least if index in kept else 0 for index in range(len(columns))]
    spare = width - need("least")
    for index in sorted(kept, key=lambda index: columns[index].grows):
        wanted = spare if columns[index].grows else columns[index].width - widths[index]
        given = max(0, min(spare, wanted))
        widths[index] += given
        spare -= given
    return tuple(widths)
