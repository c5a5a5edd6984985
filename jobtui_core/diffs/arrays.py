"""By how much two arrays differ: told block by block, so that memory stays bounded.

A block is small enough to stay in a processor's cache through all that is asked of it.  Arrays
that lie over a mapped file may therefore be larger than memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

__all__ = ["Apart", "apart", "are_numbers"]

_BLOCK = 1 << 15
"""Numbers of a block: with what is computed of them, 1 MB."""

Beat = Callable[[int, int], None]


@dataclass(slots=True)
class Apart:
    """How two arrays of one shape differ."""

    size: int
    """Numbers compared."""
    count: int = 0
    """Those that differ; a NaN equals a NaN, and ``0.0`` equals ``-0.0``."""
    first: tuple[int, ...] = ()
    """Index of the first of them."""
    largest: float | None = None
    """The largest absolute difference that is finite; ``None`` where there is none, or where
    the arrays do not hold numbers."""
    relative: float | None = None
    """The largest one in relation to the old number, where that is not zero."""
    nan: int = 0
    """Places where one is NaN and the other is not."""
    infinite: int = 0
    """Differences that are infinite."""


def are_numbers(*arrays: Array) -> bool:
    """Tell whether arrays hold numbers, which have differences."""
    return all(array.dtype.kind in "biufc" for array in arrays)


def apart(old: Array, new: Array, beat: Beat | None = None) -> Apart:
    """Compare two arrays of one shape, element by element.

    Parameters
    ----------
    old, new : ndarray
        Of one dtype, or both of numbers.  No objects, and no fields.
    beat : callable, optional
        Told after each block how many elements were compared, and of how many.  What it raises
        goes to the caller.
    """
    import numpy as np

    shape = old.shape or (1,)
    before, after = (np.asarray(one).reshape(shape) for one in (old, new))
    found = Apart(before.size)
    look = _look_for(before, after)
    first: int | None = None
    # Infinities and NaNs are what is asked about here, and no reason for warnings.
    with np.errstate(all="ignore"):
        for index, offset in _blocks(shape):
            one = before[index].reshape(-1)
            unequal = look(found, one, after[index].reshape(-1))
            if unequal is not None and first is None:
                first = offset + int(unequal.argmax())
            if beat is not None:
                beat(offset + one.size, found.size)
    if first is not None:
        found.first = tuple(int(n) for n in np.unravel_index(first, shape))
    return found


def _blocks(shape: tuple[int, ...]) -> Iterator[tuple[tuple[int | slice, ...], int]]:
    """Give indexes of blocks in the order of their elements, and where each begins."""
    inner = math.prod(shape[1:])
    if inner > _BLOCK:
        for n in range(shape[0]):
            for index, offset in _blocks(shape[1:]):
                yield (n, *index), n * inner + offset
    elif inner:
        step = _BLOCK // inner
        for n in range(0, shape[0], step):
            yield (slice(n, n + step),), n * inner


Look = Callable[[Apart, "Array", "Array"], "Array | None"]
"""Adds to what was found; gives where elements are unequal, or ``None`` if none is."""


def _look_for(old: Array, new: Array) -> Look:
    import numpy as np

    if not are_numbers(old, new):
        return _Others(old.dtype)
    kinds = {old.dtype.kind, new.dtype.kind}
    if kinds <= set("biu") and not (len(kinds - {"b"}) > 1 and np.uint64 in (old.dtype, new.dtype)):
        return _Integers()
    return _Reals(np.result_type(old.dtype, new.dtype, np.float64))


class _Others:
    """Texts, times, raw bytes: equal or not."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._kind = dtype.kind

    def __call__(self, found: Apart, old: Array, new: Array) -> Array | None:
        import numpy as np

        if self._kind in "mM":
            # As numbers: what is no time equals what is no time.
            old, new = old.view(np.int64), new.view(np.int64)
        elif self._kind == "V":
            old, new = (
                np.ascontiguousarray(one).view(np.uint8).reshape(one.size, -1) for one in (old, new)
            )
        unequal: Array = np.asarray(old != new)
        if unequal.ndim > 1:
            unequal = np.asarray(unequal.any(axis=1))
        count = int(np.count_nonzero(unequal))
        found.count += count
        return unequal if count else None


class _Integers:
    """Whole numbers: their differences are exact, however large they are."""

    def __call__(self, found: Apart, old: Array, new: Array) -> Array | None:
        import numpy as np

        unequal: Array = np.asarray(old != new)
        count = int(np.count_nonzero(unequal))
        if not count:
            return None
        found.count += count
        high, low = (f(old, new).astype(np.uint64) for f in (np.maximum, np.minimum))
        # Of negative ones too: numbers of 64 bits go round, and the difference with them.
        far = high - low
        found.largest = max(found.largest or 0.0, float(far.max()))
        _relate(found, far.astype(np.float64), np.abs(old.astype(np.float64)))
        return unequal


class _Reals:
    """Floating-point and complex numbers.

    Parameters
    ----------
    wide : dtype
        Wide enough for both, and for their difference.
    """

    def __init__(self, wide: np.dtype[Any]) -> None:
        import numpy as np

        self._wide: Any = wide
        self._room: Array = np.empty((2, _BLOCK), wide)
        # Absolute values of complex numbers have half their size.
        self._sizes: Array = self._room if wide.kind == "f" else np.empty((2, _BLOCK), self._real())

    def _real(self) -> Any:
        import numpy as np

        return np.empty(0, self._wide).real.dtype

    def __call__(self, found: Apart, old: Array, new: Array) -> Array | None:
        import numpy as np

        far = np.subtract(new, old, out=self._room[0, : old.size], dtype=self._wide)
        far = np.abs(far, out=self._sizes[0, : old.size])
        most = far.max()
        if most == 0:
            return None
        if not np.isfinite(most):
            return self._with_odd_ones(found, old, new, far)
        found.count += int(np.count_nonzero(far))
        found.largest = max(found.largest or 0.0, float(most))
        _relate(found, far, self._size_of(old))
        unequal: Array = far != 0
        return unequal

    def _size_of(self, old: Array) -> Array:
        import numpy as np

        room: Array = self._sizes[1, : old.size]
        if self._wide.kind == "f":
            np.abs(old, out=room, dtype=self._wide)
        else:
            np.abs(old.astype(self._wide), out=room)
        return room

    def _with_odd_ones(self, found: Apart, old: Array, new: Array, far: Array) -> Array | None:
        import numpy as np

        nan = np.isnan(old), np.isnan(new)
        unequal: Array = (old != new) & ~(nan[0] & nan[1])
        count = int(np.count_nonzero(unequal))
        if not count:
            return None
        found.count += count
        found.nan += int(np.count_nonzero(nan[0] ^ nan[1]))
        found.infinite += int(np.count_nonzero(unequal & ~(nan[0] | nan[1]) & ~np.isfinite(far)))
        plain = unequal & np.isfinite(far)
        if plain.any():
            far = far[plain]
            found.largest = max(found.largest or 0.0, float(far.max()))
            _relate(found, far, np.abs(old[plain].astype(self._wide)))
        return unequal


def _relate(found: Apart, far: Array, size: Array) -> None:
    """Take note of the largest relation of differences to the old numbers' absolute values.

    ``size`` is written to.
    """
    import numpy as np

    if size.min() == 0:
        some = size > 0
        far, size = far[some], size[some]
        if not far.size:
            return
    most = float(np.divide(far, size, out=size).max())
    if most > 0:
        found.relative = max(found.relative or 0.0, most)
