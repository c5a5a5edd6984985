"""Dots on a terminal: two by four in every cell, each cell in the colour of what is drawn there."""

from __future__ import annotations

from typing import Literal

from jobtui.views.lines import Line, Span

__all__ = ["Canvas", "Paint"]

Paint = Literal["colours", "shades", "ascii"]
"""What a terminal can show: any colour, only signs, only those of ASCII."""

# Bits of the eight dots of a braille character, by row and column.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_SIGNS = "*o+x#%@&"


class Canvas:
    """Cells to draw on, from the lower left.

    Parameters
    ----------
    width, height : int
        In cells.
    styles : sequence of str
        Of what is drawn, by its number.
    """

    def __init__(self, width: int, height: int, styles: tuple[str, ...]) -> None:
        self.columns, self.rows = 2 * width, 4 * height
        self._styles = styles
        self._cells = [[0] * width for _row in range(height)]
        self._owners = [[-1] * width for _row in range(height)]

    def dot(self, column: int, row: int, owner: int) -> None:
        """Set a dot; one that is beyond the edges is left out."""
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return
        place = self.rows - 1 - row
        line, cell = place // 4, column // 2
        self._cells[line][cell] |= _DOTS[place % 4][column % 2]
        if self._owners[line][cell] < 0:
            self._owners[line][cell] = owner

    def line(self, start: tuple[int, int], end: tuple[int, int], owner: int) -> None:
        """Set the dots between two places, both of them within the edges."""
        steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
        for step in range(steps + 1):
            share = step / steps
            column = round(start[0] + (end[0] - start[0]) * share)
            self.dot(column, round(start[1] + (end[1] - start[1]) * share), owner)

    def lines(self, paint: Paint) -> list[Line]:
        """Give what was drawn, line by line."""
        found = []
        for cells, owners in zip(self._cells, self._owners, strict=True):
            spans: list[Span] = []
            for dots, owner in zip(cells, owners, strict=True):
                style = self._styles[owner % len(self._styles)] if owner >= 0 else ""
                sign = chr(0x2800 + dots)
                if paint == "ascii":
                    sign = _SIGNS[owner % len(_SIGNS)] if dots else " "
                if spans and spans[-1][1] == style:
                    spans[-1] = (spans[-1][0] + sign, style)
                else:
                    spans.append((sign, style))
            found.append(tuple(spans))
        return found
