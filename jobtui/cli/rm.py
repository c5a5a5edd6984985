"""``jobtui rm``: deleting results of a store, or records of runs, after showing which."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobtui.cli.asking import DECLINED, agreed, must_be_able_to_ask
from jobtui.cli.kept import Found, chosen, list_rows, listed, need_names, opened, print_json
from jobtui.cli.output import Output
from jobtui.cli.places import understand
from jobtui.cli.progress import Progress
from jobtui.cli.rm_runs import remove
from jobtui.cli.show_run import are_runs
from jobtui.cli.signals import Signals
from jobtui.cli.usage import UsageError
from jobtui.plain import count, duration, size
from jobtui_core.errors import StoreError

if TYPE_CHECKING:
    from jobtui_core.project import Catalogue, Project
    from jobtui_core.project.catalogue.deleting import Deleted
    from jobtui_core.project.catalogue.rows import Row

__all__ = ["run"]

_SHOWN = 50
"""Results of a store that are listed before it is asked; more are counted."""

FAILED, INTERRUPTED = 1, 130


def run(options: Namespace, output: Output) -> int:
    """Show what goes, ask, and delete it."""
    from jobtui_core.project import open_project

    if options.store is None and are_runs(options.words, "rm"):
        return remove(options, output)
    if options.force:
        raise UsageError("--force is about runs with a star: jobtui rm RUN --force")
    words = understand("rm", options.words, options.store)
    need_names(words, "rm")
    project = open_project()
    with Progress() as progress:
        catalogues = opened(project, words, "rm")
        listed(catalogues, progress)
        found = chosen(catalogues, words, progress)
        if options.json:
            must_be_able_to_ask("rm", options)
        elif not found:
            output.line("no result is like that")
            return 0
        else:
            _show(found, output, progress)
    if not agreed("rm", options, output, _question(project, found)):
        output.line("nothing was deleted")
        return DECLINED
    return _delete(found, options, output)


def _show(found: Found, output: Output, progress: Progress) -> None:
    from jobtui_core.project import removal

    for catalogue, rows in found:
        if refused := removal(catalogue, rows).refused:
            raise StoreError(refused, url=catalogue.url)
        list_rows(catalogue, rows[:_SHOWN], output, progress)
        if len(rows) > _SHOWN:
            output.line(f"… and {count(len(rows) - _SHOWN, 'result')} more")


def _question(project: Project, found: Found) -> str:
    from jobtui_core.project import needed_by_stars, removal

    starred = sum(needed_by_stars(project, rows) for _, rows in found)
    told = [removal(catalogue, rows) for catalogue, rows in found]
    number, room = sum(len(one.rows) for one in told), sum(one.size for one in told)
    seconds, timed = sum(one.seconds for one in told), sum(one.timed for one in told)
    took = f", computed in {'' if timed == number else 'at least '}{duration(seconds)}"
    stars = f"; runs with a star need {starred} of them" if starred else ""
    return f"Delete {count(number, 'result')}, {size(room)}{took if timed else ''}{stars}?"


def _delete(found: Found, options: Namespace, output: Output) -> int:
    told: list[tuple[Catalogue, Deleted]] = []
    with Signals() as signals, Progress() as progress:
        for catalogue, rows in found:
            if not signals.cancel:
                told.append((catalogue, _delete_of(catalogue, rows, signals, progress)))
    done, room = sum(one.done for _, one in told), sum(one.size for _, one in told)
    failed = sum(one.failed for _, one in told)
    problem = next((one.problem for _, one in told if one.problem), "")
    if options.json:
        print_json(
            [
                {
                    "kind": one.kind,
                    "place": one.place,
                    "deleted": deleted.done,
                    "size": deleted.size,
                    "failed": deleted.failed,
                    "problem": deleted.problem,
                }
                for one, deleted in told
            ],
            output,
        )
    else:
        before = "stopped: " if signals.cancel else ""
        output.line(f"{before}deleted {count(done, 'result')}, {size(room)}")
        if failed:
            output.line(f"{count(failed, 'result')} could not be deleted: {problem}", "red")
    return INTERRUPTED if signals.cancel else FAILED if failed else 0


def _delete_of(
    catalogue: Catalogue, rows: Sequence[Row], signals: Signals, progress: Progress
) -> Deleted:
    from jobtui_core.project import delete_rows
    from jobtui_core.project.catalogue.deleting import Deleted

    last = Deleted(done=0, size=0)
    for last in delete_rows(catalogue, rows, lambda: signals.cancel):
        progress.say(f"deleting: {last.done:,} of {len(rows):,}")
    return last
