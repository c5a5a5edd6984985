"""Which panes there is room for."""

from __future__ import annotations

from typing import Literal

from jobtui.commands.context import PaneName

__all__ = ["LEAST_HEIGHT", "LEAST_WIDTH", "Layout", "layout_for", "visible_panes"]

Layout = Literal["three", "two", "one", "none"]
"""How many panes stand on the screen; ``none``: it is too small for any."""

LEAST_WIDTH, LEAST_HEIGHT = 60, 15
"""Cells below which nothing useful can be shown."""

_WIDE, _TALL = 120, 30
_NARROW, _LOW = 80, 18


def layout_for(width: int, height: int) -> Layout:
    """Give the layout for a terminal of this size, in cells."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return "none"
    if width >= _WIDE and height >= _TALL:
        return "three"
    if width >= _NARROW and height >= _LOW:
        return "two"
    return "one"


def visible_panes(
    layout: Layout, pane: PaneName, second: PaneName, zoomed: bool
) -> tuple[PaneName, ...]:
    """Give the panes to show.

    Parameters
    ----------
    layout : Layout
    pane : PaneName
        The one with the focus.
    second : PaneName
        Detail or log, whichever was looked at last.
    zoomed : bool
        Whether the one with the focus has the screen to itself.
    """
    if layout == "none":
        return ()
    if zoomed or layout == "one":
        return (pane,)
    if layout == "two":
        return ("steps", second)
    return ("steps", "detail", "log")
