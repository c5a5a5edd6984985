"""Writing: what others see of it, and what is refused."""

from __future__ import annotations

import copy
import pickle
import time
from typing import Any

import pytest

from jobtui_core.errors import StoreError
from jobtui_core.stores import Store
from jobtui_core.testing.conformance.hooks import ARRIVAL, StoreHooks

__all__ = ["Writing"]


class Writing(StoreHooks):
    """Objects are written whole."""

    def test_written_object_is_seen_by_others(self, store: Store) -> None:
        store.write("a/b", b"content")
        assert self.arrived(store, "a/b") == b"content"

    def test_written_object_is_read_at_once(self, store: Store) -> None:
        assert store.read("a/b") is None
        store.write("a/b", b"content")
        assert store.read("a/b") == b"content"
        assert store.read("a/b", 2, 3) == b"nte"
        listed = store.stat("a/b")
        assert listed is not None
        assert listed.size == 7
        assert self.names(store, "a/") == {"a/b"}

    def test_pieces_are_joined(self, store: Store) -> None:
        pieces: list[Any] = [b"one", bytearray(b"two"), memoryview(b"three"), b"", b"four"]
        store.write("pieces", pieces)
        assert self.arrived(store, "pieces") == b"onetwothreefour"

    def test_very_many_pieces_are_joined(self, store: Store) -> None:
        store.write("pieces", [b"%d," % i for i in range(5000)])
        assert self.arrived(store, "pieces") == b"".join(b"%d," % i for i in range(5000))

    def test_no_pieces_make_an_empty_object(self, store: Store) -> None:
        store.write("nothing", [])
        store.write("also", b"")
        assert self.arrived(store, "nothing") == b""
        assert self.arrived(store, "also") == b""
        assert store.write_if_absent("nothing", b"x") is False

    def test_large_object_comes_back(self, store: Store) -> None:
        data = bytes(range(256)) * (20 << 10)
        store.write("large", [data, data])
        assert store.read("large") == data + data
        assert store.read("large", len(data) - 1, 2) == data[-1:] + data[:1]

    def test_every_byte_is_written_as_it_is(self, store: Store) -> None:
        data = bytes(range(256)) + b"\r\n\n\r\r\n\x1a\x00" + b"%0A+ "
        store.write("binary", data)
        assert self.arrived(store, "binary") == data

    def test_wide_memoryview_is_written_as_its_bytes(self, store: Store) -> None:
        store.write("wide", [memoryview(bytes(range(16))).cast("I")])
        store.write("alone", memoryview(bytes(range(16))).cast("I"))
        assert self.arrived(store, "wide") == bytes(range(16))
        assert self.arrived(store, "alone") == bytes(range(16))

    def test_later_write_wins(self, store: Store) -> None:
        store.write("a", b"a long first content")
        store.write("a", b"second")
        assert store.read("a") == b"second"
        assert self.arrived(store, "a") == b"second"

    def test_object_of_others_is_replaced(self, store: Store) -> None:
        self.write_raw(store, "a/b", b"a long first content")
        store.write("a/b", b"second")
        assert self.arrived(store, "a/b") == b"second"
        assert self.names(store) == {"a/b"}

    def test_what_is_written_may_change_afterwards(self, store: Store) -> None:
        data = bytearray(b"before")
        store.write("a", data)
        store.write("b", [memoryview(data)])
        data[:] = b"after!"
        assert store.read("a") == b"before"
        assert self.arrived(store, "a") == b"before"
        assert self.arrived(store, "b") == b"before"

    def test_absent_object_is_written_once(self, store: Store) -> None:
        assert store.write_if_absent("a/b", [b"fir", b"st"]) is True
        assert store.write_if_absent("a/b", b"second") is False
        assert self.arrived(store, "a/b") == b"first"

    def test_present_object_is_kept_by_write_if_absent(self, store: Store) -> None:
        self.write_raw(store, "a", b"there")
        assert store.write_if_absent("a", b"late") is False
        assert store.read("a") == b"there"
        assert self.arrived(store, "a") == b"there"

    def test_failed_write_leaves_what_was_there(self, store: Store) -> None:
        store.write("a", b"before")
        wrong: list[Any] = [[b"half", None], None, 5, [3]]
        for data in wrong:
            with pytest.raises((TypeError, StoreError, AttributeError)):
                store.write("a", data)
        assert store.read("a") == b"before"
        assert self.names(store) == {"a"}

    @pytest.mark.parametrize(
        "name",
        [
            "a",
            "A-b_c.d",
            "co2%3Atrend/0f/x.entry",
            "a~1/=,@+",
            "a" * 255,
            "%",
            "-",
            "a/b/c/d/e/f/g",
        ],
    )
    def test_good_name_comes_back(self, store: Store, name: str) -> None:
        store.write(name, b"x")
        assert self.names(store) == {name}
        assert store.read(name) == b"x"
        assert self.arrived(store, name) == b"x"

    def test_long_name_comes_back(self, store: Store) -> None:
        part = "abcdefghi%"
        name = "/".join([part * 12] * 5)[: self.deepest].rstrip("/")
        store.write(name, b"x")
        assert self.names(store) == {name}
        assert self.arrived(store, name) == b"x"

    def test_copy_is_an_object_of_its_own(self, store: Store) -> None:
        store.write("a/b", b"content")
        store.copy("a/b", "c/d")
        assert store.read("c/d") == b"content"
        store.write("a/b", b"other")
        assert store.read("c/d") == b"content"
        store.delete("a/b")
        assert self.arrived(store, "c/d") == b"content"

    def test_copy_replaces_what_is_there(self, store: Store) -> None:
        store.write("a", b"content")
        store.write("b", b"long content before")
        store.copy("a", "b")
        assert (store.read("a"), store.read("b")) == (b"content", b"content")
        assert self.arrived(store, "b") == b"content"

    def test_copy_of_nothing_does_nothing(self, store: Store) -> None:
        store.write("b", b"stays")
        store.copy("never/there", "b")
        store.copy("never/there", "c")
        assert self.names(store) == {"b"}
        assert store.read("b") == b"stays"

    def test_sweeping_leaves_every_object(self, store: Store) -> None:
        names = {"a", "b/c", "b/d/e"}
        for name in names:
            store.write(name, b"x")
        store.sweep()
        assert self.names(store) == names

    def test_all_has_arrived_after_waiting(self, store: Store) -> None:
        for i in range(10):
            store.write(f"a/{i}", b"%d" % i)
        assert store.flush(ARRIVAL) == 0
        assert [self.read_raw(store, f"a/{i}") for i in range(10)] == [b"%d" % i for i in range(10)]

    def test_nothing_is_on_its_way_that_has_arrived(self, store: Store) -> None:
        assert store.is_pending("a/b") is False
        store.write("a/b", b"x")
        assert store.flush(ARRIVAL) == 0
        assert store.is_pending("a/b") is False
        assert store.trouble is None

    def test_waiting_for_nothing_ends_at_once(self, store: Store) -> None:
        begun = time.monotonic()
        assert store.flush() == 0
        assert time.monotonic() - begun < 5

    def test_store_that_is_written_does_not_say_that_it_cannot_be(self, store: Store) -> None:
        assert store.writable in (True, None)
        store.write("a", b"x")
        assert store.writable in (True, None)

    def test_shared_store_is_written_by_its_copy(self, store: Store) -> None:
        if "shared" not in store.capabilities:
            pytest.skip("the store lives in this process")
        other = pickle.loads(pickle.dumps(store))
        other.write("a/b", b"1")
        assert other.flush(ARRIVAL) == 0
        assert store.read("a/b") == b"1"
        assert store.write_if_absent("a/b", b"2") is False
        store.delete("a/b")
        assert store.flush(ARRIVAL) == 0
        assert self.read_raw(store, "a/b") is None

    def test_shallow_copy_is_the_same_store(self, store: Store) -> None:
        other = copy.copy(store)
        other.write("a", b"x")
        assert store.read("a") == b"x"
