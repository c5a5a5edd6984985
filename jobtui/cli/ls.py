"""``jobtui ls``: the functions with results in a store, or the results of some."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobtui.cli.kept import (
    Found,
    chosen,
    details,
    list_rows,
    listed,
    opened,
    print_json,
    store_line,
)
from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.cli.places import understand
from jobtui.cli.progress import Progress
from jobtui.plain import clock_time, count, size

if TYPE_CHECKING:
    from jobtui_core.project import Catalogue

__all__ = ["run"]


def run(options: Namespace, output: Output) -> int:
    """List functions, or results."""
    from jobtui_core.project import open_project

    words = understand("ls", options.words, options.store)
    project = open_project()
    with Progress() as progress:
        catalogues = opened(project, words, "ls")
        listed(catalogues, progress)
        some = bool(words.names or words.filter)
        found = chosen(catalogues, words, progress) if some else ()
        if options.json:
            _print_json(
                found if some else [(one, one.rows) for one in catalogues], output, progress
            )
        elif some and not found:
            progress.clear()
            output.line("no result is like that")
        elif some:
            _list_results(found, output, progress)
        else:
            progress.clear()
            _list_functions(catalogues, output)
    return 0


def _list_functions(catalogues: Sequence[Catalogue], output: Output) -> None:
    from jobtui_core.project import sums

    for catalogue in catalogues:
        functions = sums(catalogue.rows, catalogue.known)
        if not functions:
            output.line(f"nothing is kept in {catalogue.place}")
            output.line(_elsewhere(catalogue))
            continue
        if output.terminal or len(catalogues) > 1:
            store_line(catalogue, output)
        rows: list[Sequence[Cell]] = [
            (
                (one_line(one.function), ""),
                (count(one.entries, "result"), ""),
                (size(one.size).rjust(7), ""),
                (clock_time(one.newest or None), "dim"),
            )
            for one in functions
        ]
        output.rows(rows, indent=2 if output.terminal else 0)
        if output.terminal:
            total = sum(one.entries for one in functions)
            output.line(f"{count(total, 'result')}, {size(sum(one.size for one in functions))}")


def _elsewhere(catalogue: Catalogue) -> str:
    """Say what else may be the matter where nothing is kept."""
    if catalogue.remote:
        return "a bucket or a folder that is not there looks the same: check its name"
    return "a Memory keeps what it has in a folder of its own: jobtui ls cache/"


def _list_results(found: Found, output: Output, progress: Progress) -> None:
    for catalogue, rows in found:
        if output.terminal:
            progress.clear()
            store_line(catalogue, output)
        list_rows(catalogue, rows, output, progress)


def _print_json(found: Found, output: Output, progress: Progress) -> None:
    from jobtui_core.project import details_to_json

    shown = []
    for catalogue, rows in found:
        newest = sorted(rows, key=lambda row: (-row.written, row.key))
        shown.append(details_to_json(catalogue, details(catalogue, newest, progress)))
    progress.clear()
    print_json(shown, output)
