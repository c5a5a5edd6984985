"""Which entries have arrived in stores far away, by the names that records give these stores."""

from __future__ import annotations

from collections.abc import Iterator

from jobtui_core.stores.spool.store import take_arrivals
from jobtui_core.tracing.sharing.used import name_of

__all__ = ["arrived"]

_ENTRY = ".entry"

_AT_ONCE = 500
"""Keys in one event: its line is written at once."""


def arrived() -> Iterator[tuple[str | None, list[str]]]:
    """Give the keys of what arrived since this was last called, store by store."""
    keys: dict[str, list[str]] = {}
    for url, name in take_arrivals():
        if name.endswith(_ENTRY):
            key = name.rpartition("/")[2].removesuffix(_ENTRY)
            keys.setdefault(url, []).append(key)
    for url, found in keys.items():
        for start in range(0, len(found), _AT_ONCE):
            yield name_of(url), found[start : start + _AT_ONCE]
