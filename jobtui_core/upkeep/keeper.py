"""Holding a store to its limits while it is written to.

Looking through a store takes the longer the more there is, so that it is not done at every write:
what this process writes is counted, and only when that could make a difference the store is looked
at, folder by folder, those that did not change excepted.  Several processes each do so for their
own part; they see each other's writes at their next look.
"""

from __future__ import annotations

import os
import threading
from time import monotonic

from jobtui_core.limits import Limits
from jobtui_core.root import process_root
from jobtui_core.stores import Store, UnchangedStore
from jobtui_core.tracing.files import quiet
from jobtui_core.upkeep.contents import Contents
from jobtui_core.upkeep.reducing import reduce_store
from jobtui_core.upkeep.starred import NOTHING_NEEDED, Needed, needed_by_starred

__all__ = ["Keeper", "keeper_of"]

_MANY = 100
"""Entries from which on more is deleted than need be, lest each write is followed by a look."""

_DOWN_TO = 0.9
"""Of the limit: what is left then."""

_LEAST = 0.01
"""Of the limit: what is written without a look at least."""

_SHARE = 0.25
"""Of what there is room for: what is written without a look.  Others write, too."""

_AGE_SHARE = 0.05
_SHORTEST, _LONGEST = 60.0, 86_400.0
"""Seconds between two looks for what is too old; in between, that part of the limit."""


class Keeper:
    """Holds one store to limits, for one process.

    Parameters
    ----------
    store : Store
    limits : Limits
    copies : bool
        Whether all in it lies elsewhere too: then what runs with a star need may go as well.
    """

    def __init__(self, store: Store, limits: Limits, *, copies: bool = False) -> None:
        self._store = store
        self._copies = copies
        self._limits = limits
        self._contents = Contents(store)
        self._written = 0
        self._allowance: float = float("inf") if limits.size is None else 0.0
        self._due = 0.0
        self._process = os.getpid()
        self._lock = threading.Lock()

    def grew(self, size: int) -> None:
        """Hear that something was written; look through the store where it is time to.

        Parameters
        ----------
        size : int
            Bytes.

        Raises
        ------
        StoreError
            If the store cannot be looked through, or something cannot be deleted.
        """
        self._written += size
        if self._written <= self._allowance and monotonic() < self._due:
            return
        if self._process != os.getpid():
            # Another thread of the parent may have held it when this process was forked.
            self._process, self._lock = os.getpid(), threading.Lock()
        if not self._lock.acquire(blocking=False):
            return
        try:
            with quiet():
                self._look()
        finally:
            self._lock.release()

    def _look(self) -> None:
        limits, now = self._limits, monotonic()
        if limits.age is not None and now >= self._due:
            self._due = now + min(max(limits.age * _AGE_SHARE, _SHORTEST), _LONGEST)
            reduce_store(self._store, Limits(age=limits.age), needed=self._needed())
        self._written = 0
        if limits.size is None:
            return
        entries, size = self._contents.total()
        if size > limits.size:
            aim = limits.size if entries < _MANY else int(limits.size * _DOWN_TO)
            size = reduce_store(self._store, Limits(size=aim), needed=self._needed()).size_left
        room = limits.size - size
        self._allowance = max(limits.size * _LEAST, room * _SHARE)
        if limits.age is None:
            self._due = float("inf")

    def _needed(self) -> Needed:
        return NOTHING_NEEDED if self._copies else needed_by_starred(process_root())


_keepers: dict[tuple[str, Limits], Keeper] = {}
"""By place and limits: two memories on one folder may have limits of their own."""


def keeper_of(store: Store, limits: Limits, *, copies: bool = False) -> Keeper | None:
    """Give who holds a store to limits; ``None`` where nothing is changed or there are none.

    Parameters
    ----------
    store : Store
    limits : Limits
    copies : bool
        See `Keeper`.
    """
    if not limits or isinstance(store, UnchangedStore):
        return None
    place = store.url, limits
    found = _keepers.get(place)
    if found is None:
        found = _keepers.setdefault(place, Keeper(store, limits, copies=copies))
    return found
