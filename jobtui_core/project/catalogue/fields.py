"""What filters can ask of the entries of a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from jobtui_core.project.catalogue.rows import Facts, Row
from jobtui_core.project.filtering import UNKNOWN, Field, Fields, Filter, parse_filter

__all__ = ["EntryFilter", "Seen", "entry_filter", "select"]


class Seen(NamedTuple):
    """An entry as a filter sees it."""

    row: Row
    facts: Facts | None
    """``None`` where they are not known yet."""
    now: float
    """Seconds since the epoch."""


EntryFilter = Filter[Seen]


def _fact(name: str) -> Callable[[Seen], object]:
    def get(seen: Seen) -> object:
        return UNKNOWN if seen.facts is None else getattr(seen.facts, name)

    return get


def _words(seen: Seen) -> tuple[Iterable[str], bool]:
    row, facts, _ = seen
    texts = [row.function, row.key]
    if facts is None:
        return texts, False
    texts += [facts.what, facts.user, facts.host, facts.problem]
    texts += [f"{name}={text}" for name, text in facts.arguments.items()]
    return texts, True


FIELDS: Fields[Seen] = Fields(
    fields=(
        Field("fn", "text", lambda seen: seen.row.function, "name of the function", ("function",)),
        Field("key", "prefix", lambda seen: seen.row.key, "first digits of the key"),
        Field("size", "size", lambda seen: seen.row.size, "bytes: >10M"),
        Field("age", "span", lambda seen: seen.now - seen.row.written, "since written: <7d"),
        Field("took", "span", _fact("duration"), "time of computing: >10m"),
        Field("user", "text", _fact("user"), "who computed it"),
        Field("host", "text", _fact("host"), "the machine that did"),
        Field("type", "text", _fact("what"), "what the result is", ("what",)),
        Field("problem", "text", _fact("problem"), "why it cannot be read"),
    ),
    words=_words,
    arguments=lambda seen: UNKNOWN if seen.facts is None else seen.facts.arguments,
)
"""All of them."""


def entry_filter(text: str) -> EntryFilter:
    """Understand a filter of entries.

    Raises
    ------
    FilterError
        If it cannot be understood.
    """
    return parse_filter(text, FIELDS)


def select(
    rows: Iterable[Row],
    wanted: EntryFilter,
    known: Callable[[Row], Facts | None],
    now: float | None = None,
) -> tuple[list[Row], list[Row]]:
    """Give the entries for which a filter holds, and those for which it may.

    Parameters
    ----------
    rows : iterable of Row
    wanted : EntryFilter
    known : callable
        `Catalogue.known`.
    now : float, optional
        Seconds since the epoch.

    Returns
    -------
    tuple of list of Row
        Those in the second are decided once their facts are known.
    """
    now = time.time() if now is None else now
    sure: list[Row] = []
    maybe: list[Row] = []
    if not wanted:
        return list(rows), maybe
    for row in rows:
        found = wanted.test(Seen(row, known(row), now))
        if found:
            sure.append(row)
        elif found is None:
            maybe.append(row)
    return sure, maybe
