"""Pictures that others made: whether they are what they should be, and how large."""

from __future__ import annotations

import re

from jobtui_core.drawing import png_size

__all__ = ["is_svg", "shown_size"]

_MOST_PIXELS = 100_000_000
"""A picture that says it has more is one that ends the browser."""

_begins_svg = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!DOCTYPE[^>\[]{0,300}>\s*)?(?:<!--[^>]{0,2000}-->\s*){0,5}<svg[\s>]",
).match


def shown_size(data: bytes) -> tuple[int, int] | None:
    """Give width and height of a PNG; ``None`` if it is none, or too large to be shown."""
    size = png_size(data)
    if size is None or not 0 < size[0] * size[1] <= _MOST_PIXELS:
        return None
    return size


def is_svg(data: bytes) -> bool:
    """Tell whether bytes begin as an SVG does that has no definitions of its own (entities).

    What is in it need not be harmless: a page shows it as an image, where nothing in it is run or
    loaded.
    """
    return _begins_svg(data[:20_000]) is not None
