"""A store that is far away as far as anybody can tell, but for the time that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobtui_core.errors import StoreUnavailableError
from jobtui_core.stores import (
    Capability,
    CountingStore,
    LocalStore,
    Store,
    opening,
    register_store_backend,
)
from jobtui_core.stores.around import StoreAround

__all__ = ["RemoteStore", "counted"]


class RemoteStore(StoreAround):
    """A folder, each call of which is a request.

    Attributes
    ----------
    away : bool
        Whether it does not answer.
    """

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(LocalStore(folder))
        self._url = url
        self.away = False

    @property
    def url(self) -> str:
        return self._url

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"exclusive", "remote", "shared"})

    def local_path(self, name: str) -> None:
        return None

    def local_file(self, name: str) -> None:
        return None

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailableError("nobody answers at the other end")

    def read(self, name, start=0, length=None):
        self._answer()
        return super().read(name, start, length)

    def stat(self, name):
        self._answer()
        return super().stat(name)

    def list(self, prefix=""):
        self._answer()
        return super().list(prefix)

    def pages(self, prefix="", size=1000):
        self._answer()
        return super().pages(prefix, size)


@contextmanager
def counted(folder: Path) -> Iterator[tuple[str, CountingStore, RemoteStore]]:
    """Make a folder known as a store far away; give its URL, and what counts its requests."""
    url = "counted://far/away"
    far = RemoteStore(folder, url)
    store = CountingStore(far)

    def opened(asked: str) -> Store:
        assert asked == url
        return store

    register_store_backend("counted", opened)
    try:
        yield url, store, far
    finally:
        del opening._backends["counted"]
