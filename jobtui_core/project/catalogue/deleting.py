"""Deleting entries of a store: what would go, told beforehand, and then the deed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.project.catalogue.catalogue import Catalogue, Stop, never
from jobtui_core.project.catalogue.known import places_in_runs
from jobtui_core.project.catalogue.rows import Row
from jobtui_core.stores import open_store

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.records import StepStatus

__all__ = ["Deleted", "Removal", "delete_rows", "needed_by_stars", "removal", "steps_resting_on"]

_BATCH = 200
"""Entries that are deleted between two questions whether to go on: in one request, by a store that
can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What deleting some entries comes to."""

    rows: tuple[Row, ...]
    size: int
    """Bytes of them all."""
    seconds: float
    """Seconds that computing them took, of those whose facts are known."""
    timed: int
    """How many those are: with fewer than all, ``seconds`` is the least that it took."""
    functions: tuple[tuple[str, int], ...]
    """Functions with the number of their entries, the most first."""
    refused: str = ""
    """Why nothing can be deleted, in one sentence; empty where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """How far a deletion has come."""

    done: int
    """Entries that are deleted."""
    size: int
    """Bytes of these."""
    failed: int = 0
    """Entries that could not be."""
    problem: str = ""
    """Why the first of them could not."""


def removal(catalogue: Catalogue, rows: Iterable[Row]) -> Removal:
    """Tell what deleting entries comes to; the store is not asked.

    Parameters
    ----------
    catalogue : Catalogue
        With what is known of the entries; let it read their facts before, for their time.
    rows : iterable of Row
    """
    rows = tuple(rows)
    told = [facts.duration for row in rows if (facts := catalogue.known(row)) is not None]
    durations = [one for one in told if one is not None]
    functions = Counter(row.function for row in rows)
    return Removal(
        rows=rows,
        size=sum(row.size for row in rows),
        seconds=sum(durations),
        timed=len(durations),
        functions=tuple(functions.most_common()),
        refused=refusal(catalogue),
    )


def refusal(catalogue: Catalogue) -> str:
    """Say why nothing can be deleted of a store, if that is known; else nothing."""
    return f"{catalogue.place} is read-only: nothing can be deleted" if catalogue.read_only else ""


def delete_rows(catalogue: Catalogue, rows: Sequence[Row], stop: Stop = never) -> Iterator[Deleted]:
    """Delete entries, batch after batch; what was deleted when it stops is gone.

    Parameters
    ----------
    catalogue : Catalogue
    rows : sequence of Row
    stop : callable
        Asked between batches.

    Yields
    ------
    Deleted
        After each batch.

    Raises
    ------
    StoreError
        If the store is read-only.
    """
    if refused := refusal(catalogue):
        raise StoreError(refused, url=catalogue.url)
    done = size = failed = 0
    problem = ""
    waiting = iter(rows)
    try:
        while not stop() and (batch := list(islice(waiting, _BATCH))):
            troubles = _delete(catalogue, batch)
            problem = problem or next(filter(None, troubles), "")
            gone = [row for row, trouble in zip(batch, troubles, strict=True) if not trouble]
            done, failed = done + len(gone), failed + len(batch) - len(gone)
            size += sum(row.size for row in gone)
            yield Deleted(done=done, size=size, failed=failed, problem=problem)
            if failed and not done:
                # Nobody may delete here: to try it 100,000 times would tell no more.
                break
    finally:
        catalogue.keep()


def _delete(catalogue: Catalogue, rows: Sequence[Row]) -> list[str]:
    """Delete entries; give for each why it could not be, or nothing."""
    try:
        catalogue.delete(rows)
    except (StoreUnavailableError, StoreDeniedError) as error:
        return [error.message] * len(rows)
    except StoreError as error:
        if len(rows) == 1:
            return [error.message]
        # Which of them it was is not told; what is gone by now is deleted once more in vain.
        return [trouble for row in rows for trouble in _delete(catalogue, [row])]
    return [""] * len(rows)


def needed_by_stars(project: Project, rows: Iterable[Row]) -> int:
    """Count the entries among some that runs with a star need; nobody else deletes these."""
    from jobtui_core.upkeep.starred import needed_by_starred

    needed = needed_by_starred(project.root).keys
    return sum(row.key in needed for row in rows)


def steps_resting_on(
    project: Project, catalogue: Catalogue, rows: Iterable[Row]
) -> tuple[StepStatus, ...]:
    """Give the steps that are fresh now, and would have to be computed without some entries.

    Parameters
    ----------
    project : Project
    catalogue : Catalogue
    rows : iterable of Row

    Notes
    -----
    It takes as long as a status of the project.  A folder that neither the project nor its newest
    runs use is a copy at most, of which no step knows.
    """
    from jobtui_core.project.verdicts import status
    from jobtui_core.records import Verdict

    keys = {row.key for row in rows}
    if not keys or catalogue.kind != "jobtui":
        return ()
    if not catalogue.remote and catalogue.url not in _used(project):
        return ()
    return tuple(
        step
        for script in status(project).scripts
        for step in script.steps
        if step.verdict is Verdict.FRESH and not keys.isdisjoint(step.keys)
    )


def _used(project: Project) -> set[str]:
    """Give the URLs of the stores that the project and its newest runs use."""
    found = set()
    for place in (None, *places_in_runs(project.runs_folder)):
        with suppress(StoreError):
            store = project.open_store() if place is None else open_store(place, base=project.root)
            found.add(store.url)
    return found
