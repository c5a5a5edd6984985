"""In what runs differ: the text of the comparison."""

from __future__ import annotations

from collections.abc import Sequence

from jobtui.glyphs import RUN_GLYPHS
from jobtui.plain import clock_time, count, duration, plain, short
from jobtui.views.diff import diff_lines
from jobtui.views.differences import TITLES, letter, same_in_words
from jobtui.views.lines import Line, Span, line
from jobtui.views.run import STATE_INKS
from jobtui_core.labbook import Comparison, Difference, FigureInfo
from jobtui_core.records import RunInfo

__all__ = ["comparison_lines"]

_NAMES = {
    "max_abs": "max |Δ|",
    "max_rel": "relative",
    "count": "differing",
    "size": "of",
    "nan": "NaN",
    "infinite": "infinite",
    "share": "share of pixels",
    "max": "largest difference",
}

_WIDEST = 100


def comparison_lines(found: Comparison) -> list[Line]:
    """Show what differs, and only that."""
    lines = _runs(found.runs)
    names = [letter(place) for place in range(len(found.runs))]
    # In the order and by the words of ``jobtui compare``.
    for kind, title in TITLES.items():
        differences = found.of(kind)
        if differences:
            lines += [(), line((title.capitalize(), "heading"), (f"  {len(differences)}", "dim"))]
            for one in differences:
                lines += _difference(one, names)
    if not found.differences:
        lines += [(), line(("Nothing that was compared differs.", "good"))]
    if found.same:
        lines += [(), line((f"The same: {same_in_words(found)}", "dim"))]
    if found.not_compared:
        lines += [(), line(("Not compared", "title"))]
        lines += [line(("  ? ", "unsure"), plain(text)) for text in found.not_compared]
    return lines


def _runs(runs: Sequence[RunInfo]) -> list[Line]:
    lines = []
    for place, run in enumerate(runs):
        took = run.ended - run.started if run.ended and run.started else None
        told = (clock_time(run.started), duration(took), plain(run.note.partition("\n")[0]))
        lines.append(
            line(
                (f"{letter(place)}  ", "accent"),
                (f"{RUN_GLYPHS[run.state]} {run.state.value:<9} ", STATE_INKS[run.state]),
                (plain(run.script), "name"),
                f"  {plain(run.id)}",
                ("  " + "  ".join(filter(None, told)), "dim"),
            )
        )
    return lines


def _difference(one: Difference, names: Sequence[str]) -> list[Line]:
    spans: list[Span] = [(f"  {plain(one.subject)}", "name")]
    if len(names) > 2 and (one.detail or one.numbers or one.where):
        spans.append((f"  {names[0]} and {names[min(one.run, len(names) - 1)]}", "dim"))
    lines = [line(*spans)]
    short_ones = all(len(value or "") <= 40 for value in one.values)
    if any(one.values):
        if short_ones and len(one.values) == 2:
            old, new = (_value(value) for value in one.values)
            lines = [line(*spans, ("  ", ""), (old, "remove"), (" → ", "dim"), (new, "add"))]
        else:
            lines += [
                line((f"    {name} ", "accent"), _value(value))
                for name, value in zip(names, one.values, strict=False)
            ]
    if one.numbers and not (one.kind == "result" and one.detail):
        # What is told of a result in words has the numbers in it, place by place.
        told = [f"{plain(_NAMES.get(name, name))} {number:.6g}" for name, number in one.numbers]
        where = f"  at {plain(one.where)}" if one.where else ""
        lines.append(line(("    " + "  ".join(told), "value"), (where, "dim")))
    elif one.where and not one.detail:
        lines.append(line((f"    at {plain(one.where)}", "dim")))
    for name, figure in zip(names, one.figures, strict=False):
        lines.append(line((f"    {name} ", "accent"), (_figure(figure), "dim")))
    if one.detail:
        lines += [line(("    ", ""), *spans) for spans in diff_lines(one.detail)]
    return lines


def _value(value: str | None) -> str:
    return "(none)" if value is None else plain(short(value, _WIDEST))


def _figure(figure: FigureInfo | None) -> str:
    if figure is None:
        return "(none)"
    size = f"{figure.width} × {figure.height}" if figure.width and figure.height else ""
    return "  ".join(filter(None, (plain(figure.name), size, plain(figure.png[:8]))))


def sentence(found: Comparison) -> str:
    """Sum up how much differs."""
    number = len(found.differences)
    return count(number, "difference") if number else "no difference"
