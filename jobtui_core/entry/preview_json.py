"""Previews as JSON, and back: what lies in a store may be anybody's."""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from typing import Any, TypeGuard

from jobtui_core.drawing import png_size
from jobtui_core.entry.describe import clean
from jobtui_core.pictures import Plot, Preview, Series, Thumb

__all__ = ["preview_from_json", "preview_to_json", "thumb_from_json", "thumb_to_json"]

_TEXT, _CELL = 2100, 80
"""Characters of a preview's text, and of a cell or a name."""

_ROWS, _COLUMNS, _ITEMS, _POINTS, _BINS, _SERIES = 20, 20, 20, 200, 200, 10

_NESTED = 8
"""Levels that are read back; more were never written."""

_IMAGE = 270_000
"""Characters of an image."""

_PIXELS = 4000
"""Of a side of an image: few bytes may become many pixels."""

_SIDE = 128
"""Pixels of a side of a small picture."""

_KINDS = frozenset(
    {
        "array", "scalar", "text", "table", "mapping", "sequence", "none", "opaque", "image",
        "plot",
    }
)  # fmt: skip


def preview_to_json(shown: Preview) -> dict[str, Any]:
    """Give a preview as JSON takes it, without what is empty."""
    found: dict[str, Any] = {"kind": shown.kind, "type": shown.type}
    for name in ("text", "dtype", "minimum", "maximum", "mean", "missing", "image", "note"):
        value = getattr(shown, name)
        if value not in ("", None, 0) or (value == 0 and name in ("minimum", "maximum", "mean")):
            found[name] = value
    for name in ("shape", "line", "histogram", "columns", "rows"):
        if getattr(shown, name):
            found[name] = getattr(shown, name)
    if shown.thumb is not None:
        found["thumb"] = thumb_to_json(shown.thumb)
    if shown.plot is not None:
        found["plot"] = _plot_to_json(shown.plot)
    if shown.items:
        found["items"] = [[label, preview_to_json(item)] for label, item in shown.items]
    return found


def thumb_to_json(thumb: Thumb) -> dict[str, Any]:
    """Give a small picture as JSON takes it."""
    return {
        "width": thumb.width,
        "height": thumb.height,
        "channels": thumb.channels,
        "data": b64encode(thumb.data).decode("ascii"),
        "low": thumb.low,
        "high": thumb.high,
    }


def _plot_to_json(plot: Plot) -> dict[str, Any]:
    series = [{"kind": one.kind, "label": one.label, "x": one.x, "y": one.y} for one in plot.series]
    words = {name: getattr(plot, name) for name in ("title", "xlabel", "ylabel")}
    facts = {**words, "dates": plot.dates, "ticks": plot.ticks}
    return {"series": series, **{name: fact for name, fact in facts.items() if fact}}


def preview_from_json(data: Any, depth: int = 0) -> Preview | None:
    """Read a preview; ``None`` if it is none.  Nothing in ``data`` is trusted."""
    if not isinstance(data, dict) or depth > _NESTED:
        return None
    kind: Any = data.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        kind = "opaque"
    items = []
    for item in _list(data, "items", _ITEMS):
        if isinstance(item, list | tuple) and len(item) == 2:
            inner = preview_from_json(item[1], depth + 1)
            if inner is not None:
                items.append((_string(item[0], _CELL), inner))
    missing = data.get("missing")
    return Preview(
        kind=kind,
        type=_string(data.get("type", ""), 200),
        text=_lines(data.get("text", ""), _TEXT),
        shape=tuple(n for n in _list(data, "shape", 64) if _is_count(n)),
        dtype=_string(data.get("dtype", ""), _CELL),
        minimum=_number(data.get("minimum")),
        maximum=_number(data.get("maximum")),
        mean=_number(data.get("mean")),
        missing=missing if _is_count(missing) else 0,
        line=tuple(_number(point) for point in _list(data, "line", _POINTS)),
        histogram=tuple(n for n in _list(data, "histogram", _BINS) if _is_count(n)),
        columns=tuple(_string(name, _CELL) for name in _list(data, "columns", _COLUMNS)),
        rows=tuple(
            tuple(_string(cell, _CELL) for cell in row[:_COLUMNS])
            for row in _list(data, "rows", _ROWS)
            if isinstance(row, list | tuple)
        ),
        items=tuple(items),
        image=_image(data.get("image")),
        thumb=thumb_from_json(data.get("thumb")),
        plot=_plot(data.get("plot")),
        note=_string(data.get("note", ""), 200),
    )


def _image(value: Any) -> str:
    """Give a PNG in base64 as it is; nothing if it is none, or would be a large one."""
    if not isinstance(value, str) or not 0 < len(value) <= _IMAGE:
        return ""
    try:
        size = png_size(b64decode(value, validate=True))
    except ValueError:
        return ""
    return value if size is not None and 0 < min(size) <= max(size) <= _PIXELS else ""


def thumb_from_json(data: Any) -> Thumb | None:
    """Read a small picture; ``None`` if it is none, or not whole."""
    if not isinstance(data, dict):
        return None
    width, height, channels = (data.get(name) for name in ("width", "height", "channels"))
    text = data.get("data")
    if not (_is_count(width) and _is_count(height) and channels in (1, 3)):
        return None
    if not (0 < width <= _SIDE and 0 < height <= _SIDE and isinstance(text, str)):
        return None
    if type(channels) is not int or len(text) > 2 * _SIDE * _SIDE * 3:
        return None
    try:
        pixels = b64decode(text, validate=True)
    except ValueError:
        return None
    if len(pixels) != width * height * channels:
        return None
    return Thumb(
        width=width,
        height=height,
        channels=1 if channels == 1 else 3,
        data=pixels,
        low=_number(data.get("low")),
        high=_number(data.get("high")),
    )


def _plot(data: Any) -> Plot | None:
    if not isinstance(data, dict):
        return None
    found = (_series(one) for one in _list(data, "series", _SERIES))
    series = tuple(one for one in found if one is not None)
    if not series:
        return None
    return Plot(
        series=series,
        title=_string(data.get("title", ""), _CELL),
        xlabel=_string(data.get("xlabel", ""), _CELL),
        ylabel=_string(data.get("ylabel", ""), _CELL),
        dates=data.get("dates") is True,
        ticks=tuple(_string(name, _CELL) for name in _list(data, "ticks", _POINTS)),
    )


def _series(data: Any) -> Series | None:
    if not isinstance(data, dict):
        return None
    y = tuple(_number(point) for point in _list(data, "y", _POINTS))
    x = [_number(point) for point in _list(data, "x", _POINTS)]
    known = tuple(point for point in x if point is not None)
    if not y or (x and (len(x) != len(y) or len(known) != len(x))):
        return None
    kind: Any = data.get("kind")
    return Series(
        x=known,
        y=y,
        kind=kind if kind in ("line", "scatter", "bar") else "line",
        label=_string(data.get("label", ""), _CELL),
    )


def _list(data: dict[str, Any], name: str, limit: int) -> list[Any]:
    value = data.get(name)
    # A tuple where it was never written as JSON.
    return list(value[:limit]) if isinstance(value, list | tuple) else []


def _string(value: Any, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""


def _lines(value: Any, limit: int) -> str:
    """Clean a text that may have lines."""
    if not isinstance(value, str):
        return ""
    return "\n".join(clean(text, limit) for text in value[: 2 * limit].split("\n"))[:limit]


def _is_count(value: Any) -> TypeGuard[int]:
    # A number of thousands of digits is JSON too.
    return type(value) is int and 0 <= value < 1 << 63


def _number(value: Any) -> float | None:
    if type(value) not in (int, float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
