"""What a function gave that shows results of a user's own type, as a preview within its bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from jobtui_core.entry import thumbs
from jobtui_core.entry.array_previews import POINTS, array_preview, finite
from jobtui_core.entry.describe import REDACTED, clean, is_secret
from jobtui_core.entry.frame_previews import COLUMNS, ROWS, cell_text, frame_preview
from jobtui_core.entry.imports import loaded
from jobtui_core.entry.library_previews import library_preview
from jobtui_core.entry.preview_json import preview_from_json, preview_to_json
from jobtui_core.pictures import Plot, Preview, Series

__all__ = ["converted"]

_SERIES = 10
_TEXT = 2000


def converted(found: Any, inner: bool) -> Preview | None:
    """Give what a function gave as a preview, within the bounds of previews.

    Parameters
    ----------
    found : object
        See `jobtui_core.register_preview`.
    inner : bool
        Whether it is of a part of a result; it has no image then, only a small one.

    Raises
    ------
    Exception
        If nothing can be made of it.
    """
    shown = _as_preview(found, inner)
    if shown is None:
        return None
    made = preview_from_json(preview_to_json(shown))
    if made is None:
        raise ValueError("what it gave cannot be kept")
    return replace(made, image="") if inner else made


def _as_preview(found: Any, inner: bool) -> Preview | None:
    if found is None or isinstance(found, Preview):
        return found
    if isinstance(found, str):
        lines = found[:_TEXT].splitlines()
        return Preview(kind="text", type="", text="\n".join(clean(text, _TEXT) for text in lines))
    if isinstance(found, bytes):
        return _image(found, inner)
    if isinstance(found, Plot):
        return Preview(kind="plot", type="", plot=_bounded_plot(found))
    numpy = loaded("numpy")
    if numpy is not None and isinstance(found, numpy.ndarray):
        shown = array_preview(found, "", inner=inner)
        return replace(shown, kind="image") if thumbs.is_image(found) else shown
    module = type(found).__module__.partition(".")[0]
    if module in ("pandas", "polars") and type(found).__name__ in ("DataFrame", "Series"):
        return frame_preview(found, "", module)
    if isinstance(found, Mapping):
        return _table_of_columns(found)
    if isinstance(found, Sequence):
        return _table_of_rows(found)
    shown_by_library = library_preview(found, "", inner=inner)
    if shown_by_library is None:
        raise TypeError(f"{type(found).__name__} is no text, table, plot or image")
    return shown_by_library


def _image(data: bytes, inner: bool) -> Preview:
    size = thumbs.INNER_SIZE if inner else thumbs.SIZE
    return Preview(
        kind="image", type="", image=thumbs.as_text(data), thumb=thumbs.thumb_of_png(data, size)
    )


def _table_of_columns(found: Mapping[Any, Any]) -> Preview:
    """Give a dict as a table: of its columns, or of names and values."""
    names = [str(name) for name in islice(found, COLUMNS)]
    columns = [found[name] for name in islice(found, COLUMNS)]
    if columns and all(_is_column(column) for column in columns):
        columns = [list(islice(column, ROWS)) for column in columns]
        longest = max(map(len, columns))
        rows = [
            tuple(
                REDACTED if is_secret(name) else cell_text(column[row]) if row < len(column) else ""
                for name, column in zip(names, columns, strict=True)
            )
            for row in range(longest)
        ]
        return Preview(kind="table", type="", columns=tuple(names), rows=tuple(rows))
    pairs = [
        (str(name), REDACTED if is_secret(str(name)) else cell_text(value))
        for name, value in islice(found.items(), ROWS)
    ]
    return Preview(kind="table", type="", columns=("name", "value"), rows=tuple(pairs))


def _is_column(value: Any) -> bool:
    return hasattr(value, "__iter__") and hasattr(value, "__len__") and not isinstance(
        value, str | bytes | Mapping
    )  # fmt: skip


def _table_of_rows(found: Sequence[Any]) -> Preview:
    rows = list(found[:ROWS])
    columns: tuple[str, ...] = ()
    if rows and all(isinstance(row, Mapping) for row in rows):
        columns = tuple(dict.fromkeys(str(name) for row in rows for name in row))[:COLUMNS]
        rows = [
            [{str(n): v for n, v in row.items()}.get(name, "") for name in columns] for row in rows
        ]
    elif not all(_is_column(row) for row in rows):
        rows = [[row] for row in rows]
    hidden = [is_secret(name) for name in columns] + [False] * COLUMNS
    return Preview(
        kind="table",
        type="",
        shape=(len(found),),
        columns=columns,
        rows=tuple(
            tuple(
                REDACTED if secret else cell_text(cell)
                for cell, secret in zip(islice(row, COLUMNS), hidden, strict=False)
            )
            for row in rows
        ),
    )


def _bounded_plot(plot: Plot) -> Plot:
    """Give a plot of plain numbers; of long series some points."""
    series = plot.series if isinstance(plot.series, list | tuple) else (plot.series,)
    if not series:
        raise ValueError("a plot has one series at least")
    return replace(plot, series=tuple(_bounded_series(one) for one in series[:_SERIES]))


def _bounded_series(one: Series) -> Series:
    if not isinstance(one, Series):
        raise TypeError(f"a plot has Series, not {type(one).__name__}")
    size = len(one.y)
    if len(one.x) not in (0, size):
        raise ValueError(f"a series has {len(one.x)} x for {size} y")
    if not size:
        raise ValueError("a series has no points")
    places = list(range(size))
    if size > POINTS:
        places = [round(number * (size - 1) / (POINTS - 1)) for number in range(POINTS)]
    y = tuple(finite(one.y[place]) for place in places)
    if not len(one.x):
        x = tuple(map(float, places)) if size > POINTS else ()
        return replace(one, x=x, y=y)
    points = [(finite(one.x[place]), value) for place, value in zip(places, y, strict=True)]
    known = [(at, value) for at, value in points if at is not None]
    return replace(one, x=tuple(at for at, _ in known), y=tuple(value for _, value in known))
