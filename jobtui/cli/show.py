"""``jobtui show``: all that a store tells of some results, or all that is known of runs."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from jobtui.cli.kept import (
    chosen,
    details,
    listed,
    need_names,
    opened,
    print_json,
    result_in_words,
)
from jobtui.cli.output import Output
from jobtui.cli.phrases import one_line
from jobtui.cli.pictures import show_picture
from jobtui.cli.places import understand
from jobtui.cli.progress import Progress
from jobtui.cli.show_run import are_runs, show_runs
from jobtui.cli.usage import UsageError
from jobtui.plain import clock_time, duration, plain_lines, size

if TYPE_CHECKING:
    from jobtui_core.project import Catalogue
    from jobtui_core.project.catalogue.rows import Detail

__all__ = ["run"]

_TOLD = ("scalar", "none", "opaque")
"""Kinds of results of which the few words beside them tell all."""


def run(options: Namespace, output: Output) -> int:
    """Show results, or runs."""
    from jobtui_core.project import details_to_json, open_project

    if options.store is None and are_runs(options.words, "show"):
        return show_runs(options, output)
    if options.diff:
        raise UsageError("--diff shows the uncommitted changes of a run: jobtui show last --diff")
    if options.figures:
        raise UsageError("--figures writes those of a run: jobtui show last --figures FOLDER")
    words = understand("show", options.words, options.store)
    need_names(words, "show")
    project = open_project()
    with Progress() as progress:
        catalogues = opened(project, words, "show")
        listed(catalogues, progress)
        found = chosen(catalogues, words, progress)
        told = [(one, list(details(one, rows, progress))) for one, rows in found]
    if options.json:
        print_json([details_to_json(one, mine) for one, mine in told], output)
        return 0
    for catalogue, mine in told:
        for detail in mine:
            _show(catalogue, detail, output)
    return 0


def _show(catalogue: Catalogue, detail: Detail, output: Output) -> None:
    row, facts = detail.row, detail.facts
    output.line(f"{one_line(row.function)}  {row.key}", "bold")
    who = "@".join(part for part in (facts.user, facts.host) if part)
    rows = [
        (
            "store",
            f"{catalogue.place} ({catalogue.kind}{', read-only' * bool(catalogue.read_only)})",
        ),
        ("called", clock_time(facts.started) or "not recorded"),
        ("took", duration(facts.duration) or "not recorded"),
        *([("by", who)] if who else []),
        *([("in run", detail.run)] if detail.run else []),
        ("written", clock_time(row.written)),
        ("size", size(row.size)),
        ("result", result_in_words(facts)),
        *((f"{name} =", text) for name, text in facts.arguments.items()),
        *(("reads", path) for path in detail.files),
        *(("writes", path) for path in detail.outputs),
    ]
    output.rows([((one_line(a), "dim"), (one_line(b), "")) for a, b in rows], indent=2)
    preview = detail.preview
    if preview is not None and (preview.kind not in _TOLD or preview.note):
        output.line()
        show_picture(preview, output)
    code = catalogue.code(row)
    if code:
        output.line()
        for text in plain_lines(code.rstrip("\n")):
            output.line(f"    {text}", exact=True)
    output.line()
