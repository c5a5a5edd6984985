"""What a step's result looks like, from the pictures stored with it: the text of the third tab."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from jobtui.plain import count, plain, plain_lines, short
from jobtui.views.lines import Line, line
from jobtui.views.plot import bars, curve
from jobtui_core.records import Preview, StepStatus, Verdict

__all__ = ["picture_lines", "result_lines"]

_TEXT_LINES = 200
_COLUMN = 24


def result_lines(
    step: StepStatus, previews: Sequence[Preview], *, width: int, height: int
) -> list[Line]:
    """Show the pictures of a step's newest results.

    Parameters
    ----------
    step : StepStatus
    previews : sequence of Preview
        One for every call of the newest run that reached the step.
    width, height : int
        Cells of the pane, for the plots.
    """
    if not previews:
        return [line((_nothing(step), "dim"))]
    lines: list[Line] = []
    if step.verdict not in (Verdict.FRESH, Verdict.UNUSED):
        lines += [line(("This is the last stored result, from before the change.", "warn")), ()]
    for number, preview in enumerate(previews):
        if len(previews) > 1:
            lines.append(line((f"call {number + 1} of {len(previews)}", "dim")))
        lines += picture_lines(preview, width, max(height - 6, 3) if len(previews) == 1 else 4)
        lines.append(())
    return lines


def _nothing(step: StepStatus) -> str:
    if step.last_run is None and not step.makers:
        return "No result yet: it never ran.  r runs it."
    if step.verdict is Verdict.RUNNING:
        return "No result yet: it is running."
    return "No stored result: it was evicted, could not be stored, or its call failed."


def picture_lines(preview: Preview, width: int, height: int, depth: int = 0) -> list[Line]:
    """Show one picture; a plot takes ``height`` lines at most, in cells as ``width``."""
    if preview.kind == "array":
        return _array(preview, width, height)
    if preview.kind == "table":
        return [line((plain(preview.type), "title"), _shape(preview)), *_table(preview, width)]
    if preview.kind in ("mapping", "sequence"):
        return _items(preview, width, depth)
    if preview.kind == "none":
        return [line(("None", "value"))]
    if preview.kind == "scalar":
        return [line((plain(preview.text), "value"), (f"  {plain(preview.type)}", "dim"))]
    lines = plain_lines(preview.text)
    shown = [line(text) for text in lines[:_TEXT_LINES]]
    if len(lines) > _TEXT_LINES:
        shown.append(line((f"… {count(len(lines) - _TEXT_LINES, 'more line')}", "dim")))
    return [line((plain(preview.type), "dim")), *shown]


def _shape(preview: Preview) -> str:
    shape = " × ".join(map(str, preview.shape))
    return f"  {shape}" if shape else ""


def _array(preview: Preview, width: int, height: int) -> list[Line]:
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
    height = max(3, min(height, 12))
    picture = curve(preview.line, width - 2, height)
    if not picture:
        picture = bars(preview.histogram, width - 2, height)
    if picture:
        lines += [(), *(line((text, "accent")) for text in picture)]
        if not any(value is not None for value in preview.line):
            low, high = (f"{value:.4g}" for value in (preview.minimum or 0, preview.maximum or 0))
            middle = " " * max(1, len(picture[0]) - len(low) - len(high))
            lines.append(line((f"{low}{middle}{high}", "dim")))
    if preview.text and not picture:
        lines += [line(text) for text in plain_lines(preview.text)[:_TEXT_LINES]]
    return lines


def _items(preview: Preview, width: int, depth: int) -> list[Line]:
    lines = [line((plain(preview.type), "title"), _shape(preview))]
    if not preview.items:
        return [*lines, *(line(text) for text in plain_lines(preview.text)[:_TEXT_LINES])]
    for name, part in preview.items:
        head = line((f"{plain(name)} ", "name"))
        body = picture_lines(part, width - 2, 3, depth + 1)
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
