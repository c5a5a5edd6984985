"""A store that may only be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jobtui_core.errors import StoreDeniedError, StoreError
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
