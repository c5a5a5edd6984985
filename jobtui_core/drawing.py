"""Drawing a figure of matplotlib for ourselves, so that whoever made it does not notice.

Nothing here imports matplotlib: where there is a figure, it is loaded.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from io import BytesIO
from typing import Any, Literal

__all__ = ["LARGEST", "Form", "TooMuchError", "draw", "png_size"]

Form = Literal["png", "svg"]

LARGEST: dict[Form, int] = {"png": 16 << 20, "svg": 4 << 20}
"""Bytes of a picture; a cloud of a million points takes hundreds of megabytes as SVG."""

_MOST_PIXELS = 4000
"""Of a side; a figure with more is drawn smaller."""

_UNDATED: dict[Form, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}
"""What would differ from one time to the next, or with the version of matplotlib."""

_BACKENDS: dict[Form, str] = {"png": "agg", "svg": "svg"}

_ABOUT_LOOKS = ("bbox_extra_artists", "bbox_inches", "edgecolor", "facecolor", "pad_inches")
"""Options of ``savefig`` that say what is in the picture, not how it is written."""


_one_at_a_time = threading.RLock()


def _after_fork() -> None:
    global _one_at_a_time
    # Whoever held it may not exist here.
    _one_at_a_time = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class TooMuchError(Exception):
    """A picture is too large, or takes too long."""


class _Bounded(BytesIO):
    """Takes so much and no more; an SVG is written while it is drawn."""

    def __init__(self, most: int, until: float) -> None:
        super().__init__()
        self._most = most
        self._until = until

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._most or time.monotonic() > self._until:
            raise TooMuchError
        return super().write(data)


def draw(
    figure: Any,
    form: Form,
    *,
    until: float,
    options: Mapping[str, Any] | None = None,
    side: int = _MOST_PIXELS,
) -> bytes:
    """Give the picture of a figure; the same bytes for the same figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    form : {"png", "svg"}
    until : float
        When to give up, by ``time.monotonic``.  A PNG that was begun is drawn to its end.
    options : mapping, optional
        Those of the user's own ``savefig``; what concerns the looks is taken over.
    side : int
        Pixels that neither width nor height shall exceed.

    Raises
    ------
    TooMuchError
        If it is too large, or takes too long.
    Exception
        Whatever drawing raises.
    """
    target = _Bounded(LARGEST[form], until)
    options = options or {}
    looks = {name: value for name, value in options.items() if name in _ABOUT_LOOKS}
    if options.get("transparent"):
        looks = {"facecolor": "none", "edgecolor": "none", **looks}
    with _unnoticed(figure, form):
        # What ``Figure.savefig`` comes to, and nobody else has put his own function in its place.
        figure.canvas.print_figure(
            target,
            format=form,
            backend=_BACKENDS[form],
            dpi=_dpi(figure, side),
            metadata=_UNDATED[form],
            **looks,
        )
    return target.getvalue()


def _dpi(figure: Any, side: int) -> float:
    dpi = float(getattr(figure, "_original_dpi", figure.dpi))
    return min(dpi, side / max(1.0, *map(float, figure.get_size_inches())))


@contextmanager
def _unnoticed(figure: Any, form: Form) -> Iterator[None]:
    """Leave a figure, the settings and the warnings of matplotlib as they are.

    Printing itself puts canvas, resolution and size back.  What it changes besides: the figure
    counts as drawn, so that a window would not show what changed since; and those who wait for a
    drawing are told of one.
    """
    settings = sys.modules["matplotlib"].rcParams
    salt = settings["svg.hashsalt"]
    stale = figure.stale
    told, figure.stale_callback = figure.stale_callback, None
    callbacks = getattr(figure, "_canvas_callbacks", None)
    untold = callbacks.blocked(signal="draw_event") if callbacks is not None else nullcontext()
    # One after the other: what two threads put back of the filters would not be what was there.
    with _one_at_a_time, warnings.catch_warnings(), untold:
        warnings.simplefilter("ignore")
        # SVG has names in it, which are random unless there is a salt.
        # Not for others: in another thread one of them may be drawn, and put back what it found.
        if form == "svg":
            settings["svg.hashsalt"] = "jobtui"
        try:
            yield
        finally:
            if form == "svg":
                settings["svg.hashsalt"] = salt
            if hasattr(figure, "_stale"):
                # The property would tell those who redraw what is stale.
                figure._stale = stale
            figure.stale_callback = told


def png_size(data: bytes) -> tuple[int, int] | None:
    """Give width and height of a PNG in pixels; ``None`` if it is none."""
    if len(data) < 33 or data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height
