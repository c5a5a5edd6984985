"""``jobtui compare``: what differs between runs, and only that."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from jobtui.cli.diff import print_diff
from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.cli.progress import Progress
from jobtui.cli.usage import UsageError
from jobtui.plain import clock_time, plain_lines, short
from jobtui.views.differences import (
    KINDS,
    TITLES,
    letter,
    numbers_in_words,
    same_in_words,
    summary,
)
from jobtui_core.labbook import Comparison, Difference

__all__ = ["print_comparison", "run"]

_VALUE = 60
"""Characters of a value, where two runs stand side by side; fewer where there are more."""

_DIFFS = ("code", "input", "log", "environment")
"""Kinds whose details are lines with signs before them."""

_LINES = 60
"""Lines of one detail that are printed; the JSON has all that are kept."""

_SHOWN = 60
"""Differences of one kind that are printed."""

_DIFFER = 1


def run(options: Namespace, output: Output) -> int:
    """Compare runs of the project in the working directory."""
    from jobtui_core.project import compare, comparison_to_json, open_project

    kinds = _kinds(options.only)
    project = open_project()
    with Progress() as progress:
        found = compare(project, options.words, step=options.step, told=progress.say)
    if kinds:
        found = replace(
            found,
            differences=tuple(one for one in found.differences if one.kind in kinds),
            same=tuple(pair for pair in found.same if pair[0] in kinds),
        )
    if options.json:
        indent = 2 if output.terminal else None
        output.raw(json.dumps(comparison_to_json(found), indent=indent) + "\n")
    else:
        print_comparison(found, output)
    return _DIFFER if options.exit_code and found.differences else 0


def _kinds(asked: Sequence[str]) -> tuple[str, ...]:
    for kind in asked:
        if kind not in KINDS:
            near = get_close_matches(kind, KINDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
            raise UsageError(f"runs do not differ in {kind!r}; {hint}")
    return tuple(asked)


def print_comparison(comparison: Comparison, output: Output) -> None:
    """Write what differs, kind by kind; then what is the same, and what could not be compared."""
    rows: list[Sequence[Cell]] = [
        (
            (letter(number), "bold"),
            (one_line(info.id), ""),
            (one_line(info.script), ""),
            (info.state.value, ""),
            (clock_time(info.started), "dim"),
            (one_line(info.note), "dim"),
        )
        for number, info in enumerate(comparison.runs)
    ]
    output.rows(rows)
    for kind in KINDS:
        mine = comparison.of(kind)
        if mine:
            output.line()
            output.line(TITLES[kind], "bold")
            _print_kind(mine[:_SHOWN], len(comparison.runs), output)
            if len(mine) > _SHOWN:
                output.line(f"  … {len(mine) - _SHOWN:,} more; --json has them", "dim")
    output.line()
    differences = comparison.differences
    output.line(summary(differences), "" if differences else "green")
    same = same_in_words(comparison)
    if same:
        output.line(f"the same: {same}", "dim")
    if comparison.not_compared:
        output.line("not compared:", "yellow")
        for words in comparison.not_compared:
            output.line(f"  {one_line(words)}")


def _print_kind(differences: Sequence[Difference], runs: int, output: Output) -> None:
    width = _VALUE if runs == 2 else max(_VALUE * 2 // runs, 12)
    cells = {id(one): _cells(one, runs, width) for one in differences}
    widths = [max(len(row[n]) for row in cells.values()) for n in range(runs + 1)]
    # Between the columns there are two blanks, an arrow, and two blanks.
    fits = not output.terminal or 2 + sum(widths) + 5 * runs - 3 <= output.width
    before: tuple[str, tuple[str | None, ...]] | None = None
    for one in differences:
        address = one.subject, one.values
        if address != before and fits:
            pairs = zip(cells[id(one)], widths, strict=True)
            _print_row([text.ljust(size) for text, size in pairs], output)
        elif address != before:
            _print_below(one, output)
        before = address
        _print_detail(one, runs, output)


def _print_below(one: Difference, output: Output) -> None:
    """Write the sides below the subject, where they do not fit beside it."""
    output.line(f"  {one_line(one.subject)}", "cyan")
    for number, value in enumerate(one.values):
        output.line(f"    {letter(number)}  {'–' if value is None else one_line(value)}")


def _cells(one: Difference, runs: int, width: int) -> list[str]:
    """Give the subject and each run's side."""
    values = [*one.values, *[None] * (runs - len(one.values))]
    texts = ["–" if value is None else short(one_line(value), width) for value in values]
    return [short(one_line(one.subject), width), *texts]


def _print_row(cells: Sequence[str], output: Output) -> None:
    subject, first, *others = cells
    row = [(subject, "cyan"), (first, "")]
    for text in others:
        row += [("→" if len(others) == 1 else "|", "dim"), (text, "")]
    output.rows([row], indent=2)


def _print_detail(one: Difference, runs: int, output: Output) -> None:
    against = f"{letter(one.run)}: " if runs > 2 else ""
    is_diff = one.kind in _DIFFS or one.detail.startswith("--- ")
    # Of all places where a result differs the first is one: they stand in its detail.
    if one.where and (one.kind != "result" or is_diff or not one.detail):
        output.line(f"    {against}{one_line(one.where)}", "dim")
    elif against and one.detail:
        output.line(f"    {against.rstrip()}", "dim")
    if dict(one.numbers).get("places", 0) > 1:
        output.line(f"      {numbers_in_words(one)}")
    lines = one.detail.split("\n") if one.detail else []
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"… {len(lines) - _LINES} more lines"]
    if is_diff:
        # The names above a diff were said already.
        body = lines[2:] if lines[:1] and lines[0].startswith("--- ") else lines
        print_diff("\n".join(body), output, indent=6)
        return
    for text in plain_lines("\n".join(lines)) if lines else ():
        output.line(f"      {text}")
