"""Small pictures of arrays, in characters.

The previews hold at most 200 points, so a few lines here do; a plotting widget that does the
same costs 300 ms of import, as much as the whole app takes to start.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["bars", "curve"]

_BLOCKS = " ▁▂▃▄▅▆▇█"
# Bits of the eight dots of a braille character, by row and column.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def curve(values: Sequence[float | None], width: int, height: int) -> list[str]:
    """Draw values as a curve of braille dots, two by four in every cell.

    Parameters
    ----------
    values : sequence of float or None
        From left to right; ``None`` leaves a gap.
    width, height : int
        In cells; fewer columns are used where there are fewer values.
    """
    known = [value for value in values if value is not None]
    if not known or width < 1 or height < 1:
        return []
    low, high = min(known), max(known)
    columns = min(2 * width, max(len(values), 2))
    rows = 4 * height
    cells = [[0] * ((columns + 1) // 2) for _row in range(height)]
    last: int | None = None
    for column in range(columns):
        value = _at(values, column / max(columns - 1, 1))
        if value is None:
            last = None
            continue
        share = (value - low) / (high - low) if high > low else 0.5
        dot = round((1.0 - share) * (rows - 1))
        # A steep slope is drawn as a line, not as two far points.
        start = dot if last is None else last + (dot > last) - (dot < last)
        for row in range(min(start, dot), max(start, dot) + 1):
            cells[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
        last = dot
    return ["".join(chr(0x2800 + cell) for cell in line) for line in cells]


def _at(values: Sequence[float | None], share: float) -> float | None:
    place = share * (len(values) - 1)
    left = int(place)
    right = min(left + 1, len(values) - 1)
    before, after = values[left], values[right]
    if before is None or after is None:
        return values[round(place)]
    return before + (after - before) * (place - left)


def bars(counts: Sequence[int], width: int, height: int) -> list[str]:
    """Draw counts as bars of blocks, in eighths of a cell."""
    highest = max(counts, default=0)
    if highest <= 0 or width < 1 or height < 1:
        return []
    thick = max(1, width // len(counts))
    shown = counts if len(counts) <= width else _merged(counts, width)
    highest = max(shown)
    lines = []
    for row in range(height - 1, -1, -1):
        text = ""
        for number in shown:
            # What is there at all must not vanish.
            eighths = max(round(number / highest * height * 8), 1 if number else 0)
            text += _BLOCKS[max(0, min(8, eighths - 8 * row))] * thick
        lines.append(text)
    return lines


def _merged(counts: Sequence[int], width: int) -> list[int]:
    edges = [round(place * len(counts) / width) for place in range(width + 1)]
    return [sum(counts[left:right]) for left, right in pairwise(edges)]
