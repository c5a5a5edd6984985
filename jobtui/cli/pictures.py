"""What results look like, on the command line: the lines that the app shows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jobtui.cli.output import Output

if TYPE_CHECKING:
    from jobtui.views.canvas import Paint
    from jobtui_core.records import Preview

__all__ = ["show_picture"]

_STYLES = {
    "title": "bold", "value": "bold", "dim": "dim", "name": "cyan", "accent": "bold cyan",
    "good": "green", "warn": "yellow", "bad": "red",
}  # fmt: skip
"""Of the inks of the app, on a terminal."""

_WIDTH, _HEIGHT = 80, 24
"""Cells for a picture where nobody knows how many there are, and at most."""


def show_picture(preview: Preview, output: Output, *, indent: int = 4) -> None:
    """Write the picture of a result."""
    # Not at import: few commands show any.
    from jobtui.views.picture import picture_lines

    width = min(output.width if output.terminal else _WIDTH, 2 * _WIDTH) - indent
    for spans in picture_lines(preview, max(width, 20), _HEIGHT, _paint(output)):
        styled = [(text, _style(ink)) for text, ink in spans]
        output.pieces([(" " * indent, ""), *styled])


def _style(ink: str) -> str:
    # Pixels name their colours themselves.
    return ink if ink[:1] == "#" else _STYLES.get(ink, "")


def _paint(output: Output) -> Paint:
    encoding = (getattr(output.stream, "encoding", None) or "ascii").lower().replace("-", "")
    if encoding not in ("utf8", "utf_8"):
        return "ascii"
    plain = not output.terminal or "NO_COLOR" in os.environ
    return "shades" if plain else "colours"
