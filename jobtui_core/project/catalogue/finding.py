"""From what people call results to entries: a function's name, or the first digits of a key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jobtui_core.entry import clean
from jobtui_core.errors import UnknownNameError
from jobtui_core.project.catalogue.catalogue import Catalogue
from jobtui_core.project.catalogue.rows import Row
from jobtui_core.project.nearest import hint, nearest

__all__ = ["find_rows", "is_key", "means", "short_name"]

_is_key = re.compile(r"[0-9a-f]{4,}").fullmatch
"""Digits of a key that name a result; fewer may be the beginning of a function's name."""

_CUT = "…"


def is_key(text: str) -> bool:
    """Tell whether a text may be a key, or the beginning of one."""
    return _is_key(text) is not None


def means(name: str, function: str) -> bool:
    """Tell whether a function may be called so: by its name, with what it lies in or without."""
    return bool(name) and f".{_dotted(function)}".endswith(f".{_dotted(name)}")


def short_name(function: str) -> str:
    """Give the name of a function without its module."""
    return function.rpartition(":")[2]


def _dotted(function: str) -> str:
    return function.replace(":", ".")


def find_rows(
    catalogues: Sequence[Catalogue], name: str
) -> tuple[tuple[Catalogue, tuple[Row, ...]], ...]:
    """Give the entries that a name means: those of a function, or those of a key.

    Parameters
    ----------
    catalogues : sequence of Catalogue
        That were listed.
    name : str
        Of a function, with or without what it lies in; or the first four digits of a key, or more.

    Returns
    -------
    tuple of (Catalogue, tuple of Row)
        Those that have any.

    Raises
    ------
    UnknownNameError
        If there are none.
    """
    found: list[tuple[Catalogue, tuple[Row, ...]]] = []
    known: dict[str, None] = {}
    for catalogue in catalogues:
        rows = catalogue.rows
        names = _functions(catalogue, rows)
        mine = {function for function, whole in names.items() if means(name, whole)}
        chosen = tuple(row for row in rows if row.function in mine)
        if not chosen and is_key(name):
            chosen = tuple(row for row in rows if row.key.startswith(name))
        if chosen:
            found.append((catalogue, chosen))
        known.update(dict.fromkeys(_dotted(whole) for whole in names.values()))
    if not found:
        near = nearest(name, [*known, *(one.rpartition(".")[2] for one in known)])
        places = " and ".join(clean(one.place, 300) for one in catalogues)
        raise UnknownNameError(
            f"nothing is kept of {clean(name, 200)!r} in {places}{hint(near)}",
            name=name,
            nearest=near,
        )
    return tuple(found)


def _functions(catalogue: Catalogue, rows: Iterable[Row]) -> dict[str, str]:
    """Give the functions of entries, by how rows tell them, with their whole names."""
    one_of_each = {row.function: row for row in rows}
    return {
        function: catalogue.detail(row).row.function if function.endswith(_CUT) else function
        for function, row in one_of_each.items()
    }
