"""Plots in characters: lines, points and bars with their axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len

from jobtui.plain import plain, short
from jobtui.views.canvas import Canvas, Paint
from jobtui.views.lines import Line, Span, line
from jobtui_core.records import Plot, Series

__all__ = ["SERIES_STYLES", "chart_lines"]

SERIES_STYLES = ("accent", "warn", "good", "bad", "name", "")
"""Of the series of a plot, in their order."""

_SIGNS = "*o+x#%@&"
_LABEL = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def chart_lines(plot: Plot, width: int, height: int, paint: Paint) -> list[Line]:
    """Draw a plot.

    Parameters
    ----------
    plot : Plot
    width, height : int
        Cells that it may take; labels take more lines than ``height``.
    paint : {"colours", "shades", "ascii"}
    """
    head = [line((plain(plot.title), "title"))] if plot.title else []
    bars = [one for one in plot.series if one.kind == "bar"]
    if bars and len(bars) == len(plot.series) == 1 and len(bars[0].y) <= max(height, 20):
        return [*head, *_bars(bars[0], plot, width, paint)]
    return [*head, *_axes(plot, width, height, paint)]


def _bars(one: Series, plot: Plot, width: int, paint: Paint) -> list[Line]:
    """Draw a few bars, each with its name and value."""
    names = [
        short(plain(plot.ticks[number]), _LABEL) if number < len(plot.ticks) else str(number + 1)
        for number in range(len(one.y))
    ]
    known = [abs(value) for value in one.y if value is not None]
    most = max(known, default=0.0) or 1.0
    left = max(map(cell_len, names)) + 1
    room = max(width - left - 12, 4)
    lines = []
    for name, value in zip(names, one.y, strict=True):
        size = 0.0 if value is None or not math.isfinite(most) else abs(value) / most * room
        whole = int(size)
        rest = "" if paint == "ascii" else " ▏▎▍▌▋▊▉"[int((size - whole) * 8)].strip()
        sign = "#" if paint == "ascii" else "█"
        text = "?" if value is None else f"{value:.6g}"
        gap = " " * (left - cell_len(name))
        lines.append(line((name + gap, "dim"), (sign * whole + rest, "accent"), f" {text}"))
    return lines


def _axes(plot: Plot, width: int, height: int, paint: Paint) -> list[Line]:
    points = [list(_points(one)) for one in plot.series]
    known = [(x, y) for some in points for x, y in some if y is not None]
    if not known:
        return [line(("no values to draw", "dim"))]
    low_x, high_x = min(x for x, _ in known), max(x for x, _ in known)
    low, high = min(y for _, y in known), max(y for _, y in known)
    if any(one.kind == "bar" for one in plot.series):
        low, high = min(low, 0.0), max(high, 0.0)
    marks = (f"{high:.4g}", f"{low:.4g}")
    margin = max(map(len, marks)) + 1
    canvas = Canvas(max(width - margin, 4), max(height, 2), SERIES_STYLES)
    across, along = _scale(low_x, high_x, canvas.columns), _scale(low, high, canvas.rows)
    for number, (one, some) in enumerate(zip(plot.series, points, strict=True)):
        last: tuple[int, int] | None = None
        for x, y in some:
            if y is None:
                last = None
                continue
            place = _place(x, across), _place(y, along)
            if one.kind == "bar":
                canvas.line((place[0], _place(0.0, along)), place, number)
            elif one.kind == "line" and last is not None:
                canvas.line(last, place, number)
            else:
                canvas.dot(*place, number)
            last = place
    drawn = canvas.lines(paint)
    labels = {0: marks[0], len(drawn) - 1: marks[1]}
    lines = [
        line((labels.get(number, "").rjust(margin - 1) + " ", "dim"), *spans)
        for number, spans in enumerate(drawn)
    ]
    return [
        *lines,
        _below(plot, low_x, high_x, margin, canvas.columns // 2),
        *_legend(plot, margin, paint),
    ]


def _points(one: Series) -> Sequence[tuple[float, float | None]]:
    x = one.x or tuple(map(float, range(len(one.y))))
    return list(zip(x, one.y, strict=False))


def _scale(low: float, high: float, number: int) -> tuple[float, float, int]:
    return low, high, number


def _place(value: float, scale: tuple[float, float, int]) -> int:
    low, high, number = scale
    # Halves, since the difference of two large numbers may have no end.
    spread = high / 2 - low / 2
    share = (value / 2 - low / 2) / spread if spread > 0 else 0.5
    return round(share * (number - 1))


def _below(plot: Plot, low: float, high: float, margin: int, width: int) -> Line:
    first, last = (_moment(at) if plot.dates else f"{at:.6g}" for at in (low, high))
    name = short(plain(plot.xlabel), max(width - len(first) - len(last) - 2, 0))
    if low == high:
        last = ""
    space = max(width - len(first) - len(last) - cell_len(name), 2)
    text = first + " " * (space // 2) + name + " " * (space - space // 2) + last
    return line((" " * margin + text, "dim"))


def _moment(seconds: float) -> str:
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return "?"
    text = moment.strftime("%Y-%m-%d %H:%M")
    return text.removesuffix(" 00:00")


def _legend(plot: Plot, margin: int, paint: Paint) -> list[Line]:
    spans: list[Span] = []
    for number, one in enumerate(plot.series):
        if one.label:
            sign = _SIGNS[number % len(_SIGNS)] if paint == "ascii" else "●"
            spans.append((f"{sign} ", SERIES_STYLES[number % len(SERIES_STYLES)]))
            spans.append((f"{short(plain(one.label), _LABEL)}   ", "dim"))
    if plot.ylabel:
        spans.insert(0, (f"{short(plain(plot.ylabel), 2 * _LABEL)}:  ", "dim"))
    return [line(" " * margin, *spans)] if spans else []
