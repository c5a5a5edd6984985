"""What lies in a store: how many results, and how many bytes they and their outputs take.

In a local store a folder that did not change is not read again: entries never change, and a file
that comes, goes or is replaced changes the time of its folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from time import time
from typing import NamedTuple

from jobtui_core.stores import Listed, LocalStore, Store

__all__ = ["Contents", "Total", "is_entry", "is_output", "key_in"]

_SETTLED_NS = 2_000_000_000
"""Nanoseconds after its last change from which on a folder's time tells of the next one: clocks
of file systems are coarse, and those of servers differ a little from ours."""

_SUFFIX = ".entry"
_OUTPUTS = "blobs/"


class Total(NamedTuple):
    """What a store holds."""

    entries: int
    size: int
    """Bytes of entries and of kept outputs."""


def is_entry(name: str) -> bool:
    """Tell whether an object's name is that of a result."""
    return name.endswith(_SUFFIX) and name.count("/") == 2


def is_output(name: str) -> bool:
    """Tell whether an object's name is that of a kept output, or of the mark of one."""
    return name.startswith(_OUTPUTS)


def key_in(name: str) -> str:
    """Give what stands for the key in the name of an entry."""
    return name[name.rfind("/") + 1 : -len(_SUFFIX)]


class _Folder(NamedTuple):
    """A folder as it was when it was read."""

    changed: int
    inode: int
    folders: tuple[str, ...]
    objects: tuple[Listed, ...]
    """Left out where only the sums are wanted."""
    total: Total


class Contents:
    """The contents of one store, as of the latest look.

    Parameters
    ----------
    store : Store
    remember : bool
        Whether names are kept in memory too, for the next `objects`; 0.2 kB each.
    """

    def __init__(self, store: Store, *, remember: bool = False) -> None:
        self.store = store
        self._remember = remember
        self._folders: dict[str, _Folder] = {}

    def total(self) -> Total:
        """Add up what lies there.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        if not isinstance(self.store, LocalStore):
            return _sum(self.store.list())
        found = [folder.total for folder in self._walk(self.store)]
        return Total(sum(one.entries for one in found), sum(one.size for one in found))

    def objects(self) -> list[Listed]:
        """List what lies there: entries, kept outputs and everything else.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        if not (self._remember and isinstance(self.store, LocalStore)):
            return list(self.store.list())
        return [one for folder in self._walk(self.store) for one in folder.objects]

    def _walk(self, store: LocalStore) -> list[_Folder]:
        """Give all folders, those that did not change as they were."""
        before, now = self._folders, {}
        waiting = [""]
        while waiting:
            name = waiting.pop()
            folder = self._folder(store, name, before.get(name))
            if folder is not None:
                now[name] = folder
                waiting += folder.folders
        self._folders = now
        return list(now.values())

    def _folder(self, store: LocalStore, name: str, known: _Folder | None) -> _Folder | None:
        path = os.path.join(store.path, name)  # noqa: PTH118  one for each of many folders
        try:
            status = os.stat(path, follow_symlinks=not name)  # noqa: PTH116  as above
        except OSError:
            return None
        if known is not None and known[:2] == (status.st_mtime_ns, status.st_ino):
            return known
        folders, objects = store.list_folder(name)
        # What changed just now may change again without a new time.
        settled = time() * 1e9 - status.st_mtime_ns > _SETTLED_NS
        return _Folder(
            status.st_mtime_ns if settled else -1,
            status.st_ino,
            tuple(folders),
            tuple(objects) if self._remember else (),
            _sum(objects),
        )


def _sum(objects: Iterable[Listed]) -> Total:
    entries = size = 0
    for one in objects:
        if is_entry(one.name):
            entries += 1
            size += one.size
        elif is_output(one.name):
            size += one.size
    return Total(entries, size)
