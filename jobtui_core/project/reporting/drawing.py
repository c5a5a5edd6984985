"""Drawings of numbers: small SVG within the page, in the page's own colours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from jobtui_core.pictures import Plot, Series
from jobtui_core.plain import short
from jobtui_core.project.reporting.blocks import Drawing
from jobtui_core.project.reporting.elements import Element, element
from jobtui_core.project.reporting.scales import LARGEST, Scale, date_ticks, number_ticks, scale_of

__all__ = ["draw", "sparkline"]

WIDTH, HEIGHT = 440, 200
"""Units of the drawing.  The page makes it as wide as a phone at least, so that its writing, 12
units high, can be read there."""

_COLOURS = 6
"""Colours that the page has for series; further ones begin again."""

_MOST = 5000
"""Points that are drawn."""

_BLOCKS = "▁▂▃▄▅▆▇█"


def draw(drawing: Drawing) -> Element | None:
    """Give a drawing as an element; ``None`` where there is nothing to draw."""
    plot = drawing.plot
    bars = any(one.kind == "bar" for one in plot.series)
    top, bottom = (26 if plot.title else 10), HEIGHT - (38 if plot.xlabel else 24)
    y = scale_of(_all(one.y for one in plot.series), bottom, top, zero=bars)
    if y is None:
        return None
    y_ticks = number_ticks(y)
    longest = max((len(text) for _, text in y_ticks), default=1)
    left = 16 + 7 * longest + (14 if plot.ylabel else 0)
    x = _across(drawing, left, WIDTH - 12)
    if x is None:
        return None
    return element(
        "svg",
        element("title", drawing.alt),
        *_frame(plot, x, y, y_ticks),
        *(
            part
            for number, one in enumerate(plot.series)
            for part in _drawn(one, x, y, f"s{number % _COLOURS}")
        ),
        *_labels(plot, x, y),
        class_="plot",
        role="img",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        xmlns="http://www.w3.org/2000/svg",
    )


def _all(lists: Iterable[Sequence[float | None]]) -> Iterable[float | None]:
    return (value for values in lists for value in values)


def _places(series: Series) -> Sequence[float | None]:
    return series.x or tuple(float(number) for number in range(len(series.y)))


def _across(drawing: Drawing, left: float, right: float) -> Scale | None:
    if drawing.span is not None and drawing.span[0] < drawing.span[1]:
        return Scale(*drawing.span, left, right)
    series = drawing.plot.series
    scale = scale_of(_all(_places(one) for one in series), left, right)
    if scale is not None and any(one.kind == "bar" for one in series):
        half = _bar_width(series) / 2
        low, high = max(scale.low - half, -LARGEST), min(scale.high + half, LARGEST)
        return Scale(low, high, left, right)
    return scale


def _bar_width(series: Sequence[Series]) -> float:
    """Give the width of bars in units of ``x``: the smallest distance between two."""
    known = sorted(
        {
            place
            for one in series
            for place in _places(one)
            if place is not None and math.isfinite(place)
        }
    )
    return min((min(b - a, LARGEST) for a, b in pairwise(known)), default=1.0)


def _frame(
    plot: Plot, x: Scale, y: Scale, y_ticks: Sequence[tuple[float, str]]
) -> Iterable[Element]:
    for value, text in y_ticks:
        at = _number(y(value))
        yield element("line", class_="grid", x1=_number(x.start), x2=_number(x.end), y1=at, y2=at)
        yield element("text", text, x=_number(x.start - 6), y=at, dy="4", text_anchor="end")
    if plot.ticks:
        yield from _named(plot.ticks, x, y)
        return
    ticks = date_ticks(x) if plot.dates else number_ticks(x)
    for value, text in ticks:
        at = _number(x(value))
        yield element(
            "line", class_="tick", x1=at, x2=at, y1=_number(y.start), y2=_number(y.start + 4)
        )
        yield element("text", text, x=at, y=_number(y.start + 17), text_anchor="middle")


def _named(names: Sequence[str], x: Scale, y: Scale) -> Iterable[Element]:
    """Write names below bars: as many as there is room for."""
    each = (x.end - x.start) / max(1, len(names))
    every = max(1, math.ceil(34 / each))
    room = max(3, int(each * every / 6.5))
    for number in range(0, len(names), every):
        yield element(
            "text",
            short(names[number], room),
            x=_number(x(float(number))),
            y=_number(y.start + 17),
            text_anchor="middle",
        )


def _drawn(series: Series, x: Scale, y: Scale, look: str) -> Iterable[Element]:
    places = _places(series)[:_MOST]
    points = [
        (x(a), y(b)) if a is not None and b is not None and _finite(a, b) else None
        for a, b in zip(places, series.y[:_MOST], strict=False)
    ]
    if series.kind == "line":
        for run in _runs(points):
            if len(run) == 1:
                yield _dot(run[0], look)
            else:
                text = " ".join(f"{_number(a)},{_number(b)}" for a, b in run)
                yield element("polyline", class_=f"curve {look}", points=text)
    elif series.kind == "scatter":
        yield from (_dot(point, look) for point in points if point is not None)
    else:
        zero = y(min(max(0.0, y.low), y.high))
        wide = abs(x(_bar_width([series])) - x(0.0))
        gap = min(wide * 0.12, 4.0)
        for point in points:
            if point is not None:
                # Bars at the largest numbers that there are have no room beside them.
                left = max(point[0] - (wide - gap) / 2, x.start)
                right = min(point[0] + (wide - gap) / 2, x.end)
                yield element(
                    "rect",
                    class_=f"bar {look}",
                    x=_number(left),
                    y=_number(min(point[1], zero)),
                    width=_number(max(right - left, 0.5)),
                    height=_number(abs(point[1] - zero)),
                )


def _finite(*values: float) -> bool:
    return all(math.isfinite(value) for value in values)


def _dot(point: tuple[float, float], look: str) -> Element:
    return element(
        "circle", class_=f"dot {look}", cx=_number(point[0]), cy=_number(point[1]), r="2.2"
    )


def _runs(points: Sequence[tuple[float, float] | None]) -> Iterable[list[tuple[float, float]]]:
    """Give the points between gaps."""
    run: list[tuple[float, float]] = []
    for point in (*points, None):
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def _labels(plot: Plot, x: Scale, y: Scale) -> Iterable[Element]:
    middle = _number((x.start + x.end) / 2)
    if plot.title:
        title = short(plot.title, 56)
        yield element("text", title, class_="name", x=middle, y="15", text_anchor="middle")
    if plot.xlabel:
        label = short(plot.xlabel, 56)
        yield element("text", label, x=middle, y=str(HEIGHT - 6), text_anchor="middle")
    if plot.ylabel:
        at = _number((y.start + y.end) / 2)
        yield element(
            "text",
            short(plot.ylabel, 28),
            x="12",
            y=at,
            text_anchor="middle",
            transform=f"rotate(-90 12 {at})",
        )
    named = [(number, one.label) for number, one in enumerate(plot.series) if one.label]
    if len(plot.series) < 2:
        return
    for row, (number, label) in enumerate(named[:_COLOURS]):
        at = _number(y.end + 8 + 15 * row)
        yield element(
            "circle", class_=f"dot s{number % _COLOURS}", cx=_number(x.end - 6), cy=at, r="4"
        )
        yield element(
            "text", short(label, 24), x=_number(x.end - 14), y=at, dy="4", text_anchor="end"
        )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def sparkline(series: Series, width: int = 60) -> str:
    """Draw numbers as characters, where nothing else can be drawn."""
    known = [value for value in series.y if value is not None and math.isfinite(value)]
    if not known:
        return ""
    low, high = min(known), max(known)
    step = max(1.0, len(series.y) / width)
    text = ""
    for column in range(min(width, len(series.y))):
        value = series.y[int(column * step)]
        if value is None or not math.isfinite(value):
            text += " "
        else:
            share = (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5
            text += _BLOCKS[min(7, int(share * 8))]
    return text
