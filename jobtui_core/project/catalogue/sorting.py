"""Entries in the order of a column, and summed up by function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, get_args

from jobtui_core.project.catalogue.rows import Facts, FunctionSum, Row

__all__ = ["COLUMNS", "Column", "sort_rows", "sums"]

Column = Literal[
    "function", "key", "size", "written", "started", "duration", "host", "user", "what", "arguments"
]
"""What entries can be sorted by; those behind ``written`` only as far as their facts are known."""

COLUMNS: tuple[Column, ...] = get_args(Column)

Known = Callable[[Row], Facts | None]
"""What an entry says, if that is known: `Catalogue.known`."""


def sort_rows(rows: Iterable[Row], by: Column, known: Known, *, reverse: bool = False) -> list[Row]:
    """Sort entries; equal ones keep their order.

    Parameters
    ----------
    rows : iterable of Row
    by : str
        One of `COLUMNS`.
    known : callable
        `Catalogue.known`.
    reverse : bool
        The largest first.

    Returns
    -------
    list of Row
        Those of which it is not known stand at the end, whichever way it goes.
    """
    if by in ("function", "key", "size", "written"):
        return sorted(rows, key=lambda row: getattr(row, by), reverse=reverse)
    told: list[tuple[Any, Row]] = []
    rest = []
    for row in rows:
        value = _value(known(row), by)
        if value is None:
            rest.append(row)
        else:
            told.append((value, row))
    told.sort(key=lambda pair: pair[0], reverse=reverse)
    return [row for _, row in told] + rest


def _value(facts: Facts | None, by: Column) -> Any:
    if facts is None:
        return None
    if by == "arguments":
        return tuple(facts.arguments.items()) if facts.arguments else None
    value = getattr(facts, by)
    return None if value == "" else value


def sums(rows: Iterable[Row], known: Known) -> list[FunctionSum]:
    """Sum entries up by function, sorted by its name.

    Parameters
    ----------
    rows : iterable of Row
    known : callable
        `Catalogue.known`; what an entry took is told where its facts are known.
    """
    found: dict[str, list[Any]] = {}
    for row in rows:
        group = found.setdefault(row.function, [0, 0, 0.0, 0.0, 0])
        group[0] += 1
        group[1] += row.size
        group[2] = max(group[2], row.written)
        facts = known(row)
        if facts is not None and facts.duration is not None:
            group[3] += facts.duration
            group[4] += 1
    return [
        FunctionSum(
            function=name, entries=count, size=size, newest=newest, seconds=seconds, timed=timed
        )
        for name, (count, size, newest, seconds, timed) in sorted(found.items())
    ]
