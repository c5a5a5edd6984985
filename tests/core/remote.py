"""A store for tests that says of itself that each call is a request, and counts them.

``far://…`` URLs name such stores: one for each URL in a process, whatever it is opened with.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from jobtui_core.stores import (
    Capability,
    CountingStore,
    LocalStore,
    MemoryStore,
    Store,
    StoreAround,
    register_store_backend,
)

__all__ = ["FarFolder", "FarStore", "innermost"]

_bottoms: dict[str, MemoryStore] = {}


class FarStore(CountingStore):
    """A store over a network, as far as the rest of the package can tell."""

    def __init__(
        self,
        url: str,
        *,
        profile: str | None = None,
        retries: int = 3,
        timeout: float = 10.0,
        secret: str | None = None,
        session: Any = None,
    ) -> None:
        super().__init__(_bottoms.setdefault(url, MemoryStore(url)))
        self._url = url
        self.profile = profile
        self.retries = retries
        self.timeout = timeout
        self.secret = secret
        self.session = session

    @property
    def url(self) -> str:
        return self._url

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"exclusive", "range", "remote", "shared"})

    def __reduce__(self) -> Any:
        # Another process would have another one of these; whoever wants to count has one process.
        return FarStore, (self._url,)

    @property
    def requests(self) -> Counter[str]:
        """Calls that are requests, by method."""
        near = ("flush", "local_file", "local_path", "sweep")
        return Counter({name: n for name, n in self.calls.items() if name not in near and n})


register_store_backend("far", FarStore)


class FarFolder(CountingStore):
    """The same for several processes: what is asked for lies in a folder."""

    def __init__(self, url: str, *, profile: str | None = None) -> None:
        super().__init__(LocalStore(url.partition("://")[2]))
        self._url = url
        self.profile = profile

    @property
    def url(self) -> str:
        return self._url

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"exclusive", "range", "remote", "shared"})

    @property
    def locks(self) -> None:
        return None

    def local_path(self, name: str) -> None:
        return None

    def local_file(self, name: str) -> None:
        return None

    requests = FarStore.requests


register_store_backend("farfolder", FarFolder)


def innermost(store: Store | None) -> FarStore | FarFolder:
    """Give what lies below all layers of a store of these."""
    while isinstance(store, StoreAround) and not isinstance(store, FarStore | FarFolder):
        store = store.inner
    assert isinstance(store, FarStore | FarFolder)
    return store
