"""``jobtui du``: what takes the room in a store."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from jobtui.cli.kept import opened, print_json, store_line
from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.cli.places import understand
from jobtui.cli.progress import Progress
from jobtui.cli.usage import UsageError
from jobtui.plain import count, size

if TYPE_CHECKING:
    from jobtui_core.project import Catalogue
    from jobtui_core.project.catalogue.sizing import StoreSizes

__all__ = ["run"]


def run(options: Namespace, output: Output) -> int:
    """Add up a store."""
    from jobtui_core.project import open_project, sizes_to_json, store_sizes

    words = understand("du", options.words, options.store)
    if words.names or words.filter:
        word = words.names[0] if words.names else words.filter
        raise UsageError(
            f"jobtui du takes a folder or a URL, and {word!r} is none; jobtui ls {word} has "
            "the sizes of single results"
        )
    project = open_project()
    told = []
    with Progress() as progress:
        for catalogue in opened(project, words, "du"):
            listing = partial(progress.count, f"listing {one_line(catalogue.place)}")
            sizes = store_sizes(catalogue.view, listing)
            told.append((catalogue, sizes))
    if options.json:
        print_json([sizes_to_json(one, sizes) for one, sizes in told], output)
        return 0
    for catalogue, sizes in told:
        _show(catalogue, sizes, output, alone=len(told) == 1)
    return 0


def _show(catalogue: Catalogue, sizes: StoreSizes, output: Output, *, alone: bool) -> None:
    if output.terminal or not alone:
        store_line(catalogue, output)
    whole = sizes.size
    rows: list[Sequence[Cell]] = [
        _row(one.function, count(one.entries, "result"), one.size, whole, "")
        for one in sizes.functions
    ]
    rows += [
        _row(one.what, count(one.objects, "object"), one.size, whole, "dim") for one in sizes.others
    ]
    rows.append(_row("total", count(sizes.objects, "object"), whole, whole, "bold"))
    output.rows(rows, indent=2 if output.terminal else 0)


def _row(name: str, number: str, room: int, whole: int, style: str) -> Sequence[Cell]:
    share = f"{100 * room / whole:.0f} %" if whole else "-"
    return (
        (one_line(name), style),
        (number, style),
        (size(room).rjust(7), style),
        (share.rjust(5), style),
    )
