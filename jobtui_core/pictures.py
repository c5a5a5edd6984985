"""What results look like, as frozen records of plain data; `jobtui_core.records` has them too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Plot", "Preview", "Series", "Thumb"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumb:
    """A picture of few pixels, row by row from the upper left."""

    width: int
    height: int
    channels: Literal[1, 3]
    """Three: red, green and blue.  One: levels from 1 = ``low`` to 255 = ``high``; 0 = missing."""
    data: bytes = field(repr=False)
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, cloud of points or set of bars of a plot."""

    y: tuple[float | None, ...]
    """``None`` leaves a gap."""
    x: tuple[float, ...] = ()
    """As many as ``y``; where there are none, 0, 1, 2 …"""
    kind: Literal["line", "scatter", "bar"] = "line"
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is needed to draw a plot, as plain data."""

    series: tuple[Series, ...]
    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    dates: bool = False
    """Whether ``x`` are dates: seconds since the epoch, in UTC."""
    ticks: tuple[str, ...] = ()
    """Names of the bars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A bounded picture of a result, made when it was written; plain data only."""

    kind: Literal[
        "array",
        "scalar",
        "text",
        "table",
        "mapping",
        "sequence",
        "none",
        "opaque",
        "image",
        "plot",
    ]
    type: str
    """Name of the result's type."""
    text: str = ""
    """A bounded ``repr``-like text."""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    missing: int = 0
    """NaNs in an array."""
    line: tuple[float | None, ...] = ()
    """Up to 200 values that draw a one-dimensional array; ``None`` for NaN."""
    histogram: tuple[int, ...] = ()
    """Counts in equal bins between minimum and maximum, for arrays of more dimensions."""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    items: tuple[tuple[str, Preview], ...] = ()
    """Parts of a mapping or sequence, the first few."""
    image: str = ""
    """A PNG in base64; empty where there is none."""
    thumb: Thumb | None = None
    """The image, or an array of two dimensions, small enough for the cells of a terminal."""
    plot: Plot | None = None
    note: str = ""
    """Why it is not the one that was registered for the type."""
