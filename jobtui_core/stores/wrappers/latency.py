"""A store that takes its time, as one behind a network does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Capability, Data, Listed, Store, check_name

__all__ = ["LatencyStore"]

_PAGE = 1000
"""Objects that one request lists."""


class LatencyStore(StoreAround):
    """Another store, each request of which takes longer.

    Parameters
    ----------
    store : Store
    delay : float
        Seconds a request; a page of a listing is one.
    sleep : callable, optional
        Takes the seconds, in place of ``time.sleep``: to measure without waiting.

    Notes
    -----
    It stands for a store behind a network, so it is ``remote`` and has no local files, whatever
    the other one is.
    """

    def __init__(
        self, store: Store, delay: float, *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        super().__init__(store)
        self.delay = delay
        self._sleep = sleep

    def _wait(self) -> None:
        if self.delay > 0:
            self._sleep(self.delay)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Those of the other store, as seen over a network."""
        return (self.inner.capabilities - {"local"}) | {"remote"}

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        self._wait()
        return self.inner.read(name, start, length)

    def write(self, name: str, data: Data) -> None:
        """See `Store.write`."""
        self._wait()
        self.inner.write(name, data)

    def write_if_absent(self, name: str, data: Data) -> bool:
        """See `Store.write_if_absent`."""
        self._wait()
        return self.inner.write_if_absent(name, data)

    def delete(self, name: str) -> None:
        """See `Store.delete`."""
        self._wait()
        self.inner.delete(name)

    def copy(self, source: str, target: str) -> None:
        """See `Store.copy`."""
        self._wait()
        self.inner.copy(source, target)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        for page in self.pages(prefix, _PAGE):
            yield from page

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`."""
        self._wait()
        for number, page in enumerate(self.inner.pages(prefix, size)):
            if number:
                self._wait()
            yield page

    def stat(self, name: str) -> Listed | None:
        """See `Store.stat`."""
        self._wait()
        return self.inner.stat(name)

    def local_path(self, name: str) -> Path | None:
        """None: what is behind a network has no files here."""
        check_name(name)
        return None

    def local_file(self, name: str) -> str | None:
        """None, as `local_path`."""
        check_name(name)
        return None
