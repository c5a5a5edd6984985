"""Pictures of arrays of numpy, and of sparse ones of scipy."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from jobtui_core.entry import thumbs
from jobtui_core.entry.describe import clean
from jobtui_core.entry.imports import is_a
from jobtui_core.pictures import Plot, Preview, Series, Thumb

__all__ = ["POINTS", "array_preview", "finite", "sparse_preview", "spread_places"]

POINTS = 200
"""Points of a line."""

_TEXT, _CELL, _BINS = 2000, 80, 40

_EXACT = 4 << 20
"""Bytes of an array up to which all of its values are looked at."""

_SAMPLE = 1 << 20
"""Bytes of a larger one that are: looking at all of it would take half as long as writing it."""

_BRIGHT = 64
"""Shade from which on bytes in two dimensions are taken for a grey picture, not for labels."""

_MOST_STORED = 1_000_000
"""Stored values of a sparse array up to which its places are looked at, however it has them."""


def array_preview(value: Any, name: str, *, inner: bool = False) -> Preview:
    """Give the picture of an array.

    Parameters
    ----------
    value : numpy.ndarray
    name : str
        Of its type.
    inner : bool
        Whether it is a part of something else; its pictures are smaller then.
    """
    import numpy as np

    shape, dtype = tuple(map(int, value.shape)), clean(str(value.dtype), _CELL)
    with np.printoptions(threshold=20, edgeitems=3, linewidth=100):
        # Objects would show by their own repr, which may be long.
        text = "" if value.dtype.hasobject and value.size > 1000 else str(value)
    text = clean(text.replace("\n", " "), _TEXT)
    shown = Preview(kind="array", type=name, text=text, shape=shape, dtype=dtype)
    if value.dtype.kind not in "biufc" or value.size == 0:
        return shown
    shown = _with_numbers(shown, value)
    if value.ndim == 1:
        return _with_line(shown, value)
    if thumbs.is_image(value) and (value.ndim == 3 or (shown.maximum or 0) >= _BRIGHT):
        image = "" if inner else thumbs.image_of_pixels(value)
        return replace(shown, image=image, thumb=thumbs.thumb_of_pixels(value, _size(inner)))
    if value.ndim > 1:
        plane, where = _plane(value)
        text = f"{shown.text} (picture: {where})" if where else shown.text
        return replace(shown, text=text, thumb=thumbs.thumb_of_plane(plane, _size(inner)))
    return shown


def _size(inner: bool) -> tuple[int, int]:
    return thumbs.INNER_SIZE if inner else thumbs.SIZE


def _with_numbers(shown: Preview, value: Any) -> Preview:
    """Add extremes and mean, and the histogram of an array of more dimensions."""
    import numpy as np

    masked = isinstance(value, np.ma.MaskedArray)
    numbers = np.asarray(value.compressed() if masked else value)
    text = shown.text
    if numbers.nbytes > _EXACT:
        step = -(-numbers.nbytes // _SAMPLE)
        # In one piece, since it is gone through several times.
        flat = numbers.reshape(-1) if numbers.flags.c_contiguous else numbers.flat
        numbers = np.ascontiguousarray(flat[::step])
        text = f"{text} (figures from one value in {step})"
    if numbers.dtype.kind == "c":
        numbers = np.abs(numbers)
        text = f"{text} (figures of the magnitudes)"
    if numbers.dtype.kind == "f" and numbers.dtype.itemsize < 8:
        # Sums of half floats overflow.
        numbers = numbers.astype(np.float64)
    known, missing = numbers, 0
    if numbers.dtype.kind == "f" and numbers.size and not _all_finite(numbers):
        known = numbers[np.isfinite(numbers)]
        missing = int(np.isnan(numbers).sum())
    if masked:
        missing += int(np.ma.getmaskarray(value).sum())
    least = greatest = mean = None
    if known.size:
        least, greatest = finite(known.min()), finite(known.max())
        mean = finite(known.mean(dtype=np.float64))
    return replace(
        shown,
        text=text,
        minimum=least,
        maximum=greatest,
        mean=mean,
        missing=missing,
        histogram=_histogram(known, least, greatest) if value.ndim > 1 else (),
    )


def _histogram(known: Any, least: float | None, greatest: float | None) -> tuple[int, ...]:
    import numpy as np

    if least is None or greatest is None or known.dtype.kind == "b":
        return ()
    spread = greatest - least
    if not (math.isfinite(spread) and spread > 0):
        return ()
    counts, _ = np.histogram(known, bins=_BINS, range=(least, greatest))
    return tuple(int(count) for count in counts)


def _with_line(shown: Preview, value: Any) -> Preview:
    """Add the line that draws an array of one dimension; two for complex numbers."""
    import numpy as np

    chosen = value[spread_places(value.size)]
    if isinstance(chosen, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(chosen)
        chosen = np.where(mask, np.nan, np.asarray(chosen))
    if chosen.dtype.kind != "c":
        return replace(shown, line=tuple(map(finite, chosen)))
    step = (value.size - 1) / max(len(chosen) - 1, 1)
    x = tuple(float(step * number) for number in range(len(chosen)))
    series = tuple(
        Series(x=x, y=tuple(map(finite, part)), label=label)
        for label, part in (("real", chosen.real), ("imaginary", chosen.imag))
    )
    return replace(shown, plot=Plot(series=series))


def _plane(value: Any) -> tuple[Any, str]:
    """Give the plane that stands for an array, and which it is.

    Pictures lie one behind the other along the axes that vary slowest in memory: the first ones,
    or in Fortran's order, as nibabel gives volumes, the last ones.
    """
    if value.ndim == 2:
        return value, ""
    middle = [length // 2 for length in value.shape]
    if value.flags.f_contiguous and not value.flags.c_contiguous:
        words = [":", ":", *map(str, middle[2:])]
        return value[(slice(None), slice(None), *middle[2:])], f"[{', '.join(words)}]"
    words = [*map(str, middle[:-2]), ":", ":"]
    return value[tuple(middle[:-2])], f"[{', '.join(words)}]"


def spread_places(size: int) -> Any:
    """Give the indices of at most `POINTS` items, the first and the last among them."""
    import numpy as np

    return np.unique(np.linspace(0, size - 1, min(POINTS, size)).astype(int))


def _all_finite(numbers: Any) -> bool:
    # A NaN is the least and the greatest of anything that it is among.
    return finite(numbers.min()) is not None and finite(numbers.max()) is not None


def finite(number: Any) -> float | None:
    """Give a number as a float; ``None`` for what is none, or has no end."""
    try:
        value = float(number)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


# ---------------------------------------------------------------------------- sparse arrays


def sparse_preview(value: Any, name: str, *, inner: bool = False) -> Preview | None:
    """Give the picture of a sparse array of scipy; ``None`` for anything else."""
    if not is_a(value, "scipy.sparse", "sparray") and not is_a(value, "scipy.sparse", "spmatrix"):
        return None
    shape, stored = tuple(map(int, value.shape)), int(value.nnz)
    total = math.prod(shape)
    share = f", {stored / total:.3g} of all" if total else ""
    shown = Preview(
        kind="array",
        type=name,
        text=f"{clean(str(value.format), 20)}, {stored:,} stored values{share}",
        shape=shape,
        dtype=clean(str(value.dtype), _CELL),
    )
    data = getattr(value, "data", None)
    if data is not None and getattr(data, "ndim", 0) == 1 and data.dtype.kind in "biufc" and stored:
        numbers = _with_numbers(replace(shown, text=""), data)
        shown = replace(
            shown,
            text=f"{shown.text}{numbers.text}",
            minimum=numbers.minimum,
            maximum=numbers.maximum,
            mean=numbers.mean,
            missing=numbers.missing,
        )
    places = _stored_places(value, stored) if len(shape) == 2 and total else None
    return shown if places is None else replace(shown, thumb=_pattern(*places, shape, _size(inner)))


def _stored_places(value: Any, stored: int) -> tuple[Any, Any] | None:
    """Give rows and columns of stored values, or of some of them."""
    import numpy as np

    step = -(-stored // _MOST_STORED) or 1
    if value.format in ("csr", "csc"):
        numbers = np.arange(0, stored, step)
        outer = np.searchsorted(value.indptr, numbers, side="right") - 1
        places = outer, value.indices[:stored:step]
        return places if value.format == "csr" else places[::-1]
    if step > 1:
        return None
    found = value.tocoo()
    return found.row, found.col


def _pattern(rows: Any, columns: Any, shape: tuple[int, ...], size: tuple[int, int]) -> Thumb:
    """Give where values are stored, the denser the higher the level."""
    import numpy as np

    height, width = min(size[1], shape[0]), min(size[0], shape[1])
    counts = np.zeros((height, width), np.int64)
    np.add.at(counts, (rows * height // shape[0], columns * width // shape[1]), 1)
    most = int(counts.max()) or 1
    # What is there at all must not vanish.
    levels = np.where(counts, 1 + np.rint(counts * (254 / most)), 0).astype(np.uint8)
    return Thumb(
        width=width, height=height, channels=1, data=levels.tobytes(), low=0.0, high=float(most)
    )
