"""Pictures of frames and series of pandas and polars: their first rows, and lines over dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from jobtui_core.entry.array_previews import finite, spread_places
from jobtui_core.entry.describe import REDACTED, clean, describe, is_secret
from jobtui_core.pictures import Plot, Preview, Series

__all__ = ["CELL", "COLUMNS", "ROWS", "cell_text", "frame_preview"]

ROWS, COLUMNS = 20, 20
CELL = 80
"""Characters of a cell of a table."""

_LINES = 4
"""Columns of a frame that are drawn."""


def frame_preview(value: Any, name: str, module: str) -> Preview:
    """Give the picture of a frame or series.

    Parameters
    ----------
    value : pandas.DataFrame, pandas.Series, polars.DataFrame or polars.Series
    name : str
        Of its type.
    module : {"pandas", "polars"}
    """
    shape = tuple(map(int, value.shape))
    frame = value.to_frame() if len(shape) == 1 else value
    pandas = module == "pandas"
    top = frame.iloc[:ROWS, :COLUMNS] if pandas else frame[:ROWS, :COLUMNS]
    names = [str(column) for column in top.columns]
    rows = list(top.itertuples(index=False, name=None) if pandas else top.rows())
    index = getattr(top, "index", None)
    if pandas and index is not None and type(index).__name__ != "RangeIndex":
        names = [str(index.name if index.name is not None else ""), *names[: COLUMNS - 1]]
        rows = [(at, *row[: COLUMNS - 1]) for at, row in zip(index, rows, strict=True)]
    hidden = [is_secret(column) for column in names]
    shown = Preview(
        kind="table",
        type=name,
        text=f"{name} {shape}",
        shape=shape,
        columns=tuple(clean(column, CELL) for column in names),
        rows=tuple(
            tuple(
                REDACTED if secret else cell_text(item)
                for item, secret in zip(row, hidden, strict=True)
            )
            for row in rows
        ),
    )
    try:
        plot = _pandas_plot(frame, len(shape)) if pandas else _polars_plot(frame)
    except Exception:  # noqa: BLE001  # kinds of columns are many: the table is there
        return shown
    return replace(shown, plot=plot)


def cell_text(value: Any) -> str:
    """Give what stands in a cell of a table."""
    if type(value) is str:
        return clean(value, CELL)
    if isinstance(value, date):
        text = str(value)
        return text.removesuffix(" 00:00:00")
    return describe(value, CELL)


def _pandas_plot(frame: Any, dimensions: int) -> Plot | None:
    """Draw a series over its index, and a frame over dates."""
    if not len(frame):
        return None
    index = frame.index
    kind = type(index).__name__
    if kind == "PeriodIndex":
        index, kind = index.to_timestamp(), "DatetimeIndex"
    if kind != "DatetimeIndex" and dimensions > 1:
        return None
    columns = [
        number
        for number, dtype in enumerate(frame.dtypes)
        if getattr(dtype, "kind", "") in "iuf" and not is_secret(str(frame.columns[number]))
    ][:_LINES]
    places = spread_places(len(frame))
    chosen, at = frame.iloc[places], index[places]
    x: tuple[float, ...] = ()
    style: Literal["line", "bar"] = "line"
    ticks: tuple[str, ...] = ()
    if kind == "DatetimeIndex":
        keep = ~at.isna()
        chosen, at = chosen[keep], at[keep]
        x = tuple(float(moment) / 1e6 for moment in at.as_unit("us").asi8)
    elif getattr(at.dtype, "kind", "") in "iuf" and kind != "RangeIndex":
        x = tuple(map(float, at))
    elif kind != "RangeIndex" and len(frame) <= ROWS:
        # Few values with names, as counts are.
        style, ticks = "bar", tuple(cell_text(name) for name in at)
    series = tuple(
        Series(
            x=x,
            y=tuple(map(finite, chosen.iloc[:, number])),
            kind=style,
            label=clean(str(frame.columns[number]), CELL),
        )
        for number in columns
    )
    name = clean(str(index.name), CELL) if index.name is not None else ""
    if not series:
        return None
    return Plot(series=series, dates=kind == "DatetimeIndex", xlabel=name, ticks=ticks)


def _polars_plot(frame: Any) -> Plot | None:
    """Draw the numbers of a frame over its first column of dates."""
    names = list(frame.columns)
    kinds = {name: str(dtype).partition("(")[0] for name, dtype in frame.schema.items()}
    over = next((name for name in names if kinds[name] in ("Date", "Datetime")), None)
    drawn = [
        name for name in names if kinds[name].startswith(("Int", "UInt", "Float"))
    ][:_LINES]  # fmt: skip
    if not frame.height or not drawn or (over is None and len(names) > 1):
        return None
    chosen = frame[[int(place) for place in spread_places(frame.height)]]
    moments = [] if over is None else [_seconds(moment) for moment in chosen[over].to_list()]
    keep = [
        number for number in range(chosen.height) if over is None or moments[number] is not None
    ]
    x = tuple(moment for moment in moments if moment is not None)
    series = []
    for name in drawn:
        values = chosen[name].to_list()
        if not is_secret(name):
            y = tuple(finite(values[number]) for number in keep)
            series.append(Series(x=x, y=y, label=clean(name, CELL)))
    if not series:
        return None
    return Plot(series=tuple(series), dates=over is not None, xlabel=clean(over or "", CELL))


def _seconds(moment: date | None) -> float | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    # Without a zone they are taken as they stand, as in pandas.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
