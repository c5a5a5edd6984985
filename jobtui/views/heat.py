"""Small pictures in characters: half a cell for each pixel, or shades without colours."""

from __future__ import annotations

from jobtui.views.canvas import Paint
from jobtui.views.lines import Line, Span, line
from jobtui_core.palette import colours
from jobtui_core.records import Thumb

__all__ = ["heat_lines"]

_SHADES = " ░▒▓█"
_ASCII = " .:-=+*#%@"

_LARGEST = 8
"""Times that a pixel is enlarged."""

_Colour = tuple[int, int, int]


def heat_lines(thumb: Thumb, width: int, height: int, paint: Paint) -> list[Line]:
    """Show a small picture.

    Parameters
    ----------
    thumb : Thumb
    width, height : int
        Cells that it may take; the range of its levels takes a line more.
    paint : {"colours", "shades", "ascii"}
    """
    pixels = _fitted(thumb, max(width, 1), 2 * max(height, 1))
    if paint == "colours":
        lines = [
            _coloured(upper, pixels[2 * number + 1] if 2 * number + 1 < len(pixels) else [])
            for number, upper in enumerate(pixels[::2])
        ]
    else:
        signs = _ASCII if paint == "ascii" else _SHADES
        lines = [line("".join(_sign(pixel, signs) for pixel in row)) for row in pixels[::2]]
    if thumb.low is None or thumb.high is None:
        return lines
    ends = (f"{thumb.low:.4g}", f"{thumb.high:.4g}")
    if paint != "colours":
        return [*lines, line((f"{ends[0]}  {signs}  {ends[1]}", "dim"))]
    steps: list[Span] = [("█", _style(colours()[level])) for level in range(1, 256, 17)]
    return [*lines, line((f"{ends[0]} ", "dim"), *steps, (f" {ends[1]}", "dim"))]


def _fitted(thumb: Thumb, width: int, height: int) -> list[list[_Colour | None]]:
    """Give the colours of pixels, so many at most; few are made larger."""
    share = min(width / thumb.width, height / thumb.height)
    # By whole numbers, so that equal pixels stay equal.
    share = min(float(int(share)), _LARGEST) if share >= 1 else share
    columns, rows = max(1, int(thumb.width * share)), max(1, int(thumb.height * share))
    return [
        [
            _colour(thumb, int(column * thumb.width / columns), int(row * thumb.height / rows))
            for column in range(columns)
        ]
        for row in range(rows)
    ]


def _colour(thumb: Thumb, column: int, row: int) -> _Colour | None:
    place = (row * thumb.width + column) * thumb.channels
    if thumb.channels == 3:
        red, green, blue = thumb.data[place : place + 3]
        return red, green, blue
    level = thumb.data[place]
    return colours()[level] if level else None


def _coloured(upper: list[_Colour | None], lower: list[_Colour | None]) -> Line:
    spans: list[Span] = []
    for number, above in enumerate(upper):
        below = lower[number] if number < len(lower) else None
        if above is not None and below is not None:
            span = ("▀", f"{_style(above)} on {_style(below)}")
        elif above is not None:
            span = ("▀", _style(above))
        else:
            span = (" ", "") if below is None else ("▄", _style(below))
        if spans and spans[-1][1] == span[1] and spans[-1][0][-1] == span[0]:
            spans[-1] = (spans[-1][0] + span[0], span[1])
        else:
            spans.append(span)
    return tuple(spans)


def _style(colour: _Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _sign(pixel: _Colour | None, signs: str) -> str:
    if pixel is None:
        return " "
    red, green, blue = pixel
    light = (0.299 * red + 0.587 * green + 0.114 * blue) / 255
    return signs[min(int(light * len(signs)), len(signs) - 1)]
