"""What is said of a figure, in the header of an entry and in the events of a run."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from jobtui_core.entry.describe import clean
from jobtui_core.entry.preview_json import thumb_from_json
from jobtui_core.pictures import Thumb

__all__ = ["MOST_FIGURES", "FigureFacts", "figure_from", "figures_from", "is_digest"]

MOST_FIGURES = 20
"""Figures that are kept of one call."""

_LONGEST_NAME = 200
_LARGEST = 100_000
"""Pixels of a side."""

is_digest = re.compile(r"[0-9a-f]{32}").fullmatch


class FigureFacts(NamedTuple):
    """One figure: what it is called, and the digests of its pictures."""

    name: str
    png: str
    """Digest of the PNG; empty where there is none, as for ``svg``."""
    svg: str
    width: int
    """Of the PNG, in pixels."""
    height: int
    thumb: Thumb | None = None
    """The same, small enough for the cells of a terminal."""


def figure_from(data: Any) -> FigureFacts | None:
    """Read what is said of a figure; ``None`` if it is nothing of the kind.

    Nothing in ``data`` is trusted.
    """
    if not isinstance(data, dict):
        return None
    png, svg = (_digest(data.get(kind)) for kind in ("png", "svg"))
    if not png and not svg:
        return None
    name = data.get("name")
    return FigureFacts(
        clean(name, _LONGEST_NAME) if isinstance(name, str) else "",
        png,
        svg,
        _pixels(data.get("width")),
        _pixels(data.get("height")),
        thumb_from_json(data.get("thumb")),
    )


def figures_from(data: Any) -> tuple[FigureFacts, ...]:
    """Read what is said of the figures of a call; what cannot be read is left out."""
    if not isinstance(data, list):
        return ()
    found = (figure_from(one) for one in data[:MOST_FIGURES])
    return tuple(one for one in found if one is not None)


def _digest(value: Any) -> str:
    return value if isinstance(value, str) and is_digest(value) else ""


def _pixels(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= _LARGEST else 0
