"""Where two results differ first, and by how much: what a check tells of a call that changed."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jobtui_core.entry.describe import describe, describe_argument, type_name
from jobtui_core.errors import UnhashableError
from jobtui_core.hashing import digest

__all__ = ["Difference", "difference"]

_TEXT = 80
"""Characters of a value that are shown."""

_DEEPEST = 20
"""Levels of containers that are spelled out in the path to a difference."""

_PLAIN = (int, bool, str, bytes, type(None))

Pair = tuple["_Place", Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first place where two values differ."""

    where: str = ""
    """Path inside of the value, as Python spells it: ``['a'][3].x``; empty for the whole."""
    old: str = ""
    new: str = ""
    """What is there in the one and in the other, as bounded text."""
    count: int = 0
    """Numbers that differ there, of an array."""
    largest: float | None = None
    """The largest absolute difference of numbers there."""
    relative: float | None = None
    """The largest difference in relation to the old number."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A place inside of a value, as a chain: made for each part, and spelled out for one."""

    part: str
    name: str = ""
    """A key or attribute: it may tell that what is there is a secret."""
    outer: _Place | None = None

    def __str__(self) -> str:
        parts: list[str] = []
        place: _Place | None = self
        while place is not None:
            parts.append(place.part)
            place = place.outer
        parts.reverse()
        if len(parts) > _DEEPEST:
            parts = [*parts[: _DEEPEST // 2], "…", *parts[-_DEEPEST // 2 :]]
        return "".join(parts)


def difference(old: Any, new: Any) -> Difference | None:
    """Find the first place where two values differ; ``None`` if none is found.

    Numbers are compared bit by bit as digests do: ``0.0`` and ``-0.0`` differ, a NaN equals
    itself.  It never raises, whatever the values' own code does.
    """
    seen: set[tuple[int, int]] = set()
    # By hand and not recursively: results may nest deeper than Python's stack is.
    stack: list[Iterator[Pair]] = [iter([(_Place(""), old, new)])]
    while stack:
        for place, before, after in stack[-1]:
            if before is after or (id(before), id(after)) in seen:
                continue
            found = _compare(place, before, after)
            if isinstance(found, Difference):
                return found
            if found is not None:
                seen.add((id(before), id(after)))
                stack.append(found)
                break
        else:
            stack.pop()
    return None


def _compare(place: _Place, old: Any, new: Any) -> Difference | Iterator[Pair] | None:
    """Give a difference, the parts to be compared, or ``None`` for what is equal."""
    cls = type(old)
    if cls is not type(new):
        return _differ(place, old, new, types=type_name(old) != type_name(new))
    if cls in _PLAIN:
        return None if old == new else _differ(place, old, new, amount=_amount(old, new))
    if cls is float:
        if old == new and math.copysign(1, old) == math.copysign(1, new):
            return None
        return (
            None
            if old != old and new != new
            else _differ(place, old, new, amount=_amount(old, new))
        )
    try:
        return _parts(place, old, new)
    except Exception:  # noqa: BLE001  whatever the values' own code does
        return _by_digest(place, old, new)


def _parts(place: _Place, old: Any, new: Any) -> Difference | Iterator[Pair] | None:
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(old, numpy.ndarray | numpy.generic):
        return _arrays(place, old, new, numpy)
    module = type(old).__module__.partition(".")[0]
    if module in ("pandas", "polars") and hasattr(old, "columns") and hasattr(old, "shape"):
        return _frames(place, old, new)
    if module in ("pandas", "polars") and hasattr(old, "to_numpy"):
        if _same(old, new):
            return None
        inner = _Place(".to_numpy()", "", place)
        found = _compare(inner, old.to_numpy(), new.to_numpy())
        return found or _differ(place, old, new)
    if isinstance(old, dict):
        if old.keys() != new.keys():
            return _keys(place, old, new)
        return (
            (_Place(f"[{describe(key, _TEXT)}]", str(key)[:100], place), old[key], new[key])
            for key in old
        )
    if isinstance(old, list | tuple):
        if len(old) != len(new):
            sizes = f"{len(old)} items", f"{len(new)} items"
            return Difference(where=str(place), old=sizes[0], new=sizes[1])
        return (
            (_Place(f"[{n}]", place.name, place), one, other)
            for n, (one, other) in enumerate(zip(old, new, strict=True))
        )
    if isinstance(old, set | frozenset):
        return _by_digest(place, old, new)
    if dataclasses.is_dataclass(old) or type(getattr(old, "__dict__", None)) is dict:
        if _same(old, new):
            return None
        attributes = vars(old) if hasattr(old, "__dict__") else {}
        others = vars(new) if hasattr(new, "__dict__") else {}
        if attributes and attributes.keys() == others.keys():
            return (
                (_Place(f".{name}", name, place), attributes[name], others[name])
                for name in attributes
            )
    return _by_digest(place, old, new)


def _keys(place: _Place, old: dict[Any, Any], new: dict[Any, Any]) -> Difference | None:
    for one, other, come in ((old, new, False), (new, old, True)):
        for key in one:
            if key not in other:
                where = str(_Place(f"[{describe(key, _TEXT)}]", "", place))
                value = describe_argument(str(key)[:100], one[key], _TEXT)
                texts = ("nothing", value) if come else (value, "nothing")
                return Difference(where=where, old=texts[0], new=texts[1])
    return None


def _arrays(place: _Place, old: Any, new: Any, numpy: Any) -> Difference | Iterator[Pair] | None:
    if old.dtype != new.dtype or old.shape != new.shape:
        return Difference(where=str(place), old=_form(old), new=_form(new))
    if _same(old, new):
        return None
    if old.dtype.names:
        return (
            (_Place(f"[{name!r}]", name, place), old[name], new[name]) for name in old.dtype.names
        )
    if old.dtype.hasobject and old.shape:
        indexes = numpy.ndindex(old.shape)
        return ((_Place(f"[{_index(at)}]", "", place), old[at], new[at]) for at in indexes)
    before, after = numpy.atleast_1d(old), numpy.atleast_1d(new)
    unequal = before != after
    if old.dtype.kind in "fc":
        unequal &= ~(numpy.isnan(before) & numpy.isnan(after))
    count = int(numpy.count_nonzero(unequal))
    if not count:
        # Signs of zeros, bits of NaNs, or how the array lies in memory.
        return Difference(where=str(place), old=_form(old), new=f"{_form(new)}, other bits")
    first = tuple(int(at) for at in numpy.argwhere(unequal)[0])
    where = str(_Place(f"[{_index(first)}]", "", place) if old.shape else place)
    largest = relative = None
    if old.dtype.kind in "biufc":
        with numpy.errstate(all="ignore"):
            largest, relative = _numeric(before[unequal], after[unequal], numpy)
    return Difference(
        where=where,
        old=describe_argument(place.name, before[first], _TEXT),
        new=describe_argument(place.name, after[first], _TEXT),
        count=count,
        largest=largest,
        relative=relative,
    )


def _numeric(before: Any, after: Any, numpy: Any) -> tuple[float | None, float | None]:
    wide = numpy.complex128 if before.dtype.kind == "c" else numpy.float64
    one, other = before.astype(wide), after.astype(wide)
    apart = numpy.abs(other - one)
    finite = numpy.isfinite(apart)
    if not finite.any():
        return None, None
    size = numpy.abs(one)
    related = (apart / size)[finite & (size > 0)]
    return float(apart[finite].max()), float(related.max()) if related.size else None


def _index(at: Iterable[int]) -> str:
    return ", ".join(map(str, at))


def _form(value: Any) -> str:
    return f"{type(value).__name__} {value.dtype} {tuple(value.shape)}"


def _frames(place: _Place, old: Any, new: Any) -> Difference | Iterator[Pair] | None:
    if _same(old, new):
        return None
    names = [list(map(str, frame.columns)) for frame in (old, new)]
    if names[0] != names[1] or old.shape != new.shape:
        forms = [f"{old.shape} {names[0]}", f"{new.shape} {names[1]}"]
        return Difference(
            where=str(place), old=describe(forms[0], _TEXT), new=describe(forms[1], _TEXT)
        )
    pairs = [
        (_Place(f"[{name!r}]", name, place), old[column], new[column])
        for name, column in zip(names[0], old.columns, strict=True)
    ]
    changed = [pair for pair in pairs if not _same(pair[1], pair[2])]
    # Where all columns are the same it is the index, or what else hangs on a frame.
    return iter(changed) if changed else _differ(place, old, new)


def _same(old: Any, new: Any) -> bool:
    return digest(old) == digest(new)


def _by_digest(place: _Place, old: Any, new: Any) -> Difference | None:
    try:
        equal = _same(old, new)
    except (UnhashableError, RecursionError):
        # Nothing can be said of what has no hash.
        equal = True
    return None if equal else _differ(place, old, new)


def _amount(old: Any, new: Any) -> tuple[float | None, float | None]:
    """Give the absolute and the relative difference of two numbers."""
    if isinstance(old, str | bytes) or old is None:
        return None, None
    try:
        apart = abs(float(new) - float(old))
    except OverflowError:
        return None, None
    if not math.isfinite(apart):
        return None, None
    return apart, apart / abs(float(old)) if old else None


def _differ(
    place: _Place,
    old: Any,
    new: Any,
    *,
    types: bool = False,
    amount: tuple[float | None, float | None] = (None, None),
) -> Difference:
    texts = [describe_argument(place.name, value, _TEXT) for value in (old, new)]
    if types:
        texts = [
            f"{type_name(value)} {text}" for value, text in zip((old, new), texts, strict=True)
        ]
    return Difference(
        where=str(place), old=texts[0], new=texts[1], largest=amount[0], relative=amount[1]
    )
