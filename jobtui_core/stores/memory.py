"""A store that lives and dies with the process: for tests, and for trying things out."""

from __future__ import annotations

import time
from collections.abc import Iterator

from jobtui_core.stores.base import (
    Capability,
    Data,
    Listed,
    Store,
    check_name,
    check_prefix,
    join,
)

__all__ = ["MemoryStore"]


class MemoryStore(Store):
    """A store in a dictionary.

    Parameters
    ----------
    name : str
        What its URL says.  Two stores made with one name are two stores; those opened by
        ``open_store("memory://name")`` are one.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._objects: dict[str, tuple[bytes, float]] = {}

    @property
    def url(self) -> str:
        """``memory://`` and the name."""
        return f"memory://{self.name}"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Not local, and not shared with other processes."""
        return frozenset({"exclusive", "range"})

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Read an object or a part of it."""
        found = self._objects.get(check_name(name))
        if found is None:
            return None
        if start == 0 and length is None:
            return found[0]
        return found[0][start : None if length is None else start + max(0, length)]

    def write(self, name: str, data: Data) -> None:
        """Write an object, in place of the one that may be there."""
        self._objects[check_name(name)] = (join(data), time.time())

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Write an object unless one is there."""
        check_name(name)
        content = (join(data), time.time())
        # One step, without a lock that a fork might find taken.
        return self._objects.setdefault(name, content) is content

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""
        self._objects.pop(check_name(name), None)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """Give the objects whose names begin with ``prefix``."""
        check_prefix(prefix)
        # A copy in one step, which other threads cannot come between.
        for name, (data, written) in tuple(self._objects.items()):
            if name.startswith(prefix):
                yield Listed(name, len(data), written)

    def stat(self, name: str) -> Listed | None:
        """Give an object's size and time."""
        found = self._objects.get(check_name(name))
        return None if found is None else Listed(name, len(found[0]), found[1])
