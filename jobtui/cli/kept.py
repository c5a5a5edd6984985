"""Results in stores, for the commands that list, show and delete them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.cli.places import Words
from jobtui.cli.progress import Progress
from jobtui.cli.usage import UsageError
from jobtui.plain import clock_time, duration, size
from jobtui_core.errors import StoreError, UnknownNameError

if TYPE_CHECKING:
    from jobtui_core.project import Catalogue, Project
    from jobtui_core.project.catalogue.rows import Detail, Facts, Row

__all__ = [
    "Found",
    "arguments_of",
    "chosen",
    "details",
    "list_rows",
    "listed",
    "need_names",
    "opened",
    "print_json",
    "result_in_words",
    "store_line",
]

Found = Sequence[tuple["Catalogue", Sequence["Row"]]]
"""Stores with some of their entries."""

_KEY = 10
"""Digits of a key that are shown in a list, and enough to name it."""


def opened(project: Project, words: Words, command: str) -> Sequence[Catalogue]:
    """Open the stores at a place.

    Raises
    ------
    StoreError
        If there are none; what else the word may have meant is said too.
    """
    from jobtui_core.project import open_catalogues

    try:
        return open_catalogues(project, words.place)
    except StoreError as error:
        place = words.place or ""
        if not words.guessed or "/" in place or type(error) is not StoreError:
            raise
        raise StoreError(
            f"{error.message}; {place!r} is taken for that folder, and for a function "
            f"of the project's store with jobtui {command} --store "
            f"{project.store_location} {place}"
        ) from error


def listed(catalogues: Sequence[Catalogue], progress: Progress) -> None:
    """List stores to their ends."""
    for catalogue in catalogues:
        for page in catalogue.pages():
            progress.count(f"listing {one_line(catalogue.place)}", page.seen)


def chosen(catalogues: Sequence[Catalogue], words: Words, progress: Progress) -> Found:
    """Give the entries that words name, of stores that were listed, the newest first.

    Raises
    ------
    UnknownNameError
        If one of the names names nothing.
    FilterError
        If the filter cannot be understood.
    """
    from jobtui_core.project import entry_filter, find_rows

    wanted = entry_filter(words.filter)
    named: dict[int, dict[str, Row]] = {}
    for name in words.names:
        try:
            found = find_rows(catalogues, name)
        except UnknownNameError as error:
            if words.place is not None:
                raise
            raise UnknownNameError(
                f"{one_line(name)!r} is no folder, and {error.message}",
                name=name,
                nearest=error.facts.get("nearest", ()),
            ) from error
        for catalogue, rows in found:
            named.setdefault(id(catalogue), {}).update({row.name: row for row in rows})
    told = []
    for catalogue in catalogues:
        mine = list(named.get(id(catalogue), {}).values()) if words.names else catalogue.rows
        passing = _passing(catalogue, mine, wanted, progress)
        if passing:
            told.append((catalogue, passing))
    return told


def _passing(
    catalogue: Catalogue, rows: Sequence[Row], wanted: Any, progress: Progress
) -> list[Row]:
    """Give the rows for which a filter holds, reading what has to be known for it."""
    from jobtui_core.project import select

    sure, maybe = select(rows, wanted, catalogue.known)
    if maybe:
        facts = dict(_facts(catalogue, maybe, progress))
        sure += select(maybe, wanted, facts.get)[0]
    return sorted(sure, key=lambda row: (-row.written, row.key))


def _facts(
    catalogue: Catalogue, rows: Sequence[Row], progress: Progress
) -> Iterable[tuple[Row, Facts]]:
    for number, told in enumerate(catalogue.facts(rows)):
        progress.count(f"reading {one_line(catalogue.place)}", number + 1)
        yield told


def details(catalogue: Catalogue, rows: Sequence[Row], progress: Progress) -> Iterable[Detail]:
    """Give all that there is about entries, in their order, some at a time where that is slow."""
    if not catalogue.remote:
        for number, row in enumerate(rows):
            progress.count(f"reading {one_line(catalogue.place)}", number + 1)
            yield catalogue.detail(row)
        return
    from jobtui_core.upkeep.together import together

    found: dict[Row, Detail] = {}
    for done in together(rows, catalogue.detail, threads=8):
        if done is not None:
            if done.error is not None:
                raise done.error
            assert done.result is not None
            found[done.item] = done.result
        progress.count(f"reading {one_line(catalogue.place)}", len(found))
    yield from (found[row] for row in rows)


def list_rows(
    catalogue: Catalogue, rows: Sequence[Row], output: Output, progress: Progress
) -> None:
    """Write a line for each entry, the newest first."""
    told = list(_facts(catalogue, rows, progress))
    told.sort(key=lambda pair: (-(pair[1].started or pair[0].written), pair[0].key))
    progress.clear()
    output.rows([_line(row, facts) for row, facts in told], indent=2 if output.terminal else 0)


def _line(row: Row, facts: Facts) -> Sequence[Cell]:
    return (
        (row.key[:_KEY], "bold"),
        (one_line(row.function), ""),
        (clock_time(facts.started or row.written), "dim"),
        ((duration(facts.duration) or "-").rjust(7), "dim"),
        (size(row.size).rjust(7), ""),
        (result_in_words(facts), "red" if facts.problem else ""),
        (arguments_of(facts), "dim"),
    )


def arguments_of(facts: Facts) -> str:
    """Write the arguments of a call."""
    return one_line(", ".join(f"{name}={text}" for name, text in facts.arguments.items()))


def result_in_words(facts: Facts) -> str:
    """Write what a result is, or why that is not known."""
    return one_line(facts.what or facts.problem or "-")


def store_line(catalogue: Catalogue, output: Output) -> None:
    """Write which store it is."""
    closed = ", read-only" if catalogue.read_only else ""
    output.line(f"{catalogue.place}  {catalogue.kind}{closed}", "bold")


def print_json(shown: object, output: Output) -> None:
    """Write JSON."""
    output.raw(json.dumps(shown, indent=2) + "\n")


def need_names(words: Words, command: str) -> None:
    """Refuse a command that is about certain results and names none.

    Raises
    ------
    UsageError
        Then.
    """
    if not words.names and not words.filter:
        raise UsageError(
            f"jobtui {command} needs a function, a key or a filter; jobtui ls has them"
        )
