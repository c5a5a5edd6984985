"""Frames made smaller: zstd, piece by piece, with the bytes of numbers sorted where that helps.

Numbers of a kind differ in their last bytes and agree in their first.  Laid out byte by byte,
all first bytes together, they compress better and faster; which layout is smaller is tried on a
few samples of each frame, and so is whether packing it is worth anything at all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import CodecError

if TYPE_CHECKING:
    Frame = bytes | bytearray | memoryview

__all__ = ["DEFAULT_LEVEL", "LARGEST", "Compress", "level_of", "pack", "unpack"]

Compress = bool | int | str | tuple[str, int]
"""How much work is done to make something smaller, in joblib's words."""

LARGEST = (1 << 48) - 1
"""Bytes of a frame that is packed; its length has to fit into the table."""

_PIECE = 1 << 20
"""Bytes that are packed at a time, so that neither side needs much memory beside the value's."""

_length = Struct("<I")
"""Before each packed piece stands how long it is."""

_SMALLEST = 512
"""Bytes below which packing is not worth the processor's time at reading."""

_MUCH = 4
"""Pieces from which threads are worth being started."""

_SAMPLE = 1 << 16
_SAMPLES = 3
_WORTH = 0.95
"""What a frame must become at most, as a part of what it was."""

_MOST = 1 << 15
"""Times that something may have become smaller: zstd cannot do more."""

_UNCHECKED = 64 << 20
"""Bytes below which a machine's memory is not asked for."""

# What a level of zlib's costs and saves, about, in zstd's.
_LEVELS = (0, 1, 2, 3, 5, 6, 8, 10, 12, 15)
_METHODS: dict[str, tuple[int, ...]] = {
    "zlib": _LEVELS,
    "gzip": _LEVELS,
    "bz2": (1, 5, 6, 7, 8, 9, 10, 11, 12, 13),
    "lzma": (6, 8, 10, 11, 12, 13, 14, 15, 17, 19),
    "xz": (6, 8, 10, 11, 12, 13, 14, 15, 17, 19),
    "lz4": (1, 1, 1, 1, 1, 1, 2, 2, 3, 3),
    "zstd": tuple(range(23)),
}
DEFAULT_LEVEL = 3
"""Where a method is named without one: joblib's choice too."""


def level_of(compress: Any) -> int:
    """Give the level of zstd that stands for what joblib's ``compress`` asks for.

    Parameters
    ----------
    compress : bool, int, str or (str, int)
        ``True`` is 3.  A level from 0 to 9 counts as zlib's.  A method (``"zlib"``, ``"gzip"``,
        ``"bz2"``, ``"lzma"``, ``"xz"``, ``"lz4"``, ``"zstd"``), alone or with a level, asks for
        what is about as small, or as quick.

    Returns
    -------
    int
        0 for no compression.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if compress is None or isinstance(compress, bool):
        return DEFAULT_LEVEL if compress else 0
    if isinstance(compress, str):
        method, level = compress, DEFAULT_LEVEL
    elif isinstance(compress, tuple | list):
        if len(compress) != 2:
            raise ValueError(f"compress= takes a method and a level, not {compress!r:.80}")
        method, level = compress
    else:
        method, level = "zlib", compress
    levels = _METHODS.get(method) if isinstance(method, str) else None
    if levels is None:
        known = ", ".join(_METHODS)
        raise ValueError(f"compress={compress!r:.80}: the method is one of {known}")
    level = DEFAULT_LEVEL if level is None else level
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level < len(levels):
        raise ValueError(f"compress={compress!r:.80}: the level is from 0 to {len(levels) - 1}")
    return levels[level] if level or method != "zlib" else 0


@lru_cache(maxsize=1)
def _zstd() -> Any:
    # Nobody who does not compress waits for it.
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def pack(data: Frame, level: int, width: int = 0) -> tuple[bytes, int] | None:
    """Make a frame smaller.

    Parameters
    ----------
    data : bytes-like
    level : int
        Of zstd.
    width : int
        Bytes of the numbers that it consists of, if it does.

    Returns
    -------
    tuple or None
        The packed bytes, and the width by which they were sorted, or 0.  ``None`` where it is
        not worth it.
    """
    view = memoryview(data).cast("B")
    if not _SMALLEST <= len(view) <= LARGEST:
        return None
    sorts = width in (2, 4, 8, 16) and len(view) % width == 0
    layouts = {one: _trial(view, one, level) for one in ((0, width) if sorts else (0,))}
    best = min(layouts, key=layouts.__getitem__)
    if layouts[best] > _WORTH:
        return None
    compress = _zstd().compress
    places = range(0, len(view), _PIECE)
    pieces = _at_once(
        lambda place: compress(_sorted(view[place : place + _PIECE], best), level), places
    )
    packed = b"".join(part for one in pieces for part in (_length.pack(len(one)), one))
    return (packed, best) if len(packed) <= _WORTH * len(view) else None


def _trial(view: memoryview, width: int, level: int) -> float:
    """Give the part of a frame's size that samples of it come down to."""
    compress = _zstd().compress
    if len(view) <= _SAMPLE * _SAMPLES:
        samples = [view]
    else:
        step = (len(view) - _SAMPLE) // (_SAMPLES - 1)
        step -= step % 16
        samples = [view[place : place + _SAMPLE] for place in range(0, len(view), step)]
        samples = [sample for sample in samples if len(sample) == _SAMPLE]
    sizes = [len(compress(_sorted(sample, width), min(level, DEFAULT_LEVEL))) for sample in samples]
    return sum(sizes) / sum(map(len, samples))


def _at_once(work: Callable[[int], Any], places: Sequence[int]) -> list[Any]:
    """Give what comes of each place; several threads share the work where there is much."""
    if len(places) < _MUCH:
        return [work(place) for place in places]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:
        return list(threads.map(work, places))


def _sorted(part: memoryview, width: int) -> Any:
    if not width:
        return part
    import numpy as np

    table = np.frombuffer(part, np.uint8).reshape(-1, width)
    return np.ascontiguousarray(table.T).reshape(-1).data


def unpack(data: Frame, size: int, width: int) -> bytearray:
    """Give what `pack` was given.

    Parameters
    ----------
    data : bytes-like
    size : int
        Bytes that it must have, and the most that are ever made of it.
    width : int

    Raises
    ------
    CodecError
        If it has not, or cannot be unpacked.
    """
    view = memoryview(data).cast("B")
    if size > _MOST * len(view) or (size > _UNCHECKED and size > _memory()):
        raise CodecError(f"packed data cannot hold {size} bytes")
    packed = []
    for _ in range(0, size, _PIECE):
        if len(view) < _length.size:
            raise CodecError("packed data ends too early")
        end = _length.size + _length.unpack_from(view)[0]
        packed.append(view[_length.size : end])
        view = view[end:]
    if len(view):
        raise CodecError("packed data has bytes behind its end")
    found = bytearray(size)
    into = memoryview(found)

    def place(number: int) -> None:
        start = number * _PIECE
        end = min(size, start + _PIECE)
        into[start:end] = _unsorted(_unpacked(packed[number], end - start), width)

    _at_once(place, range(len(packed)))
    return found


def _unpacked(part: memoryview, size: int) -> bytes:
    zstd = _zstd()
    decompressor = zstd.ZstdDecompressor()
    try:
        # One byte more shows that there is more than there should be.
        found: bytes = decompressor.decompress(part, max_length=size + 1)
    except (zstd.ZstdError, EOFError) as error:
        raise CodecError(f"packed data cannot be unpacked: {error}") from error
    if len(found) != size or not decompressor.eof or decompressor.unused_data:
        raise CodecError("packed data is not as long as its entry says")
    return found


def _unsorted(part: bytes, width: int) -> Any:
    if not width:
        return part
    if len(part) % width:
        raise CodecError("packed data is no list of numbers")
    import numpy as np

    table = np.frombuffer(part, np.uint8).reshape(width, -1)
    return np.ascontiguousarray(table.T).reshape(-1).data


@lru_cache(maxsize=1)
def _memory() -> int:
    """Give the bytes of memory that this machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return sys.maxsize
