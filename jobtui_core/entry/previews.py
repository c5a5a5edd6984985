"""Pictures of results, made when they are written, so that looking at a cache unpickles nothing."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, TypeGuard

from jobtui_core.entry.describe import REDACTED, clean, describe, is_secret, type_name
from jobtui_core.records import Preview

__all__ = ["preview", "preview_from_json", "preview_to_json"]

_TEXT = 2000
"""Characters of a preview's text."""

_CELL = 80
"""Characters of a cell of a table."""

_ROWS, _COLUMNS, _ITEMS, _POINTS, _BINS = 20, 20, 20, 200, 40
_DEPTH = 3
"""Levels of containers whose parts are shown."""

_EXACT = 4 << 20
"""Bytes of an array up to which all of its values are looked at."""

_SAMPLE = 1 << 20
"""Bytes of a larger one that are: looking at all of it would take half as long as writing it."""


def preview(value: Any) -> Preview:
    """Give a bounded picture of a value as plain data.

    It never fails: a value whose own code does is shown by the name of its type.
    """
    return _guarded(value, 0)


def _guarded(value: Any, depth: int) -> Preview:
    numpy = sys.modules.get("numpy")
    quiet = nullcontext() if numpy is None else numpy.errstate(all="ignore")
    try:
        with quiet:
            return _preview(value, depth)
    except Exception:  # noqa: BLE001  # reading a foreign object runs anybody's code
        return Preview(kind="opaque", type=type_name(value))


def _preview(value: Any, depth: int) -> Preview:
    cls = type(value)
    if value is None:
        return Preview(kind="none", type="NoneType", text="None")
    name = type_name(value)
    if cls in (bool, int, float, complex):
        return Preview(kind="scalar", type=name, text=describe(value, _TEXT))
    if cls in (str, bytes):
        return Preview(kind="text", type=name, text=describe(value, _TEXT))
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return _array(value, name)
    if numpy is not None and isinstance(value, numpy.generic):
        return Preview(kind="scalar", type=name, text=describe(value, _TEXT))
    module = cls.__module__.partition(".")[0]
    if module in ("pandas", "polars") and cls.__name__ in ("DataFrame", "Series"):
        return _frame(value, name, module)
    text = describe(value, _TEXT)
    if isinstance(value, dict):
        pairs = [(describe(key, _CELL), key, item) for key, item in islice(value.items(), _ITEMS)]
        return _parts("mapping", name, text, pairs, depth, len(value))
    if is_dataclass(value) and not isinstance(value, type) and hasattr(value, "__dict__"):
        known = vars(value)
        named = [(f.name, f.name, known[f.name]) for f in fields(value) if f.name in known]
        return _parts("mapping", name, text, named[:_ITEMS], depth, len(named))
    if isinstance(value, list | tuple | set | frozenset):
        items = [(str(i), i, item) for i, item in enumerate(islice(value, _ITEMS))]
        return _parts("sequence", name, text, items, depth, len(value))
    return Preview(kind="opaque", type=name, text=text)


def _parts(
    kind: Any, name: str, text: str, parts: Iterable[tuple[str, Any, Any]], depth: int, size: int
) -> Preview:
    items: list[tuple[str, Preview]] = []
    if depth < _DEPTH:
        for label, key, value in parts:
            if isinstance(key, str) and is_secret(key):
                shown = Preview(kind="opaque", type=type_name(value), text=REDACTED)
            else:
                shown = _guarded(value, depth + 1)
            items.append((clean(label, _CELL), shown))
    return Preview(kind=kind, type=name, text=text, shape=(size,), items=tuple(items))


def _array(value: Any, name: str) -> Preview:
    import numpy as np

    shape, dtype = tuple(map(int, value.shape)), clean(str(value.dtype), _CELL)
    with np.printoptions(threshold=20, edgeitems=3, linewidth=100):
        # Objects would show by their own repr, which may be long.
        text = "" if value.dtype.hasobject and value.size > 1000 else str(value)
    text = clean(text.replace("\n", " "), _TEXT)
    if value.dtype.kind not in "biuf" or value.size == 0:
        return Preview(kind="array", type=name, text=text, shape=shape, dtype=dtype)
    masked = isinstance(value, np.ma.MaskedArray)
    numbers = np.asarray(value.compressed() if masked else value)
    if numbers.nbytes > _EXACT:
        step = -(-numbers.nbytes // _SAMPLE)
        # In one piece, since it is gone through several times.
        flat = numbers.reshape(-1) if numbers.flags.c_contiguous else numbers.flat
        numbers = np.ascontiguousarray(flat[::step])
        text = f"{text} (figures from one value in {step})"
    if numbers.dtype.kind == "f" and numbers.dtype.itemsize < 8:
        # Sums of half floats overflow.
        numbers = numbers.astype(np.float64)
    finite, missing = numbers, 0
    if numbers.dtype.kind == "f" and numbers.size and not _all_finite(numbers):
        finite = numbers[np.isfinite(numbers)]
        missing = int(np.isnan(numbers).sum())
    if masked:
        missing += int(np.ma.getmaskarray(value).sum())
    least = greatest = mean = None
    if finite.size:
        least, greatest = _finite(finite.min()), _finite(finite.max())
        mean = _finite(finite.mean(dtype=np.float64))
    line: tuple[float | None, ...] = ()
    histogram: tuple[int, ...] = ()
    if value.ndim == 1:
        places = np.unique(np.linspace(0, value.size - 1, min(_POINTS, value.size)).astype(int))
        chosen = value[places]
        if masked:
            chosen = chosen.astype(np.float64).filled(np.nan)
        line = tuple(map(_finite, chosen))
    elif finite.size and value.ndim > 1 and least is not None and greatest is not None:
        spread = greatest - least
        if math.isfinite(spread) and spread > 0 and finite.dtype.kind != "b":
            counts, _ = np.histogram(finite, bins=_BINS, range=(least, greatest))
            histogram = tuple(int(count) for count in counts)
    return Preview(
        kind="array",
        type=name,
        text=text,
        shape=shape,
        dtype=dtype,
        minimum=least,
        maximum=greatest,
        mean=mean,
        missing=missing,
        line=line,
        histogram=histogram,
    )


def _all_finite(numbers: Any) -> bool:
    # A NaN is the least and the greatest of anything that it is among.
    return _finite(numbers.min()) is not None and _finite(numbers.max()) is not None


def _finite(number: Any) -> float | None:
    try:
        value = float(number)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _frame(value: Any, name: str, module: str) -> Preview:
    shape = tuple(map(int, value.shape))
    if len(shape) == 1:
        value = value.to_frame()
    top = value.iloc[:_ROWS, :_COLUMNS] if module == "pandas" else value[:_ROWS, :_COLUMNS]
    names = [str(column) for column in top.columns]
    columns = tuple(clean(column, _CELL) for column in names)
    rows = top.itertuples(index=False, name=None) if module == "pandas" else top.rows()
    hidden = [is_secret(column) for column in names]
    cells = tuple(
        tuple(REDACTED if secret else _cell(item) for item, secret in zip(row, hidden, strict=True))
        for row in rows
    )
    text = f"{name} {shape}"
    return Preview(kind="table", type=name, text=text, shape=shape, columns=columns, rows=cells)


def _cell(value: Any) -> str:
    return clean(value, _CELL) if type(value) is str else describe(value, _CELL)


# ---------------------------------------------------------------------------- to and from JSON

_NESTED = 8
"""Levels that are read back; more were never written."""


def preview_to_json(shown: Preview) -> dict[str, Any]:
    """Give a preview as JSON takes it, without what is empty."""
    found: dict[str, Any] = {"kind": shown.kind, "type": shown.type}
    for name in ("text", "dtype", "minimum", "maximum", "mean", "missing"):
        value = getattr(shown, name)
        if value not in ("", None, 0) or (value == 0 and name in ("minimum", "maximum", "mean")):
            found[name] = value
    for name in ("shape", "line", "histogram", "columns", "rows"):
        if getattr(shown, name):
            found[name] = getattr(shown, name)
    if shown.items:
        found["items"] = [[label, preview_to_json(item)] for label, item in shown.items]
    return found


def preview_from_json(data: Any, depth: int = 0) -> Preview | None:
    """Read a preview; ``None`` if it is none.  Nothing in ``data`` is trusted."""
    if not isinstance(data, dict) or depth > _NESTED:
        return None
    kind: Any = data.get("kind")
    if kind not in ("array", "scalar", "text", "table", "mapping", "sequence", "none", "opaque"):
        kind = "opaque"
    items = []
    for item in _list(data, "items", _ITEMS):
        if isinstance(item, list) and len(item) == 2:
            inner = preview_from_json(item[1], depth + 1)
            if inner is not None:
                items.append((_string(item[0], _CELL), inner))
    missing = data.get("missing")
    return Preview(
        kind=kind,
        type=_string(data.get("type", ""), 200),
        text=_string(data.get("text", ""), _TEXT + 100),
        shape=tuple(n for n in _list(data, "shape", 64) if _is_count(n)),
        dtype=_string(data.get("dtype", ""), _CELL),
        minimum=_number(data.get("minimum")),
        maximum=_number(data.get("maximum")),
        mean=_number(data.get("mean")),
        missing=missing if _is_count(missing) else 0,
        line=tuple(_number(point) for point in _list(data, "line", _POINTS)),
        histogram=tuple(n for n in _list(data, "histogram", 200) if _is_count(n)),
        columns=tuple(_string(name, _CELL) for name in _list(data, "columns", _COLUMNS)),
        rows=tuple(
            tuple(_string(cell, _CELL) for cell in row[:_COLUMNS])
            for row in _list(data, "rows", _ROWS)
            if isinstance(row, list)
        ),
        items=tuple(items),
    )


def _list(data: dict[str, Any], name: str, limit: int) -> list[Any]:
    value = data.get(name)
    return value[:limit] if isinstance(value, list) else []


def _string(value: Any, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""


def _is_count(value: Any) -> TypeGuard[int]:
    # A number of thousands of digits is JSON too.
    return type(value) is int and 0 <= value < 1 << 63


def _number(value: Any) -> float | None:
    return _finite(value) if type(value) in (int, float) else None
