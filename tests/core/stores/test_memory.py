"""The store in a dictionary."""

from __future__ import annotations

import time
from pathlib import Path

from jobtui_core.stores import MemoryStore, Store
from jobtui_core.testing import StoreConformance


class TestMemoryStore(StoreConformance):
    def create(self, folder: Path) -> Store:
        return MemoryStore()

    def read_raw(self, store: Store, name: str) -> bytes | None:
        assert isinstance(store, MemoryStore)
        found = store._objects.get(name)
        return None if found is None else found[0]

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        assert isinstance(store, MemoryStore)
        store._objects[name] = (data, time.time())
