"""A folder of this machine before a store that is far away: what was read once is read here.

Only what never changes is copied: results, kept outputs and sources.  Copies are disposable.  They
may go at any time, are no larger together than they are allowed to be, and one that is damaged is
deleted by who finds out, and the object read from afar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from jobtui_core.errors import StoreError
from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Data, Listed, Part, Store

__all__ = ["TieredStore", "tier_of"]

_never_changes = re.compile(r"[^/]+/[^/]+/[^/]+\.entry|(?:blobs|code)/[^/]+").fullmatch


class TieredStore(StoreAround):
    """A store, and a nearer one that has copies of what was read from it and written to it.

    Parameters
    ----------
    near : Store
        A `LocalStore`, as a rule; nobody else's, and no other store's.
    far : Store
        The one that counts: it tells what there is.
    size : int, optional
        Bytes that the copies may take, as far as ``grew`` sees to that.
    grew : callable, optional
        Hears the bytes of each copy, and deletes those that are too many.
    copied : callable, optional
        Tells of a name whether the object may be copied: it is true of those that never change.

    Notes
    -----
    A part of an object is read from the copy, or asked for from afar, and makes no copy.  An
    object that somebody else deleted is there as long as its copy is.
    """

    def __init__(
        self,
        near: Store,
        far: Store,
        size: int | None = None,
        *,
        grew: Callable[[int], None] | None = None,
        copied: Callable[[str], Any] = _never_changes,
    ) -> None:
        super().__init__(far)
        self.near = near
        self.size = size
        self.grew = grew
        self._copied = copied

    @property
    def copies(self) -> Store | None:
        """The nearer store."""
        return self.near

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        if not self._copied(name):
            return self.inner.read(name, start, length)
        with suppress(StoreError):
            data = self.near.read(name, start, length)
            if data is not None:
                return data
        data = self.inner.read(name, start, length)
        if data is not None and start == 0 and length is None:
            self._copy_here(name, data)
        return data

    def stat(self, name: str) -> Listed | None:
        """See `Store.stat`."""
        if self._copied(name):
            with suppress(StoreError):
                listed = self.near.stat(name)
                if listed is not None:
                    return listed
        return self.inner.stat(name)

    def write(self, name: str, data: Data) -> None:
        """See `Store.write`; the copy is made even if the other one cannot be written just now."""
        try:
            self.inner.write(name, data)
        finally:
            if self._copied(name):
                self._copy_here(name, data)

    def write_if_absent(self, name: str, data: Data) -> bool:
        """See `Store.write_if_absent`."""
        new = self.inner.write_if_absent(name, data)
        if new and self._copied(name):
            self._copy_here(name, data)
        return new

    def _copy_here(self, name: str, data: Data) -> None:
        """Make a copy; a full disk and the like are no reason to do without the object itself."""
        with suppress(StoreError):
            try:
                self.near.write(name, data)
            except StoreError:
                # An older copy must not stand for what was written now.
                self.near.delete(name)
                raise
            if self.grew is not None:
                self.grew(_size(data))

    def delete(self, name: str) -> None:
        """See `Store.delete`."""
        self._forget([name])
        self.inner.delete(name)

    def delete_all(self, names: Iterable[str]) -> None:
        """See `Store.delete_all`."""
        gone = list(names)
        self._forget(gone)
        self.inner.delete_all(gone)

    def _forget(self, names: Sequence[str]) -> None:
        self.near.delete_all([name for name in names if self._copied(name)])

    def copy(self, source: str, target: str) -> None:
        """See `Store.copy`."""
        self.inner.copy(source, target)
        # What it was a copy of, if it was one, is another object now.
        self._forget([target])

    def sweep(self) -> None:
        """See `Store.sweep`."""
        self.near.sweep()
        self.inner.sweep()

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`: what is far, and then what is only near."""
        names: set[str] = set()
        for one in self.inner.list(prefix):
            if self._copied(one.name):
                names.add(one.name)
            yield one
        yield from self._only_near(prefix, names)

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`: what is far, and then what is only near."""
        names: set[str] = set()
        for page in self.inner.pages(prefix, size):
            names.update(one.name for one in page if self._copied(one.name))
            yield page
        rest = self._only_near(prefix, names)
        while page := list(islice(rest, size)):
            yield page

    def _only_near(self, prefix: str, names: set[str]) -> Iterator[Listed]:
        with suppress(StoreError):
            for one in self.near.list(prefix):
                if one.name not in names and self._copied(one.name):
                    yield one

    def __getstate__(self) -> dict[str, Any]:
        # In another process somebody else sees to the size.
        return {**super().__getstate__(), "grew": None}


def tier_of(store: Store) -> TieredStore | None:
    """Give the tier among what lies around a store, if there is one."""
    found: Store | None = store
    while isinstance(found, StoreAround) and not isinstance(found, TieredStore):
        found = found.inner
    return found if isinstance(found, TieredStore) else None


def _size(data: Data) -> int:
    return sum(len(one) for one in ([data] if isinstance(data, Part) else data))
