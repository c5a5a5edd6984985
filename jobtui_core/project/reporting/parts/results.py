"""Results, as the pictures that were made of them when they were written."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterable, Sequence

from jobtui_core.entry.describe import without_secrets
from jobtui_core.palette import png_of
from jobtui_core.pictures import Plot, Preview, Series
from jobtui_core.plain import short
from jobtui_core.project.reporting.blocks import (
    Block,
    Drawing,
    Facts,
    Fold,
    Grid,
    Inline,
    Paragraph,
    Picture,
    Section,
    Span,
    Table,
)
from jobtui_core.project.reporting.data import Chapter, Result
from jobtui_core.project.reporting.images import shown_size
from jobtui_core.project.reporting.parts.words import lines_of

__all__ = ["preview_blocks", "results"]

_OPEN = 12
"""Results of a run up to which all of them are unfolded."""

_ROWS = 50
"""Rows of a table that are shown."""

_COLUMNS = 40
_CELL = 200
"""Characters of a cell."""

_DEPTH = 4
"""Levels of containers that are shown."""


def results(chapter: Chapter) -> Section | None:
    """Give the results of a run; ``None`` if there are none."""
    if not chapter.results:
        return None
    few = len(chapter.results) <= _OPEN
    seen: set[str] = set()
    folds: list[Block] = []
    after: tuple[Block, ...] = ()
    for one in chapter.results:
        # Of a step that was called in a loop the first result says what they look like.
        folds.append(_result(one, opened=few or one.function not in seen))
        seen.add(one.function)
    if chapter.results_left_out:
        text = f"… and {chapter.results_left_out} more: jobtui show has them."
        after = (Paragraph(text, "dim"),)
    return Section("Results", (Grid(tuple(folds)), *after))


def _result(one: Result, *, opened: bool) -> Fold:
    arguments = ", ".join(f"{name}={short(text, 40)}" for name, text in one.arguments)
    head: list[str | Span] = [Span(one.step, "strong")]
    if arguments:
        head += [" ", Span(f"({short(arguments, 110)})", "dim")]
    if one.preview is None:
        return Fold(tuple(head), (Paragraph(one.problem or "no picture was kept", "dim"),))
    return Fold(tuple(head), tuple(preview_blocks(one.preview, one.step)), open=opened)


def preview_blocks(preview: Preview, name: str, depth: int = 0) -> Iterable[Block]:
    """Give a picture of a result as blocks.

    Parameters
    ----------
    preview : Preview
        As it was read: of the right types, and what it holds anybody's.
    name : str
        Of the step or the part, for texts that stand for pictures.
    depth : int
        How many containers it lies in.
    """
    yield Paragraph(_what(preview), "dim")
    if preview.note:
        yield Paragraph(preview.note, "dim")
    picture = _image(preview, name)
    if picture is not None:
        yield picture
    drawing = _drawing(preview, name)
    if drawing is not None:
        yield drawing
    if preview.kind == "table" and (preview.columns or preview.rows):
        yield from _table(preview)
    elif preview.items:
        yield from _items(preview, name, depth)
    elif preview.text and picture is None and drawing is None and preview.kind != "none":
        yield lines_of(without_secrets("", preview.text))


def _what(preview: Preview) -> Inline:
    facts = [preview.type or "None"]
    if preview.shape:
        facts.append(" × ".join(map(str, preview.shape)))
    if preview.dtype:
        facts.append(preview.dtype)
    numbers = (("min", preview.minimum), ("mean", preview.mean), ("max", preview.maximum))
    facts += [f"{name} {value:.6g}" for name, value in numbers if value is not None]
    if preview.missing:
        facts.append(f"{preview.missing:,} missing")
    return " · ".join(facts)


def _image(preview: Preview, name: str) -> Picture | None:
    try:
        data = base64.b64decode(preview.image, validate=True) if preview.image else b""
    except (binascii.Error, ValueError):
        return None
    if not data and preview.thumb is not None and preview.plot is None:
        data = png_of(preview.thumb)
    size = shown_size(data)
    if size is None:
        return None
    # Of a few pixels each is made larger.
    factor = max(1, 240 // max(size))
    width, height = size[0] * factor, size[1] * factor
    alt = f"{name}, {preview.type}, as an image"
    return Picture("png", data, alt, _range(preview), width, height, enlarged=factor > 1)


def _range(preview: Preview) -> Inline:
    """Say what the colours of a picture of numbers stand for."""
    thumb = preview.thumb
    if preview.image or thumb is None or thumb.low is None or thumb.high is None:
        return ""
    return f"dark: {thumb.low:.4g}, bright: {thumb.high:.4g}"


def _drawing(preview: Preview, name: str) -> Drawing | None:
    if preview.plot is not None:
        plot = preview.plot
        return Drawing(plot, f"Plot of {name}: {_ranges(plot)}")
    if any(value is not None for value in preview.line):
        # The line may stand for more values than it has.
        last = preview.shape[0] - 1 if preview.shape and preview.shape[0] > 1 else 0
        number = len(preview.line)
        step = last / (number - 1) if last and number > 1 else 1.0
        places = tuple(step * one for one in range(number))
        plot = Plot(series=(Series(x=places, y=preview.line),))
        return Drawing(plot, f"Curve of {name}: {_ranges(plot)}")
    if not preview.histogram or preview.minimum is None or preview.maximum is None:
        return None
    low, high = preview.minimum, preview.maximum
    if not low < high or not (math.isfinite(low) and math.isfinite(high)):
        return None
    width = high / len(preview.histogram) - low / len(preview.histogram)
    places = tuple(low + (number + 0.5) * width for number in range(len(preview.histogram)))
    counts = tuple(float(number) for number in preview.histogram)
    plot = Plot(series=(Series(kind="bar", x=places, y=counts),), ylabel="values")
    return Drawing(plot, f"How often which values of {name} occur: {_ranges(plot)}", (low, high))


def _ranges(plot: Plot) -> str:
    found = []
    for one in plot.series:
        known = [value for value in one.y if value is not None]
        if known:
            label = f"{one.label} " if one.label else ""
            found.append(f"{label}{min(known):.4g} to {max(known):.4g}")
    return ", ".join(found[:6])


def _table(preview: Preview) -> Iterable[Block]:
    number = max([len(preview.columns), *(len(row) for row in preview.rows[:_ROWS])])
    number = min(number, _COLUMNS)
    columns = _filled([short(name, _CELL) for name in preview.columns], number)
    rows = [_filled([_cell(cell) for cell in row], number) for row in preview.rows[:_ROWS]]
    numeric = frozenset(
        column for column in range(number) if rows and all(_is_number(row[column]) for row in rows)
    )
    yield Table(tuple(columns), tuple(tuple(row) for row in rows), numeric)
    if len(preview.rows) > _ROWS or len(preview.columns) > _COLUMNS:
        yield Paragraph("There is more of it: jobtui show has it.", "dim")


def _cell(text: str) -> str:
    """Give a cell as it is shown: of a number six digits."""
    if len(text) > 9 and "." in text and _is_number(text):
        return f"{float(text):.6g}"
    return short(text, _CELL)


def _filled(cells: Sequence[str], number: int) -> list[str]:
    return [*cells[:number], *([""] * (number - len(cells)))]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text == ""
    return True


def _items(preview: Preview, name: str, depth: int) -> Iterable[Block]:
    simple = [(label, one) for label, one in preview.items if one.kind in ("scalar", "none")]
    if simple:
        yield Facts(
            tuple(
                (label, Span(short(without_secrets(label, one.text or "None"), _CELL), "code"))
                for label, one in simple
            )
        )
    if depth >= _DEPTH:
        return
    for label, one in preview.items:
        if one.kind not in ("scalar", "none"):
            blocks = tuple(preview_blocks(one, f"{name}[{label}]", depth + 1))
            yield Fold(Span(label, "strong"), blocks, open=depth == 0 and len(preview.items) <= 6)
