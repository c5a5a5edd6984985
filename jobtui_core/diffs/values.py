"""Where two results differ, and by how much: for a check of a call, and for runs side by side.

One walk serves both.  Whoever wants to know only whether and where takes the first difference;
whoever compares runs takes them all.  Values are looked at and never changed, and none of their
code is relied upon: what it raises is no reason to stop.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from jobtui_core.diffs.arrays import Apart, Beat, apart, are_numbers
from jobtui_core.diffs.found import TEXT, Pair, Place, ValueDifference, bare, differ, form, text_at
from jobtui_core.entry.describe import describe, type_name
from jobtui_core.errors import UnhashableError
from jobtui_core.hashing import digest

__all__ = ["ValueDifference", "difference", "differences"]

_OFTEN = 1 << 16
"""Parts of a value between two looks at whether anybody still wants to know."""

_PLAIN = (int, bool, str, bytes, type(None))

Found = Iterator["Pair | ValueDifference"]
"""Parts that are still to be compared, and what was found."""


def difference(old: Any, new: Any) -> ValueDifference | None:
    """Find the first place where two values differ; ``None`` if none is found.

    See `differences`.
    """
    return next(differences(old, new), None)


def differences(old: Any, new: Any, beat: Beat | None = None) -> Iterator[ValueDifference]:
    """Find the places where two values differ, in their order.

    Parameters
    ----------
    old, new : object
    beat : callable, optional
        Told now and then how many elements of an array were compared, and of how many; or how many
        parts of the whole, and 0.  A
        ``BaseException`` that it raises ends the comparison; an ``Exception`` may be taken for
        one of the values' own code.

    Yields
    ------
    ValueDifference
        One for each array, column or other part that is not the same.

    Notes
    -----
    Numbers are compared bit by bit as digests do: ``0.0`` and ``-0.0`` differ, a NaN equals
    itself.  It never raises, whatever the values' own code does.
    """
    # With the values themselves: an id that is free again would be another's.
    seen: dict[tuple[int, int], tuple[Any, Any]] = {}
    # By hand and not recursively: results may nest deeper than Python's stack is.
    stack: list[Found] = [iter([(Place(""), old, new)])]
    parts = 0
    while stack:
        parts += 1
        if beat is not None and not parts % _OFTEN:
            beat(parts, 0)
        try:
            item = next(stack[-1], None)
        except Exception:  # noqa: BLE001  whatever the values' own code does
            stack.pop()
            continue
        if item is None:
            stack.pop()
        elif isinstance(item, ValueDifference):
            yield item
        else:
            place, before, after = item
            if before is after or (id(before), id(after)) in seen:
                continue
            found = _compare(place, before, after, beat)
            if isinstance(found, ValueDifference):
                yield found
            elif found is not None:
                if not hasattr(before, "dtype"):
                    # Arrays are no part of themselves, and their parts are made when asked for.
                    seen[id(before), id(after)] = (before, after)
                stack.append(found)


def _compare(place: Place, old: Any, new: Any, beat: Beat | None) -> ValueDifference | Found | None:
    """Give a difference, the parts to be compared, or ``None`` for what is equal."""
    old, new = _not_mapped(old), _not_mapped(new)
    cls = type(old)
    if cls is not type(new):
        return differ(place, old, new, types=type_name(old) != type_name(new))
    if cls in _PLAIN:
        return None if old == new else differ(place, old, new, amount=_amount(old, new))
    if cls is float:
        if old == new and math.copysign(1, old) == math.copysign(1, new):
            return None
        return (
            None if old != old and new != new else differ(place, old, new, amount=_amount(old, new))
        )
    try:
        return _parts(place, old, new, beat)
    except Exception:  # noqa: BLE001  whatever the values' own code does
        return _by_digest(place, old, new)


def _not_mapped(value: Any) -> Any:
    """Give an array as one, whether or not it lies over a file."""
    if type(value).__name__ != "memmap":
        return value
    numpy = sys.modules["numpy"]
    return value.view(numpy.ndarray) if isinstance(value, numpy.memmap) else value


def _parts(place: Place, old: Any, new: Any, beat: Beat | None) -> ValueDifference | Found | None:
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(old, numpy.ndarray | numpy.generic):
        return _guarded(_arrays(place, old, new, beat), place, old, new)
    module = type(old).__module__.partition(".")[0]
    if module in ("pandas", "polars") and hasattr(old, "to_numpy"):
        if _same(old, new):
            return None
        if any(base.__name__ in ("DataFrame", "Series") for base in type(old).__mro__):
            from jobtui_core.diffs.frames import frame_differences

            return _guarded(frame_differences(place, old, new, beat), place, old, new)
        # An index, or what a column is made of.
        return _guarded(_as_arrays(place, old, new), place, old, new)
    if isinstance(old, dict):
        return _mappings(place, old, new)
    if isinstance(old, list | tuple):
        return _sequences(place, old, new)
    if isinstance(old, set | frozenset):
        return _by_digest(place, old, new)
    if dataclasses.is_dataclass(old) or type(getattr(old, "__dict__", None)) is dict:
        if _same(old, new):
            return None
        attributes = vars(old) if hasattr(old, "__dict__") else {}
        others = vars(new) if hasattr(new, "__dict__") else {}
        if attributes and attributes.keys() == others.keys():
            return (
                (Place(f".{name}", name, place), attributes[name], others[name])
                for name in attributes
            )
    return _by_digest(place, old, new)


def _guarded(found: Found, place: Place, old: Any, new: Any) -> Found:
    """Go through what is found; where that raises, only say whether there is a difference."""
    try:
        yield from found
    except Exception:  # noqa: BLE001  whatever the values' own code does
        other = _by_digest(place, old, new)
        if other is not None:
            yield other


def _as_arrays(place: Place, old: Any, new: Any) -> Found:
    found = next(
        _arrays(Place(".to_numpy()", "", place), old.to_numpy(), new.to_numpy(), None), None
    )
    yield differ(place, old, new) if found is None else found


def _mappings(place: Place, old: dict[Any, Any], new: dict[Any, Any]) -> Found:
    """Tell of keys that went and came, then of what stands under those that both have."""
    if old.keys() != new.keys():
        for one, other, come in ((old, new, False), (new, old, True)):
            for key in one:
                if key not in other:
                    there = Place(f"[{describe(key, TEXT)}]", str(key)[:100], place)
                    text = text_at(there, one[key])
                    texts = ("nothing", text) if come else (text, "nothing")
                    yield ValueDifference(where=str(there), old=texts[0], new=texts[1])
    for key, value in old.items():
        if key in new:
            yield Place(f"[{describe(key, TEXT)}]", str(key)[:100], place), value, new[key]


def _sequences(
    place: Place, old: list[Any] | tuple[Any, ...], new: list[Any] | tuple[Any, ...]
) -> Found:
    if len(old) != len(new):
        sizes = f"{len(old)} items", f"{len(new)} items"
        yield ValueDifference(where=str(place), old=sizes[0], new=sizes[1])
    for n, (one, other) in enumerate(zip(old, new, strict=False)):
        yield Place(f"[{n}]", place.name, place), one, other


def _arrays(place: Place, old: Any, new: Any, beat: Beat | None) -> Found:
    import numpy as np

    if old.dtype != new.dtype or old.shape != new.shape:
        yield ValueDifference(where=str(place), old=form(old), new=form(new))
        if old.shape != new.shape or not are_numbers(old, new):
            return
    if old.dtype.names:
        for name in old.dtype.names:
            yield Place(f"[{name!r}]", name, place), old[name], new[name]
        return
    if old.dtype.hasobject:
        if not old.shape:
            found = _by_digest(place, old, new)
            yield from () if found is None else (found,)
        for at in np.ndindex(old.shape) if old.shape else ():
            yield Place(f"[{_index(at)}]", "", place), old[at], new[at]
        return
    how = apart(np.asarray(old), np.asarray(new), beat)
    if how.count:
        yield from _amounts(place, old, new, how)
    elif old.dtype == new.dtype and not _same(old, new):
        # Signs of zeros, bits of NaNs, or how the array lies in memory.
        yield ValueDifference(where=str(place), old=form(old), new=f"{form(new)}, other bits")


def _amounts(place: Place, old: Any, new: Any, how: Apart) -> Iterator[ValueDifference]:
    there = Place(f"[{_index(how.first)}]", "", place) if old.shape else place
    values = (one[how.first] if one.shape else one[()] for one in (old, new))
    texts = [text_at(place, bare(value)) for value in values]
    yield ValueDifference(
        where=str(there),
        old=texts[0],
        new=texts[1],
        count=how.count,
        size=how.size,
        largest=how.largest,
        relative=how.relative,
        nan=how.nan,
        infinite=how.infinite,
    )


def _index(at: Iterable[int]) -> str:
    return ", ".join(map(str, at))


def _same(old: Any, new: Any) -> bool:
    return digest(old) == digest(new)


def _by_digest(place: Place, old: Any, new: Any) -> ValueDifference | None:
    try:
        equal = _same(old, new)
    except (UnhashableError, RecursionError):
        # Nothing can be said of what has no hash.
        equal = True
    return None if equal else differ(place, old, new)


def _amount(old: Any, new: Any) -> tuple[float | None, float | None]:
    """Give the absolute and the relative difference of two numbers."""
    if isinstance(old, str | bytes) or old is None:
        return None, None
    try:
        far = abs(float(new) - float(old))
    except OverflowError:
        return None, None
    if not math.isfinite(far):
        return None, None
    return far, far / abs(float(old)) if old else None
