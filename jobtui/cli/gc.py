"""``jobtui gc``: a store brought within limits, what was used longest ago first."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from time import time
from typing import TYPE_CHECKING, Any

from jobtui.cli.asking import DECLINED, agreed, must_be_able_to_ask
from jobtui.cli.kept import opened, print_json
from jobtui.cli.output import Output
from jobtui.cli.phrases import one_line
from jobtui.cli.places import Words, understand
from jobtui.cli.progress import Progress
from jobtui.cli.usage import UsageError
from jobtui.plain import count, size

if TYPE_CHECKING:
    from jobtui_core.limits import Limits
    from jobtui_core.project import Catalogue, Project
    from jobtui_core.upkeep.reducing import Freed

__all__ = ["run"]


def run(options: Namespace, output: Output) -> int:
    """Say what goes, ask, and delete it."""
    from jobtui_core.project import open_project

    words = understand("gc", options.words, options.store)
    if words.names or words.filter:
        word = words.names[0] if words.names else words.filter
        raise UsageError(
            f"jobtui gc takes a folder or a URL, and {word!r} is none; jobtui rm {word} deletes "
            "single results"
        )
    project = open_project()
    limits = _limits(project, options, words)
    if options.json and not options.dry_run:
        must_be_able_to_ask("gc", options)
    told = []
    for catalogue in opened(project, words, "gc"):
        collecting = _Collecting(project, catalogue, limits, options, output)
        if not collecting.done():
            output.line("nothing was deleted")
            return DECLINED
        told.append(collecting.to_json())
    if options.json:
        print_json(told, output)
    return 0


class _Collecting:
    """Bringing one store within limits."""

    def __init__(
        self,
        project: Project,
        catalogue: Catalogue,
        limits: Limits,
        options: Namespace,
        output: Output,
    ) -> None:
        self._project = project
        self._catalogue = catalogue
        self._limits = limits
        self._options = options
        self._output = output
        # One moment for both looks, so that what is shown is what then happens.
        self._now = time()
        self._freed: Freed | None = None

    def done(self) -> bool:
        """Say what goes, and delete it; tell whether that was agreed to."""
        freed = self._freed = self._look(dry_run=True)
        if freed is None:
            self._say(f"  {self._catalogue.kind}: left as it is")
        elif not _anything(freed):
            self._say(f": nothing goes; {_left(freed)}")
        elif self._options.dry_run:
            self._say(f": {_gone(freed)} would go; {_left(freed)} would be left")
        else:
            question = f"{one_line(self._catalogue.place)}: delete {_gone(freed)}?"
            if not agreed("gc", self._options, self._output, question):
                return False
            freed = self._freed = self._look(dry_run=False) or freed
            self._say(f": deleted {_gone(freed)}; {_left(freed)} left")
        return True

    def _look(self, *, dry_run: bool) -> Freed | None:
        from jobtui_core.project import collect

        place = one_line(self._catalogue.place)
        with Progress() as progress:
            return collect(
                self._project,
                self._catalogue,
                self._limits,
                keep_runs=self._options.keep_runs,
                dry_run=dry_run,
                now=self._now,
                seen=lambda what, seen: progress.count(f"{place}: {what}", seen),
            )

    def _say(self, text: str) -> None:
        if not self._options.json:
            self._output.line(f"{self._catalogue.place}{text}")

    def to_json(self) -> dict[str, Any]:
        """Give what went, or would; nothing of a cache of joblib's, which is left as it is."""
        catalogue, freed = self._catalogue, self._freed
        told = {
            "kind": catalogue.kind,
            "place": catalogue.place,
            "dry_run": self._options.dry_run,
        }
        return told if freed is None else {**told, **asdict(freed)}


def _limits(project: Project, options: Namespace, words: Words) -> Limits:
    from jobtui_core.limits import limits_of

    given = (options.max_size, options.max_items, options.older_than)
    if given == (None, None, None) and words.place is None:
        # Of the project's own store; they were checked when they were read.
        given = (project.config.max_size, None, project.config.max_age)
    if given == (None, None, None) and options.keep_runs is None:
        raise UsageError(
            "jobtui gc needs --max-size, --older-than, --max-items or --keep-runs; for the "
            "project's store, max_size and max_age in the settings will do"
        )
    try:
        return limits_of(*given)
    except ValueError as error:
        raise UsageError(f"jobtui gc: {error}") from error


def _anything(freed: Freed) -> bool:
    return bool(freed.entries or freed.outputs or freed.sources or freed.runs)


def _gone(freed: Freed) -> str:
    parts = [
        *([count(freed.entries, "result")] if freed.entries else []),
        *([count(freed.outputs, "kept output")] if freed.outputs else []),
        *([count(freed.runs, "record of a run", "records of runs")] if freed.runs else []),
        *([count(freed.sources, "source")] if freed.sources else []),
    ]
    return f"{' and '.join(parts)}, {size(freed.size)}"


def _left(freed: Freed) -> str:
    return f"{count(freed.left, 'result')}, {size(freed.size_left)}"
