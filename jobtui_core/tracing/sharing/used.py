"""The stores that this process works with, for what is to be written to them in the end.

They were opened with options and credentials that no record tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui_core.stores import Store

__all__ = ["name_of", "note_store", "used_store", "used_stores"]

_used: dict[str | None, Store] = {}


def note_store(store: Store, name: str | None) -> None:
    """Take note of a store by the name that records give it; ``None`` is the project's."""
    _used[name] = store


def used_store(name: str | None) -> Store | None:
    """Give a store that was noted."""
    return _used.get(name)


def name_of(url: str) -> str | None:
    """Give the name that records give to the store at a URL; ``None`` for the project's."""
    return next((name for name, store in _used.items() if store.url == url), url)


def used_stores() -> tuple[Store, ...]:
    """Give all stores that were noted."""
    return tuple(_used.values())
