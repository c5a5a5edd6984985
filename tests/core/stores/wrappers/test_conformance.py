"""The wrappers do what every store does, around a folder and around each other."""

from __future__ import annotations

from pathlib import Path

from jobtui_core.stores import (
    CountingStore,
    FaultyStore,
    LatencyStore,
    MemoryStore,
    ReadOnlyStore,
    Store,
    StoreAround,
)
from jobtui_core.testing import AroundConformance, ReadOnlyConformance


class TestAround(AroundConformance):
    def around(self, store: Store) -> Store:
        return StoreAround(store)


class TestCounting(AroundConformance):
    def around(self, store: Store) -> Store:
        return CountingStore(store)


class TestLatencyOfNothing(AroundConformance):
    def around(self, store: Store) -> Store:
        return LatencyStore(store, 0)


class TestFaultyWithoutFaults(AroundConformance):
    def around(self, store: Store) -> Store:
        return FaultyStore(store)


class TestOneAroundTheOther(AroundConformance):
    examples = 5

    def inner(self, folder: Path) -> Store:
        return MemoryStore()

    def around(self, store: Store) -> Store:
        return CountingStore(FaultyStore(LatencyStore(store, 0)))


class TestReadOnly(ReadOnlyConformance):
    create = AroundConformance.create
    inner = AroundConformance.inner
    read_raw = AroundConformance.read_raw
    write_raw = AroundConformance.write_raw

    def around(self, store: Store) -> Store:
        return ReadOnlyStore(store)
