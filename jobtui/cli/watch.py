"""``jobtui run --watch``: run again what a saved edit makes stale; only ever on request."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui.cli.output import Output
from jobtui.cli.phrases import one_line
from jobtui.cli.run import run_selected
from jobtui.cli.signals import Signals
from jobtui.cli.status import not_fresh, problem
from jobtui.cli.words import Selection
from jobtui_core.records import ProjectStatus

if TYPE_CHECKING:
    from jobtui_core.project import Project

__all__ = ["run_on_save"]

_DEBOUNCE = 100
"""Milliseconds in which changes count as one: editors write a file in several steps."""

_LOOK = 200
"""Milliseconds between two looks whether a signal came."""

_Marks = dict[Path, tuple[int, int] | None]
"""Size and time of files; ``None`` for one that is not there."""


def run_on_save(project: Project, chosen: Selection, output: Output, options: Namespace) -> int:
    """Run what is not fresh, now and after every change that makes something stale.

    Returns
    -------
    int
        The code of the last run, once Ctrl+C or a signal ends it.
    """
    from jobtui_core.project import status

    jobs = options.jobs or 1
    recompute = tuple(options.recompute)
    current: Selection | None = chosen
    code = 0
    with Signals() as signals:
        while True:
            found = status(project, chosen.scripts, **chosen.keywords())
            before = _marks(_sources(project, found))
            if current is None:
                _say_nothing_to_run(found, output)
            else:
                code = run_selected(
                    project,
                    current,
                    output,
                    only=options.only,
                    recompute=recompute,
                    jobs=jobs,
                    replay=options.replay,
                    signals=signals,
                )
            # Asked for once, not after every save.
            recompute = ()
            if signals.cancel or signals.detach:
                return code
            output.line("watching; Ctrl+C ends", "dim")
            output.flush()
            if not _wait(project, chosen, before, signals, output):
                return code
            stale = not_fresh(status(project, chosen.scripts, **chosen.keywords()))
            current = replace(chosen, scripts=stale) if stale else None


def _say_nothing_to_run(found: ProjectStatus, output: Output) -> None:
    """Say why nothing runs after a save: what was saved may not be Python at the moment."""
    broken = [script for script in found.scripts if script.error is not None]
    for script in broken:
        output.line(f"{script.path} cannot be read: {one_line(problem(script))}", "bold red")
    if not broken:
        output.line("nothing that matters has changed", "dim")


def _sources(project: Project, found: ProjectStatus) -> tuple[Path, ...]:
    """Give the source files that the verdicts come from."""
    return tuple(project.root / name for script in found.scripts for name in script.sources)


def _marks(paths: Iterable[Path]) -> _Marks:
    marks: _Marks = {}
    for path in paths:
        try:
            stat = path.stat()
            marks[path] = (stat.st_size, stat.st_mtime_ns)
        except OSError:
            marks[path] = None
    return marks


def _settle(paths: Iterable[Path]) -> None:
    """Wait until nobody is writing: half a file would be taken for an edit of its own."""
    now = _marks(paths)
    while True:
        time.sleep(_DEBOUNCE / 1000)
        before, now = now, _marks(paths)
        if now == before:
            return


def _wait(
    project: Project, chosen: Selection, before: _Marks, signals: Signals, output: Output
) -> bool:
    """Wait until something changes that a verdict may depend on; tell whether it did.

    Sources that were edited since ``before`` was taken, while the scripts ran, count at once.
    """
    from watchfiles import watch

    from jobtui_core.project import status, watched

    files = set(watched(project, status(project, chosen.scripts, **chosen.keywords())))
    # Folders, since an editor puts a new file in the place of the old one.
    folders = {path.parent for path in files} | {project.root}

    def matters(change: object, name: str) -> bool:
        path = Path(name)
        return path in files or path.suffix == ".py"

    def changes(polling: bool) -> bool:
        for found in watch(
            *sorted(folder for folder in folders if folder.is_dir()),
            watch_filter=matters,
            debounce=_DEBOUNCE,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,
            force_polling=polling,
        ):
            if signals.cancel or signals.detach:
                return False
            if found or _marks(before) != before:
                _settle(before)
                return True
        return False

    try:
        return changes(polling=False)
    except OSError as error:
        output.line(f"files cannot be watched ({error}); looking at them instead", "yellow")
        return changes(polling=True)
