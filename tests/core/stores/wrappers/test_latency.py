"""A store that takes its time."""

from __future__ import annotations

import time
from pathlib import Path

from jobtui_core.stores import LatencyStore, LocalStore, MemoryStore


def test_each_request_takes_the_given_time() -> None:
    slept: list[float] = []
    store = LatencyStore(MemoryStore(), 0.5, sleep=slept.append)
    store.write("a", b"x")
    store.write_if_absent("a", b"x")
    store.read("a")
    store.stat("a")
    store.copy("a", "b")
    store.delete("a")
    assert slept == [0.5] * 6


def test_each_page_takes_the_given_time_when_it_is_wanted() -> None:
    inner = MemoryStore()
    for i in range(25):
        inner.write(f"a/{i}", b"x")
    slept: list[float] = []
    store = LatencyStore(inner, 0.5, sleep=slept.append)
    pages = store.pages("a/", 10)
    assert slept == []
    next(pages)
    assert len(slept) == 1
    assert [len(page) for page in pages] == [10, 5]
    assert len(slept) == 3


def test_empty_listing_is_a_request_too() -> None:
    slept: list[float] = []
    assert list(LatencyStore(MemoryStore(), 0.5, sleep=slept.append).list()) == []
    assert slept == [0.5]


def test_listing_asks_for_a_thousand_at_a_time() -> None:
    inner = MemoryStore()
    for i in range(2500):
        inner.write(f"a/{i}", b"")
    slept: list[float] = []
    assert len(list(LatencyStore(inner, 0.5, sleep=slept.append).list())) == 2500
    assert len(slept) == 3


def test_it_really_waits() -> None:
    store = LatencyStore(MemoryStore(), 0.02)
    begun = time.perf_counter()
    store.read("a")
    assert time.perf_counter() - begun >= 0.02


def test_it_stands_for_a_store_behind_a_network(tmp_path: Path) -> None:
    store = LatencyStore(LocalStore(tmp_path), 0)
    store.write("a", b"x")
    assert "remote" in store.capabilities
    assert "local" not in store.capabilities
    assert store.local_path("a") is None
    assert store.local_file("a") is None


def test_nothing_is_slept_without_a_delay() -> None:
    slept: list[float] = []
    store = LatencyStore(MemoryStore(), 0, sleep=slept.append)
    store.read("a")
    assert slept == []
