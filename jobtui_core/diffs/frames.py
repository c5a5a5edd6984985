"""How two data frames or series of one library differ, column by column.

Rows are held against each other by their labels where both have unique ones, else by their
order.  Nothing of pandas or polars is imported: whoever has a frame has loaded them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from jobtui_core.diffs.arrays import Apart, Beat, apart, are_numbers
from jobtui_core.diffs.found import TEXT, Pair, Place, ValueDifference, bare, differ, text_at
from jobtui_core.entry.describe import describe
from jobtui_core.hashing import digest

__all__ = ["frame_differences"]

_OFTEN = 1 << 16
"""Items of a column between two words about how far its comparison is."""

Found = Iterator["Pair | ValueDifference"]


def frame_differences(place: Place, old: Any, new: Any, beat: Beat | None = None) -> Found:
    """Tell how two frames, or two series, differ that do not have the same digest."""
    told = False
    for one in _differences(place, old, new, beat):
        told = True
        yield one
    if not told:
        # Names, frequencies and what else hangs on a frame, or bits that no number tells.
        yield differ(place, old, new)


class _Rows(NamedTuple):
    """The rows that two frames have in common."""

    old: Any
    new: Any
    labels: bool
    """Whether they are known by label: their places differ."""


def _differences(place: Place, old: Any, new: Any, beat: Beat | None) -> Found:
    is_frame = hasattr(old, "columns")
    if is_frame:
        yield from _columns_apart(place, old, new)
    yield from _rows_apart(place, old, new)
    rows = _common(old, new)
    if not is_frame:
        yield from _column(place, rows.old, rows.new, rows.labels, beat)
        return
    for name, one, other in _pairs(rows.old, rows.new):
        yield from _column(Place(f"[{name!r}]", str(name), place), one, other, rows.labels, beat)


def _columns_apart(place: Place, old: Any, new: Any) -> Found:
    before, after = list(old.columns), list(new.columns)
    if before == after:
        return
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    texts = (
        ["nothing" if not some else ", ".join(map(repr, some)) for some in (gone, come)]
        if gone or come
        else [", ".join(map(repr, names)) for names in (before, after)]
    )
    there = Place(".columns", "", place)
    yield ValueDifference(where=str(there), old=_bounded(texts[0]), new=_bounded(texts[1]))


def _bounded(text: str) -> str:
    """Bound a text that was put together here."""
    return text if len(text) <= TEXT else f"{text[: TEXT - 1]}…"


def _pairs(old: Any, new: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Give the columns that both have: by name, or by place where names are not unique."""
    before, after = list(old.columns), list(new.columns)
    if len(set(before)) < len(before) or len(set(after)) < len(after):
        for n, (name, other) in enumerate(zip(before, after, strict=False)):
            if name == other:
                yield name, old.iloc[:, n], new.iloc[:, n]
        return
    for name in before:
        if name in set(after):
            yield name, old[name], new[name]


# Rows -------------------------------------------------------------------------------------------


def _rows_apart(place: Place, old: Any, new: Any) -> Found:
    before, after = len(old), len(new)
    if not hasattr(old, "index"):
        if before != after:
            where = str(Place(".height" if hasattr(old, "columns") else ".len()", "", place))
            yield ValueDifference(where=where, old=f"{before} rows", new=f"{after} rows")
        return
    if old.index.equals(new.index):
        return
    where = str(Place(".index", "", place))
    if not _are_labels(old, new):
        if before != after:
            yield ValueDifference(where=where, old=f"{before} rows", new=f"{after} rows")
        else:
            heads = [describe(one.index[:3].tolist(), TEXT) for one in (old, new)]
            yield ValueDifference(where=where, old=heads[0], new=heads[1])
        return
    gone, come = old.index[~old.index.isin(new.index)], new.index[~new.index.isin(old.index)]
    texts = [f"{before} rows", f"{after} rows"]
    for n, (some, word) in enumerate(((gone, "gone"), (come, "new"))):
        if len(some):
            more = ", …" if len(some) > 1 else ""
            texts[n] += f", {len(some)} {word}: {describe(some[0], 40)}{more}"
    if not len(gone) and not len(come):
        texts = [f"{text}, in another order" if n else text for n, text in enumerate(texts)]
    yield ValueDifference(where=where, old=texts[0], new=texts[1])


def _are_labels(old: Any, new: Any) -> bool:
    """Tell whether rows can be known by their labels."""
    return bool(
        old.index.is_unique
        and new.index.is_unique
        and old.index.nlevels == new.index.nlevels
        and old.index.dtype == new.index.dtype
    )


def _common(old: Any, new: Any) -> _Rows:
    if hasattr(old, "index"):
        if old.index.equals(new.index):
            return _Rows(old, new, labels=False)
        if _are_labels(old, new):
            both = old.index[old.index.isin(new.index)]
            return _Rows(old.loc[both], new.loc[both], labels=True)
    rows = min(len(old), len(new))
    return _Rows(old[:rows], new[:rows], labels=False)


# Columns ----------------------------------------------------------------------------------------


def _column(place: Place, old: Any, new: Any, labels: bool, beat: Beat | None) -> Found:
    if old.dtype != new.dtype:
        yield ValueDifference(where=str(place), old=str(old.dtype), new=str(new.dtype))
    one, other = _numbers(old), _numbers(new)
    if one is None or other is None or not (one.dtype == other.dtype or are_numbers(one, other)):
        how = _items_apart(_items(old), _items(new), beat)
    else:
        how = apart(one, other, beat)
    if not how.count:
        return
    (row,) = how.first
    if labels:
        there = f".loc[{describe(old.index[row], 40)}]"
    else:
        there = f".iloc[{row}]" if hasattr(old, "index") else f"[{row}]"
    values = (one.iloc[row] if hasattr(one, "index") else one[row] for one in (old, new))
    texts = [text_at(place, bare(value)) for value in values]
    yield ValueDifference(
        where=str(Place(there, "", place)),
        old=texts[0],
        new=texts[1],
        count=how.count,
        size=how.size,
        largest=how.largest,
        relative=how.relative,
        nan=how.nan,
        infinite=how.infinite,
    )


def _numbers(column: Any) -> Any:
    """Give a column as an array of numbers or times; ``None`` for one of anything else."""
    import numpy as np

    if not hasattr(column, "index"):
        return _numbers_of_polars(column)
    kind = getattr(column.dtype, "kind", "O")
    if isinstance(column.dtype, np.dtype):
        return column.to_numpy() if kind in "biufcmM" else None
    if kind not in "biuf":
        return None
    if column.isna().any():
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    wide = {"b": np.bool_, "i": np.int64, "u": np.uint64, "f": np.float64}[kind]
    return column.to_numpy(dtype=wide)


def _numbers_of_polars(column: Any) -> Any:
    if column.dtype.is_numeric():
        import numpy as np

        found = column.to_numpy()
        if found.dtype.kind not in "biuf":
            found = column.cast(float).to_numpy().astype(np.float64)
        return found
    if str(column.dtype) == "Boolean" and not column.null_count():
        return column.to_numpy()
    return None


def _items(column: Any) -> list[Any]:
    found: list[Any] = column.tolist() if hasattr(column, "tolist") else column.to_list()
    return found


def _items_apart(old: list[Any], new: list[Any], beat: Beat | None) -> Apart:
    how = Apart(len(old))
    for n, (one, other) in enumerate(zip(old, new, strict=True)):
        if beat is not None and n and not n % _OFTEN:
            beat(n, how.size)
        if _alike(one, other):
            continue
        how.count += 1
        how.nan += _is_missing(one) != _is_missing(other)
        how.first = how.first or (n,)
    return how


def _alike(one: Any, other: Any) -> bool:
    if one is other or (_is_missing(one) and _is_missing(other)):
        return True
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001  cells may hold anything: arrays, objects of anybody's
        return digest(one) == digest(other)


def _is_missing(item: Any) -> bool:
    if item is None or type(item).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(item, float) and item != item
