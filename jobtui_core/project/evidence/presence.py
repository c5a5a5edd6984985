"""Which entries a remote store has, asked in listings: a page of names costs what one name costs.

A project of a thousand steps asks for a thousand entries at every look.  So the first few
functions are listed one by one, which is all that most projects need in a store that many share;
then the whole store is, as far as that is reasonable.  The answers hold for a while.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui_core.stores import Listed, Store

__all__ = ["REST", "Presence"]

REST = 30.0
"""Seconds for which what a remote store said holds, unless somebody wants to know it anew."""

_MOMENT = 3.0
"""Seconds for which what was said of one function holds while a run adds to it."""

_FEW = 8
"""Functions that are listed by themselves before the whole store is."""

_PAGES = 40
"""Pages of the whole store that are asked for at most: 40,000 objects on S3."""

_PAGES_OF_ONE = 4
"""Pages of one function that are asked for at most; of one with more, only parts are listed."""

_ENTRY = ".entry"


class Presence:
    """The names of a remote store's entries, as far as they were asked for.

    Parameters
    ----------
    store : Store
        One on which every call is a request.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listed: dict[str, dict[str, Listed]] = {}
        """By the beginning of the names: all that begin like that."""
        self._large: set[str] = set()
        self._other: dict[str, Listed | None] = {}
        self._whole = False
        self._huge = False
        """Whether the whole is too much to be listed."""
        self._stale: set[str] = set()
        """Beginnings that are to be listed again by themselves."""
        self._taken: dict[str, float] = {}
        """When beginnings were listed by themselves."""

    def clear(self) -> None:
        """Forget what was said."""
        self._listed.clear()
        self._large.clear()
        self._other.clear()
        self._stale.clear()
        self._whole = self._huge = False

    def forget(self, prefix: str, *, lately: bool = True) -> None:
        """Ask anew for what begins like this: it may have become more.

        Parameters
        ----------
        prefix : str
        lately : bool
            Even if it was asked for a moment ago.
        """
        if not lately and time.monotonic() - self._taken.get(prefix, -_MOMENT) < _MOMENT:
            return
        self._stale.add(prefix)
        for known in [known for known in self._listed if known.startswith(prefix)]:
            del self._listed[known]
        self._large.discard(prefix)

    def has(self, name: str) -> bool:
        """Tell whether an object is there.

        Raises
        ------
        StoreError
            If the store does not answer.
        """
        return self.listed(name) is not None

    def listed(self, name: str) -> Listed | None:
        """Give an object's size and time; ``None`` if it is not there.

        Raises
        ------
        StoreError
            If the store does not answer.
        """
        prefix = f"{name.partition('/')[0]}/"
        if not name.endswith(_ENTRY):
            if name not in self._other:
                self._other[name] = self._store.stat(name)
            return self._other[name]
        unknown = prefix in self._stale or not (self._whole or prefix in self._listed)
        if unknown and prefix not in self._large:
            self._list(prefix)
        if prefix in self._large:
            # As many parts as the keys' first two digits make: 256 listings at most.
            prefix = name[: len(prefix) + 3]
            if prefix not in self._listed:
                self._listed[prefix] = {item.name: item for item in self._store.list(prefix)}
        return self._listed.get(prefix, {}).get(name)

    def _list(self, prefix: str) -> None:
        many = len(self._listed) + len(self._large) >= _FEW
        if many and not (self._whole or self._huge):
            if self._list_whole():
                return
            self._huge = True
        self._taken[prefix] = time.monotonic()
        found: dict[str, Listed] = {}
        for number, page in enumerate(self._store.pages(prefix)):
            if number == _PAGES_OF_ONE:
                self._large.add(prefix)
                break
            found.update((item.name, item) for item in page)
        else:
            self._listed[prefix] = found
        # Not before the store has answered: what nobody could list is not known to be gone.
        self._stale.discard(prefix)

    def _list_whole(self) -> bool:
        found: dict[str, dict[str, Listed]] = {}
        for number, page in enumerate(self._store.pages("")):
            if number == _PAGES:
                return False
            for item in page:
                if item.name.endswith(_ENTRY):
                    function = f"{item.name.partition('/')[0]}/"
                    found.setdefault(function, {})[item.name] = item
        self._listed.update(found)
        self._stale.clear()
        self._whole = True
        return True
