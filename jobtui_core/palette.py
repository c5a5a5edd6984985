"""Small pictures as PNG, without any library, and the colours of their levels."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from jobtui_core.pictures import Thumb

__all__ = ["MISSING", "colours", "png", "png_of"]

MISSING = (128, 128, 128)
"""The colour of what has no level."""

_ANCHORS = (
    (68, 1, 84),
    (71, 45, 123),
    (59, 82, 139),
    (44, 114, 142),
    (33, 145, 140),
    (40, 174, 128),
    (94, 201, 98),
    (173, 220, 48),
    (253, 231, 37),
)
"""Of viridis: as bright as the value is large, also in print and to the colour-blind."""


@cache
def colours() -> tuple[tuple[int, int, int], ...]:
    """Give the colours of levels 0 (missing) to 255, as red, green and blue."""
    found = [MISSING]
    for level in range(255):
        place = level / 254 * (len(_ANCHORS) - 1)
        left = min(int(place), len(_ANCHORS) - 2)
        share = place - left
        pairs = zip(_ANCHORS[left], _ANCHORS[left + 1], strict=True)
        red, green, blue = (round(a + (b - a) * share) for a, b in pairs)
        found.append((red, green, blue))
    return tuple(found)


def png_of(thumb: Thumb) -> bytes:
    """Give a small picture as PNG; levels in their colours, what is missing transparent."""
    return png(thumb.width, thumb.height, thumb.channels, thumb.data, levels=thumb.channels == 1)


def png(width: int, height: int, channels: int, data: bytes, *, levels: bool = False) -> bytes:
    """Give a picture of 8 bits a channel as PNG.

    Parameters
    ----------
    width, height : int
    channels : {1, 3, 4}
        Grey, or red, green and blue, or these and opacity.
    data : bytes
        Row by row.
    levels : bool
        Whether the values of a single channel are levels, and not shades of grey.
    """
    kind = 3 if levels else {1: 0, 3: 2, 4: 6}[channels]
    size = width * channels
    rows = b"".join(b"\0" + data[row * size : (row + 1) * size] for row in range(height))
    chunks = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    if levels:
        chunks.append(_chunk(b"PLTE", bytes(part for colour in colours() for part in colour)))
        chunks.append(_chunk(b"tRNS", b"\0"))
    chunks += [_chunk(b"IDAT", zlib.compress(rows, 3)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
