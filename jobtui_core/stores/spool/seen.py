"""What is on its way to a store, as readers on this machine see it: from all processes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from jobtui_core.errors import StoreError
from jobtui_core.stores.base import Listed
from jobtui_core.stores.spool.files import file_of, look
from jobtui_core.stores.spool.folders import Folder, Folders

__all__ = ["Item", "list_spooled", "read_spooled", "stat_spooled"]

_BLOCK = 4096
"""Bytes that even the smallest file takes."""


class Item(NamedTuple):
    """One object on its way."""

    name: str
    size: int
    place: Folder
    """Own, or of a process that is gone."""

    @property
    def taken(self) -> int:
        """Bytes on the disk, about."""
        return max(self.size, _BLOCK)


def read_spooled(
    item: Item | None, folders: Folders, name: str, start: int = 0, length: int | None = None
) -> bytes | None:
    """Give an object, or a part of it; ``None`` if it is not on its way.

    Parameters
    ----------
    item : Item, optional
        What this process has of that name.
    folders : Folders
    name : str
    start, length
        As for `Store.read`.
    """
    file = file_of(name)
    with suppress(StoreError):
        if item is not None:
            data = _part(item.place, file, item.size, start, length)
            if data is not None:
                return data
        for other in folders.others():
            found = look(other, file)
            if found is not None and found.name == name:
                data = _part(other, file, found.size, start, length)
                if data is not None:
                    return data
    return None


def stat_spooled(item: Item | None, folders: Folders, name: str) -> Listed | None:
    """Give size and time of an object; ``None`` if it is not on its way."""
    with suppress(StoreError):
        if item is not None:
            return _listed(item.place, name, item.size)
        for other in folders.others():
            found = look(other, file_of(name))
            if found is not None and found.name == name:
                return _listed(other, name, found.size)
    return None


def list_spooled(items: Iterable[Item], folders: Folders, prefix: str) -> dict[str, Listed]:
    """Give the objects whose names begin with ``prefix``, by name."""
    found: dict[str, Listed] = {}
    for other in folders.others():
        for _, name, size in other.files():
            if name.startswith(prefix):
                _add(found, other, name, size)
    for item in items:
        if item.name.startswith(prefix):
            _add(found, item.place, item.name, item.size)
    return found


def _part(place: Folder, file: str, size: int, start: int, length: int | None) -> bytes | None:
    rest = max(0, size - start)
    if length is not None:
        rest = min(rest, max(0, length))
    if rest == 0:
        return b"" if place.stat(file) is not None else None
    data = place.read(file, start, rest)
    # One of another size has taken its place.
    return data if data is not None and len(data) == rest else None


def _listed(place: Folder, name: str, size: int) -> Listed | None:
    listed = place.stat(file_of(name))
    return None if listed is None else Listed(name, size, listed.mtime)


def _add(found: dict[str, Listed], place: Folder, name: str, size: int) -> None:
    # What cannot be looked at is not seen.
    with suppress(StoreError):
        listed = _listed(place, name, size)
        if listed is not None:
            found[name] = listed
