"""A store that does all that it is asked by asking another one: what wrappers begin with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jobtui_core.errors import StoreError
from jobtui_core.stores.base import Capability, Data, Listed, Store
from jobtui_core.stores.locks import FileLocks

__all__ = ["StoreAround"]


class StoreAround(Store):
    """Another store, as it is; derive from it and replace what is to be different.

    Parameters
    ----------
    store : Store
        The other one; its signing key is taken over.
    """

    def __init__(self, store: Store) -> None:
        self.inner = store
        self.options = store.options
        self.signing_key = store.signing_key

    @property
    def url(self) -> str:
        """See `Store.url`."""
        return self.inner.url

    @property
    def capabilities(self) -> frozenset[Capability]:
        """See `Store.capabilities`."""
        return self.inner.capabilities

    @property
    def writable(self) -> bool | None:
        """See `Store.writable`."""
        return self.inner.writable

    @property
    def absent(self) -> bool:
        """See `Store.absent`."""
        return self.inner.absent

    @property
    def copies(self) -> Store | None:
        """See `Store.copies`."""
        return self.inner.copies

    @property
    def trouble(self) -> StoreError | None:
        """See `Store.trouble`."""
        return self.inner.trouble

    def is_pending(self, name: str) -> bool:
        """See `Store.is_pending`."""
        return self.inner.is_pending(name)

    @property
    def locks(self) -> FileLocks | None:
        """See `Store.locks`."""
        return self.inner.locks

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        return self.inner.read(name, start, length)

    def write(self, name: str, data: Data) -> None:
        """See `Store.write`."""
        self.inner.write(name, data)

    def write_if_absent(self, name: str, data: Data) -> bool:
        """See `Store.write_if_absent`."""
        return self.inner.write_if_absent(name, data)

    def delete(self, name: str) -> None:
        """See `Store.delete`."""
        self.inner.delete(name)

    def copy(self, source: str, target: str) -> None:
        """See `Store.copy`."""
        self.inner.copy(source, target)

    def sweep(self) -> None:
        """See `Store.sweep`."""
        self.inner.sweep()

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        return self.inner.list(prefix)

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`."""
        return self.inner.pages(prefix, size)

    def stat(self, name: str) -> Listed | None:
        """See `Store.stat`."""
        return self.inner.stat(name)

    def local_path(self, name: str) -> Path | None:
        """See `Store.local_path`."""
        return self.inner.local_path(name)

    def local_file(self, name: str) -> str | None:
        """See `Store.local_file`."""
        return self.inner.local_file(name)

    def flush(self, timeout: float | None = None) -> int:
        """See `Store.flush`."""
        return self.inner.flush(timeout)
