"""Deleting, and what is left."""

from __future__ import annotations

import pytest

from jobtui_core.errors import StoreError
from jobtui_core.stores import Listed, Store
from jobtui_core.testing.conformance.hooks import StoreHooks

__all__ = ["Deleting"]


class Deleting(StoreHooks):
    """Objects are deleted one by one."""

    def test_deleted_object_is_gone(self, store: Store) -> None:
        store.write("a/b", b"x")
        store.delete("a/b")
        assert store.read("a/b") is None
        assert store.stat("a/b") is None
        assert list(store.list()) == []
        assert self.arrived(store, "a/b") is None

    def test_object_of_others_is_deleted(self, store: Store) -> None:
        self.write_raw(store, "a/b", b"x")
        store.delete("a/b")
        assert store.read("a/b") is None
        assert self.arrived(store, "a/b") is None

    def test_deleting_twice_is_fine(self, store: Store) -> None:
        store.delete("never/there")
        store.write("a", b"x")
        store.delete("a")
        store.delete("a")

    def test_deleting_spares_neighbours(self, store: Store) -> None:
        for name in ("a/b/c", "a/b/d", "a/bb", "a/e"):
            store.write(name, b"x")
        store.delete("a/b/c")
        store.delete("a/b")
        store.delete("a")
        assert self.names(store) == {"a/b/d", "a/bb", "a/e"}

    def test_deleted_name_can_be_written_again(self, store: Store) -> None:
        store.write("a/b/c", b"1")
        store.delete("a/b/c")
        assert store.write_if_absent("a/b/c", b"2") is True
        store.delete("a/b/c")
        store.write("a", b"3")
        assert store.read("a") == b"3"

    def test_many_are_deleted_in_one_call(self, store: Store) -> None:
        for i in range(12):
            store.write(f"a/{i}", b"x")
        store.delete_all(iter([*(f"a/{i}" for i in range(10)), "a/0", "never/there"]))
        assert self.names(store) == {"a/10", "a/11"}
        store.delete_all([])
        assert self.names(store) == {"a/10", "a/11"}
        assert self.arrived(store, "a/5") is None

    def test_bad_name_among_many_is_an_error_and_keeps_nobody_else(self, store: Store) -> None:
        store.write("a", b"x")
        store.write("b", b"x")
        with pytest.raises(StoreError):
            store.delete_all(["../a", "a"])
        assert store.read("b") == b"x"

    def test_objects_deleted_while_listing_are_no_error(self, store: Store) -> None:
        for i in range(20):
            store.write(f"{i % 5}/{i}", b"x")
        seen = 0
        for listed in store.list():
            seen += 1
            for i in range(20):
                store.delete(f"{i % 5}/{i}")
            assert isinstance(listed, Listed)
        assert 1 <= seen <= 20

    def test_objects_written_while_listing_are_no_error(self, store: Store) -> None:
        for i in range(5):
            store.write(f"a/{i}", b"x")
        seen = set()
        for number, listed in enumerate(store.list("a/")):
            seen.add(listed.name)
            if number < 5:
                store.write(f"a/more{number}", b"x")
        assert {f"a/{i}" for i in range(5)} <= seen
