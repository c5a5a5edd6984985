"""How each kind of text looks, in the colours of the theme.

Widgets that draw their own lines name an ink for every piece of text.  Inks are worked out once
a theme; the same as component classes would have Textual apply the whole style sheet a hundred
times before the first paint.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from rich.style import Style
from textual.color import Color, ColorParseError

if TYPE_CHECKING:
    from textual.app import App

    from jobtui.views.canvas import Paint

__all__ = ["INKS", "Ink", "inks_of", "paint_of", "painted"]


class Ink(NamedTuple):
    """A colour of the theme, and how letters are set."""

    color: str = ""
    """Name of a theme variable; empty keeps the colour of what is around."""
    background: str = ""
    """Same, for what is behind the letters."""
    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    reverse: bool | None = None
    plain_reverse: bool = False
    """Reverse where the terminal shows no colours, so that it stands out there as well."""


INKS: dict[str, Ink] = {
    "title": Ink(bold=True),
    "value": Ink(bold=True),
    "dim": Ink("text-muted"),
    "name": Ink("text-primary"),
    "heading": Ink("text-primary", bold=True),
    "accent": Ink("text-accent", bold=True),
    "good": Ink("text-success"),
    "bad": Ink("text-error"),
    "warn": Ink("text-warning"),
    "problem": Ink("text-error"),
    "add": Ink("text-success", "success-muted"),
    "remove": Ink("text-error", "error-muted"),
    "hunk": Ink("text-accent"),
    "failed": Ink("text-error"),
    "running": Ink("text-accent", bold=True),
    "new": Ink("text-secondary"),
    "stale": Ink("text-warning"),
    "unsure": Ink("text-warning", italic=True),
    "fresh": Ink("text-success"),
    "unused": Ink("text-disabled"),
    "match": Ink("text-warning", "warning-muted", underline=True),
    "current": Ink(bold=True, reverse=True),
    "cursor": Ink(
        "block-cursor-foreground", "block-cursor-background", bold=True, plain_reverse=True
    ),
    "blurred": Ink("", "panel", plain_reverse=True),
}
"""Inks by their names."""

_Inks = Mapping[str, Style]
_known: WeakKeyDictionary[App[Any], tuple[str, _Inks]] = WeakKeyDictionary()


def inks_of(app: App[Any]) -> _Inks:
    """Give the styles of all inks in the app's theme; the empty name changes nothing."""
    known = _known.get(app)
    if known is not None and known[0] == app.theme:
        return known[1]
    variables = app.theme_variables
    inks = {name: _style(ink, variables, app.no_color) for name, ink in INKS.items()}
    inks[""] = Style()
    _known[app] = (app.theme, inks)
    return inks


@lru_cache(maxsize=4096)
def painted(colours: str) -> Style:
    """Give the style of a pixel, which names its colours: ``#102030 on #405060``."""
    return Style.parse(colours)


def paint_of(app: App[Any]) -> Paint:
    """Tell with what pictures are drawn."""
    if getattr(app, "only_ascii", False):
        return "ascii"
    return "shades" if app.no_color else "colours"


def _style(ink: Ink, variables: Mapping[str, str], no_color: bool) -> Style:
    behind = _color(ink.background, variables, None)
    letters = _color(ink.color, variables, behind or _color("background", variables, None))
    return Style(
        color=letters.rich_color if letters is not None else None,
        bgcolor=behind.rich_color if behind is not None else None,
        bold=ink.bold,
        italic=ink.italic,
        underline=ink.underline,
        reverse=True if no_color and ink.plain_reverse else ink.reverse,
    )


def _color(name: str, variables: Mapping[str, str], behind: Color | None) -> Color | None:
    text = variables.get(name, "")
    if not text:
        return None
    auto, _space, share = text.partition(" ")
    if auto == "auto" and behind is not None and behind.ansi is None:
        contrast = behind.get_contrast_text(1.0)
        return behind.blend(contrast, float(share.rstrip("%") or 100) / 100, alpha=1.0)
    try:
        color = Color.parse(text)
    except ColorParseError:
        # Nothing is a colour too: that of what is around.
        return None
    if color.ansi is None and color.a < 1.0 and behind is not None:
        return behind.blend(color, color.a, alpha=1.0)
    return color
