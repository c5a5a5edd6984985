"""Pictures of arrays: small ones for terminals, and PNG, without any library but numpy."""

from __future__ import annotations

import math
from base64 import b64encode
from io import BytesIO
from typing import Any

from jobtui_core.drawing import png_size
from jobtui_core.entry.imports import loaded
from jobtui_core.palette import png, png_of
from jobtui_core.pictures import Thumb

__all__ = [
    "LARGEST_IMAGE",
    "as_text",
    "image_of_pixels",
    "is_image",
    "png_of",
    "thumb_of_pixels",
    "thumb_of_plane",
    "thumb_of_png",
]

LARGEST_IMAGE = 200_000
"""Bytes of a PNG in a preview."""

_SIDE = 240
"""Pixels of the longer side of an array's image: with three channels they fit in any case."""

_LEAST_SIDE = 8
"""Pixels of a side below which bytes are rather numbers than a picture."""

_MOST_PIXELS = 16_000_000
"""Of a PNG that is looked at: each takes four bytes, and of very many Pillow warns."""

SIZE, INNER_SIZE = (64, 48), (32, 24)
"""Width and height of a small picture at most; of a part of a container."""


def is_image(value: Any) -> bool:
    """Tell whether an array holds the pixels of a picture: shades of grey, or colours."""
    if value.dtype.kind != "u" or value.dtype.itemsize != 1 or value.ndim not in (2, 3):
        return False
    return min(value.shape[:2]) >= _LEAST_SIDE and value.shape[2:] in ((), (3,), (4,))


def image_of_pixels(value: Any) -> str:
    """Give the picture that an array of bytes holds as PNG in base64."""
    pixels = _shrunk(value, _SIDE, _SIDE)
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    return as_text(png(pixels.shape[1], pixels.shape[0], channels, pixels.tobytes()))


def as_text(image: bytes) -> str:
    """Give a PNG in base64; raises ``ValueError`` if it is none, or too large."""
    if png_size(image) is None:
        raise ValueError("these bytes are no PNG")
    if len(image) > LARGEST_IMAGE:
        raise ValueError(f"the image is larger than {LARGEST_IMAGE:,} bytes")
    return b64encode(image).decode("ascii")


def thumb_of_pixels(value: Any, size: tuple[int, int]) -> Thumb:
    """Give the small picture of an array of bytes that holds a picture."""
    import numpy as np

    pixels = _shrunk(value, *size)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    elif pixels.shape[2] == 4:
        # Before white, as on most pages.
        opacity = pixels[:, :, 3:].astype(np.float32) / 255
        pixels = (pixels[:, :, :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    height, width = pixels.shape[:2]
    return Thumb(width=width, height=height, channels=3, data=pixels.tobytes())


def thumb_of_plane(plane: Any, size: tuple[int, int]) -> Thumb | None:
    """Give the values of a two-dimensional array as levels; ``None`` if none is finite."""
    import numpy as np

    chosen = plane[np.ix_(_places(plane.shape[0], size[1]), _places(plane.shape[1], size[0]))]
    mask = np.ma.getmaskarray(chosen) if isinstance(chosen, np.ma.MaskedArray) else None
    chosen = np.asarray(chosen)
    numbers = np.asarray(np.abs(chosen) if chosen.dtype.kind == "c" else chosen, np.float64)
    known = np.isfinite(numbers)
    if mask is not None:
        known &= ~mask
    if not known.any():
        return None
    low, high = float(numbers[known].min()), float(numbers[known].max())
    spread = high - low
    if spread > 0 and math.isfinite(spread):
        levels = 1 + np.rint((np.where(known, numbers, low) - low) * (254 / spread))
    else:
        levels = np.full(numbers.shape, 128.0)
    data = np.where(known, levels, 0).astype(np.uint8)
    height, width = data.shape
    return Thumb(width=width, height=height, channels=1, data=data.tobytes(), low=low, high=high)


def thumb_of_png(image: bytes, size: tuple[int, int]) -> Thumb | None:
    """Give the small picture of a PNG, if a library that reads it is loaded."""
    pillow, numpy = loaded("PIL.Image"), loaded("numpy")
    width, height = png_size(image) or (0, 0)
    if pillow is None or numpy is None or not 0 < width * height <= _MOST_PIXELS:
        return None
    with pillow.open(BytesIO(image), formats=["PNG"]) as opened:
        return thumb_of_pixels(numpy.asarray(opened.convert("RGBA")), size)


def _places(length: int, most: int) -> Any:
    import numpy as np

    return np.linspace(0, length - 1, min(length, most)).astype(np.intp)


def _shrunk(value: Any, width: int, height: int) -> Any:
    """Give pixels that fit into so many, their proportions kept."""
    import numpy as np

    share = min(1.0, width / value.shape[1], height / value.shape[0])
    rows, columns = (max(1, round(length * share)) for length in value.shape[:2])
    if share == 1.0:
        return np.ascontiguousarray(value)
    # Of four pixels each, so that thin lines are not lost, however large it is.
    places = np.ix_(_pairs(value.shape[0], rows), _pairs(value.shape[1], columns))
    chosen = value[places].reshape(rows, 2, columns, 2, *value.shape[2:])
    return (chosen.sum(axis=(1, 3), dtype=np.uint16) // 4).astype(np.uint8)


def _pairs(length: int, number: int) -> Any:
    import numpy as np

    return ((np.arange(2 * number) + 0.5) * (length / (2 * number))).astype(np.intp)
