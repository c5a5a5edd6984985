"""A store that may only be read."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from jobtui_core import Memory, register_store_backend
from jobtui_core.errors import CacheWarning, StoreDeniedError, StoreError
from jobtui_core.stores import LocalStore, MemoryStore, ReadOnlyStore, Store


@pytest.fixture
def inner() -> MemoryStore:
    store = MemoryStore("somewhere")
    store.write("a", b"x")
    return store


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.write("a", b"y"),
        lambda store: store.write_if_absent("b", b"y"),
        lambda store: store.write_if_absent("a", b"y"),
        lambda store: store.delete("a"),
        lambda store: store.delete("never/there"),
        lambda store: store.copy("a", "b"),
    ],
)
def test_every_change_is_refused_and_nothing_is_changed(
    inner: MemoryStore, change: Callable[[Store], object]
) -> None:
    store = ReadOnlyStore(inner)
    with pytest.raises(StoreDeniedError, match=r"memory://somewhere was opened to be read only"):
        change(store)
    assert [listed.name for listed in inner.list()] == ["a"]
    assert inner.read("a") == b"x"


def test_it_says_that_it_is_not_writable(inner: MemoryStore) -> None:
    assert ReadOnlyStore(inner).writable is False


def test_what_others_write_is_seen(inner: MemoryStore) -> None:
    store = ReadOnlyStore(inner)
    inner.write("b", b"later")
    assert store.read("b") == b"later"


def test_bad_name_is_named_as_such(inner: MemoryStore) -> None:
    with pytest.raises(StoreError, match="is no name"):
        ReadOnlyStore(inner).write("../a", b"x")


def test_sweeping_leaves_what_writers_left(tmp_path: Path) -> None:
    local = LocalStore(tmp_path)
    local.write("a", b"x")
    left = tmp_path / ".tmp" / "left"
    left.write_bytes(b"half")
    before = sorted(tmp_path.rglob("*"))
    ReadOnlyStore(local).sweep()
    assert ReadOnlyStore(local).locks is None
    assert sorted(tmp_path.rglob("*")) == before


def test_memory_has_hits_from_it_and_says_once_that_it_keeps_nothing(tmp_path: Path) -> None:
    name = f"readonly-{uuid.uuid4().hex}"
    inner = LocalStore(tmp_path / "cache")
    ran = []

    def square(x):
        ran.append(x)
        return x * x

    register_store_backend(name, lambda url: inner)
    assert Memory(f"{name}://x", verbose=0).cache(square)(3) == 9
    register_store_backend(name, lambda url: ReadOnlyStore(inner))
    cached = Memory(f"{name}://x", verbose=0).cache(square)
    assert cached(3) == 9
    with pytest.warns(CacheWarning, match="was opened to be read only") as said:
        assert [cached(4), cached(5)] == [16, 25]
    assert len(said) == 1
    assert ran == [3, 4, 5]
    with pytest.raises(StoreDeniedError):
        cached.clear()
    assert cached(3) == 9
