"""A store that counts what it is asked for."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Data, Listed, Part, Store

__all__ = ["CountedCall", "CountingStore"]

_LOGGED = 10_000
"""Calls that are remembered one by one; the counts go on."""

_WRITES = frozenset({"write", "write_if_absent"})


class CountedCall(NamedTuple):
    """One call of a store."""

    method: str
    name: str
    """The object, or the prefix of a listing."""
    size: int
    """Bytes read or written; objects of a page."""


class CountingStore(StoreAround):
    """Another store; how it was used is told by its attributes.

    Parameters
    ----------
    store : Store

    Examples
    --------
    >>> from jobtui_core.stores import MemoryStore
    >>> store = CountingStore(MemoryStore())
    >>> store.write("a", b"four")
    >>> store.read("a"), store.calls["read"], store.bytes_read
    (b'four', 1, 4)

    Notes
    -----
    A call that fails counts too, and so does each page of a listing, as one of ``pages``, when it
    is given.  With another key (`with_key`) it is the same store and counts on; a copy that was
    unpickled counts for itself, from zero.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._counts = _Counts()

    def reset(self) -> None:
        """Begin to count anew."""
        with self._counts.lock:
            self._counts.begin()

    @property
    def calls(self) -> Counter[str]:
        """How often each method was called."""
        return self._counts.calls

    @property
    def total(self) -> int:
        """Calls, all together."""
        return self.calls.total()

    @property
    def bytes_read(self) -> int:
        """Bytes that were found."""
        return self._counts.bytes_read

    @property
    def bytes_written(self) -> int:
        """Bytes that were handed over to be written."""
        return self._counts.bytes_written

    @property
    def log(self) -> deque[CountedCall]:
        """The last calls, in order."""
        return self._counts.log

    def _count(self, method: str, name: str, size: int = 0) -> None:
        counts = self._counts
        with counts.lock:
            counts.calls[method] += 1
            counts.log.append(CountedCall(method, name, size))
            if method == "read":
                counts.bytes_read += size
            elif method in _WRITES:
                counts.bytes_written += size

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        data: bytes | None = None
        try:
            data = self.inner.read(name, start, length)
        finally:
            self._count("read", name, len(data or b""))
        return data

    def write(self, name: str, data: Data) -> None:
        """See `Store.write`."""
        self._count("write", name, _size(data))
        self.inner.write(name, data)

    def write_if_absent(self, name: str, data: Data) -> bool:
        """See `Store.write_if_absent`."""
        self._count("write_if_absent", name, _size(data))
        return self.inner.write_if_absent(name, data)

    def delete(self, name: str) -> None:
        """See `Store.delete`."""
        self._count("delete", name)
        self.inner.delete(name)

    def delete_all(self, names: Iterable[str]) -> None:
        """See `Store.delete_all`."""
        self._count("delete_all", "")
        self.inner.delete_all(names)

    def copy(self, source: str, target: str) -> None:
        """See `Store.copy`."""
        self._count("copy", source)
        self.inner.copy(source, target)

    def sweep(self) -> None:
        """See `Store.sweep`."""
        self._count("sweep", "")
        self.inner.sweep()

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        self._count("list", prefix)
        return self.inner.list(prefix)

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`."""
        for page in self.inner.pages(prefix, size):
            self._count("pages", prefix, len(page))
            yield page

    def stat(self, name: str) -> Listed | None:
        """See `Store.stat`."""
        self._count("stat", name)
        return self.inner.stat(name)

    def local_path(self, name: str) -> Path | None:
        """See `Store.local_path`."""
        self._count("local_path", name)
        return self.inner.local_path(name)

    def local_file(self, name: str) -> str | None:
        """See `Store.local_file`."""
        self._count("local_file", name)
        return self.inner.local_file(name)

    def flush(self, timeout: float | None = None) -> int:
        """See `Store.flush`."""
        self._count("flush", "")
        return self.inner.flush(timeout)

    def __copy__(self) -> Self:
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __getstate__(self) -> dict[str, Any]:
        # A lock cannot be pickled.
        return {name: value for name, value in super().__getstate__().items() if name != "_counts"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._counts = _Counts()


class _Counts:
    """What was counted; a store has it in common with its copies."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        self.calls: Counter[str] = Counter()
        self.bytes_read = 0
        self.bytes_written = 0
        self.log: deque[CountedCall] = deque(maxlen=_LOGGED)


def _size(data: Data) -> int:
    # What is no data at all is the store's to refuse.
    parts = [data] if isinstance(data, Part) else data
    return sum(memoryview(part).nbytes for part in parts if isinstance(part, Part))
