"""What one result looks like: text, numbers, tables, plots and small pictures, line by line.

The command line and the app show the same lines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len

from jobtui.plain import count, plain, plain_lines, short
from jobtui.views.canvas import Paint
from jobtui.views.chart import chart_lines
from jobtui.views.heat import heat_lines
from jobtui.views.lines import Line, line
from jobtui.views.plot import bars, curve
from jobtui_core.records import Plot, Preview, Series

__all__ = ["picture_lines"]

_TEXT_LINES = 200
_COLUMN = 24
_PLOT = 12
"""Lines that a plot takes at most."""

_FEW = 40
"""Values of an array that are told beside its picture."""

_INNER = 4
"""Lines that the plot of a part of something takes."""


def picture_lines(
    preview: Preview, width: int, height: int, paint: Paint = "colours", depth: int = 0
) -> list[Line]:
    """Show one picture.

    Parameters
    ----------
    preview : Preview
    width, height : int
        Cells; a plot or small picture takes no more lines.
    paint : {"colours", "shades", "ascii"}
        What the terminal can show.
    depth : int
        How deep in other ones it is.
    """
    lines = _picture(preview, width, height, paint, depth)
    return [*lines, line((plain(preview.note), "dim"))] if preview.note else lines


def _picture(preview: Preview, width: int, height: int, paint: Paint, depth: int) -> list[Line]:
    if preview.kind == "array":
        return _array(preview, width, height, paint)
    if preview.kind in ("table", "image", "plot"):
        head = line((plain(preview.type), "title"), _shape(preview))
        return [head, *_drawn(preview, width, height, paint), *_table(preview, width)]
    if preview.kind in ("mapping", "sequence"):
        return _items(preview, width, paint, depth)
    if preview.kind == "none":
        return [line(("None", "value"))]
    if preview.kind == "scalar":
        return [line((plain(preview.text), "value"), (f"  {plain(preview.type)}", "dim"))]
    lines = [line((plain(preview.type), "dim"))] if preview.type else []
    lines += _text(preview)
    return lines or [line("")]


def _text(preview: Preview) -> list[Line]:
    lines = plain_lines(preview.text)
    shown = [line(text) for text in lines[:_TEXT_LINES]]
    if len(lines) > _TEXT_LINES:
        shown.append(line((f"… {count(len(lines) - _TEXT_LINES, 'more line')}", "dim")))
    return shown


def _drawn(preview: Preview, width: int, height: int, paint: Paint) -> list[Line]:
    """Show the plot or small picture, if there is one."""
    if preview.plot is not None:
        return chart_lines(preview.plot, width - 2, max(3, min(height, _PLOT)), paint)
    if preview.thumb is not None:
        room = 2 * _INNER if height <= _INNER else height - 2
        return heat_lines(preview.thumb, width - 2, max(room, 3), paint)
    return []


def _shape(preview: Preview) -> str:
    shape = " × ".join(map(str, preview.shape))
    return f"  {shape}" if shape else ""


def _array(preview: Preview, width: int, height: int, paint: Paint) -> list[Line]:
    head = line(
        (plain(preview.type), "title"), _shape(preview), (f"  {plain(preview.dtype)}", "dim")
    )
    lines = [head]
    numbers = (("min", preview.minimum), ("mean", preview.mean), ("max", preview.maximum))
    facts = [(name, f"{value:.6g}") for name, value in numbers if value is not None]
    if preview.missing:
        facts.append(("NaN", f"{preview.missing:,}"))
    if facts:
        spans = [span for name, text in facts for span in ((f"{name} ", "dim"), f"{text}   ")]
        lines.append(line(*spans))
    drawn = _drawn(preview, width, height, paint)
    if drawn:
        lines += [(), *drawn]
        height -= len(drawn)
    if not drawn or height > _INNER:
        lines += _curve(preview, width, max(3, min(height, _PLOT)) if not drawn else 3, paint)
    if drawn:
        told = preview.text if math.prod(preview.shape) <= _FEW else _remarks(preview.text)
        lines += [line((text, "dim")) for text in plain_lines(told)]
    elif len(lines) < 3:
        lines += [line(text) for text in plain_lines(preview.text)[:_TEXT_LINES]]
    return lines


def _remarks(text: str) -> str:
    """Give what a text says besides the values, which are drawn."""
    if text[:1] not in ("[", "m"):
        return text
    return "".join(text.partition(" (")[1:]).strip()


def _curve(preview: Preview, width: int, height: int, paint: Paint) -> list[Line]:
    """Draw an array of one dimension, or how often its values occur."""
    if any(value is not None for value in preview.line):
        if paint == "ascii":
            # The points are some of them, evenly spread from the first to the last.
            step = (math.prod(preview.shape) - 1) / max(len(preview.line) - 1, 1)
            x = tuple(number * step for number in range(len(preview.line)))
            plot = Plot(series=(Series(x=x, y=preview.line),))
            return [(), *chart_lines(plot, width, height, paint)]
        return [(), *(line((text, "accent")) for text in curve(preview.line, width - 2, height))]
    picture = bars(preview.histogram, width - 2, height)
    if not picture:
        return []
    low, high = (f"{value:.4g}" for value in (preview.minimum or 0, preview.maximum or 0))
    middle = " " * max(1, len(picture[0]) - len(low) - len(high))
    ends = line((f"{low}{middle}{high}", "dim"))
    return [(), *(line((text, "accent")) for text in picture), ends]


def _items(preview: Preview, width: int, paint: Paint, depth: int) -> list[Line]:
    lines = [line((plain(preview.type), "title"), _shape(preview))]
    if not preview.items:
        return [*lines, *(line(text) for text in plain_lines(preview.text)[:_TEXT_LINES])]
    for name, part in preview.items:
        head = line((f"{plain(name)} ", "name"))
        body = picture_lines(part, width - 2, _INNER, paint, depth + 1)
        if len(body) == 1 or depth > 3:
            lines.append(line("  ", *head, *body[0]))
        else:
            lines.append(line("  ", *head, *body[0]))
            lines += [line("  ", *rest) for rest in body[1:]]
    return lines


def _table(preview: Preview, width: int) -> list[Line]:
    columns = [short(plain(name), _COLUMN) for name in preview.columns]
    rows = [[short(plain(cell), _COLUMN) for cell in row] for row in preview.rows]
    number = max([len(columns), *map(len, rows)])
    if not number:
        return []
    columns += [""] * (number - len(columns))
    rows = [row + [""] * (number - len(row)) for row in rows]
    sizes = [max(cell_len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    kept, used = 0, 0
    while kept < number and used + sizes[kept] <= width - 2:
        used += sizes[kept] + 2
        kept += 1
    kept = max(kept, 1)

    def row_text(cells: Sequence[str]) -> str:
        pieces = (
            cell + " " * (size - cell_len(cell)) for cell, size in zip(cells, sizes, strict=True)
        )
        return "  ".join(list(pieces)[:kept])

    lines = [line((row_text(columns), "name")), *(line(row_text(row)) for row in rows)]
    if kept < number:
        lines.append(line((f"… {count(number - kept, 'more column')}", "dim")))
    return lines
