"""A store that is read and never changed, for as long as a check goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from jobtui_core.stores.base import Capability, Data, Listed, Store

__all__ = ["CHECK", "UnchangedStore", "is_checking"]

CHECK = "JOBTUI_CHECK"
"""Set for a script that a check runs, and for all that it starts."""


def is_checking() -> bool:
    """Tell whether this process must leave what is stored as it is."""
    return CHECK in os.environ


class UnchangedStore(Store):
    """Another store, with every change left undone and unsaid.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.signing_key = store.signing_key

    @property
    def url(self) -> str:
        """See `Store.url`."""
        return self._store.url

    @property
    def capabilities(self) -> frozenset[Capability]:
        """See `Store.capabilities`."""
        return self._store.capabilities

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        return self._store.read(name, start, length)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        return self._store.list(prefix)

    def stat(self, name: str) -> Listed | None:
        """See `Store.stat`."""
        return self._store.stat(name)

    def local_path(self, name: str) -> Path | None:
        """See `Store.local_path`."""
        return self._store.local_path(name)

    def local_file(self, name: str) -> str | None:
        """Give the other store's."""
        return self._store.local_file(name)

    def write(self, name: str, data: Data) -> None:
        """Leave things as they are."""

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Leave things as they are."""
        return False

    def delete(self, name: str) -> None:
        """Leave things as they are."""
