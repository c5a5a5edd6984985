"""What every store must do, as tests.

A backend joins by subclassing::

    class TestMyStore(StoreConformance):
        def create(self, folder):
            return MyStore(folder)

        def read_raw(self, store, name): ...
        def write_raw(self, store, name, data): ...

The two raw hooks go around the store, so that its reading and its writing cannot hide each
other's mistakes.
"""

from __future__ import annotations

import pickle
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.errors import StoreError
from jobtui_core.stores import Listed, Store

__all__ = ["BAD_NAMES", "StoreConformance"]

BAD_NAMES = (
    "",
    "/",
    "/etc/passwd",
    "a/",
    "a//b",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    ".hidden",
    "a/.tmp",
    "a\\b",
    "a b",
    "a\n",
    "a\0b",
    "é",
    "a:b",
    "a" * 256,
)
"""Names that no store may accept."""


class StoreConformance(ABC):
    """Tests of one store; subclass it under a name that begins with ``Test``."""

    @abstractmethod
    def create(self, folder: Path) -> Store:
        """Give a store that is empty, and another one each time; ``folder`` is there for it."""

    @abstractmethod
    def read_raw(self, store: Store, name: str) -> bytes | None:
        """Read an object without the store; ``None`` if there is none."""

    @abstractmethod
    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        """Write an object without the store."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        """The store under test."""
        return self.create(tmp_path)

    # --------------------------------------------------------------------------------- reading

    def test_missing_object_is_none(self, store: Store) -> None:
        assert store.read("a/b") is None
        assert store.read("a/b", 3, 4) is None
        assert store.stat("a/b") is None

    def test_object_written_by_others_is_read(self, store: Store) -> None:
        self.write_raw(store, "a/b", b"content")
        assert store.read("a/b") == b"content"

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [
            (0, 3, b"012"),
            (3, 4, b"3456"),
            (8, 100, b"89"),
            (5, None, b"56789"),
            (10, None, b""),
            (99, 5, b""),
            (0, 0, b""),
        ],
    )
    def test_part_of_an_object_is_read(
        self, store: Store, start: int, length: int | None, expected: bytes
    ) -> None:
        self.write_raw(store, "part", b"0123456789")
        assert store.read("part", start, length) == expected

    def test_empty_object_is_not_a_missing_one(self, store: Store) -> None:
        store.write("empty", b"")
        assert store.read("empty") == b""
        assert store.stat("empty") is not None

    def test_beginning_of_names_is_not_an_object(self, store: Store) -> None:
        store.write("a/b/c", b"x")
        assert store.read("a/b") is None
        assert store.stat("a/b") is None
        assert store.read("a/b/c/d") is None
        assert store.stat("a/b/c/d") is None

    # --------------------------------------------------------------------------------- writing

    def test_written_object_is_seen_by_others(self, store: Store) -> None:
        store.write("a/b", b"content")
        assert self.read_raw(store, "a/b") == b"content"

    def test_pieces_are_joined(self, store: Store) -> None:
        pieces: list[Any] = [b"one", bytearray(b"two"), memoryview(b"three"), b"", b"four"]
        store.write("pieces", pieces)
        assert self.read_raw(store, "pieces") == b"onetwothreefour"

    def test_very_many_pieces_are_joined(self, store: Store) -> None:
        store.write("pieces", [b"%d," % i for i in range(5000)])
        assert self.read_raw(store, "pieces") == b"".join(b"%d," % i for i in range(5000))

    def test_no_pieces_make_an_empty_object(self, store: Store) -> None:
        store.write("nothing", [])
        assert self.read_raw(store, "nothing") == b""

    def test_large_object_comes_back(self, store: Store) -> None:
        data = bytes(range(256)) * (20 << 10)
        store.write("large", [data, data])
        assert store.read("large") == data + data
        assert store.read("large", len(data) - 1, 2) == data[-1:] + data[:1]

    def test_wide_memoryview_is_written_as_its_bytes(self, store: Store) -> None:
        store.write("wide", [memoryview(bytes(range(16))).cast("I")])
        assert self.read_raw(store, "wide") == bytes(range(16))

    def test_later_write_wins(self, store: Store) -> None:
        store.write("a", b"a long first content")
        store.write("a", b"second")
        assert store.read("a") == b"second"

    def test_what_is_written_may_change_afterwards(self, store: Store) -> None:
        data = bytearray(b"before")
        store.write("a", data)
        data[:] = b"after!"
        assert store.read("a") == b"before"

    def test_absent_object_is_written_once(self, store: Store) -> None:
        assert store.write_if_absent("a/b", [b"fir", b"st"]) is True
        assert store.write_if_absent("a/b", b"second") is False
        assert self.read_raw(store, "a/b") == b"first"

    def test_present_object_is_kept_by_write_if_absent(self, store: Store) -> None:
        self.write_raw(store, "a", b"there")
        assert store.write_if_absent("a", b"late") is False
        assert store.read("a") == b"there"

    def test_failed_write_leaves_what_was_there(self, store: Store) -> None:
        store.write("a", b"before")
        with pytest.raises((TypeError, StoreError, AttributeError)):
            store.write("a", [b"half", None])  # type: ignore[list-item]  # on purpose
        assert store.read("a") == b"before"
        assert [listed.name for listed in store.list()] == ["a"]

    # -------------------------------------------------------------------------------- deleting

    def test_deleted_object_is_gone(self, store: Store) -> None:
        store.write("a/b", b"x")
        store.delete("a/b")
        assert store.read("a/b") is None
        assert self.read_raw(store, "a/b") is None
        assert list(store.list()) == []

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
        assert self.names(store) == {"a/b/d", "a/bb", "a/e"}

    def test_deleted_name_can_be_written_again(self, store: Store) -> None:
        store.write("a/b/c", b"1")
        store.delete("a/b/c")
        assert store.write_if_absent("a/b/c", b"2") is True
        store.delete("a/b/c")
        store.write("a", b"3")
        assert store.read("a") == b"3"

    # --------------------------------------------------------------------------------- listing

    def names(self, store: Store, prefix: str = "") -> set[str]:
        """Names that the store lists, each once."""
        found = [listed.name for listed in store.list(prefix)]
        assert len(found) == len(set(found))
        return set(found)

    def test_empty_store_lists_nothing(self, store: Store) -> None:
        assert list(store.list()) == []
        assert list(store.list("a/b")) == []

    def test_every_object_is_listed_with_its_size(self, store: Store) -> None:
        self.write_raw(store, "raw/one", b"1")
        store.write("a/b/c", b"22")
        store.write("d", b"333")
        sizes = {listed.name: listed.size for listed in store.list()}
        assert sizes == {"raw/one": 1, "a/b/c": 2, "d": 3}

    def test_prefix_may_end_anywhere_in_a_name(self, store: Store) -> None:
        for name in ("ab/cd/ef", "ab/ce", "abc", "b/ab"):
            store.write(name, b"x")
        assert self.names(store, "ab") == {"ab/cd/ef", "ab/ce", "abc"}
        assert self.names(store, "ab/") == {"ab/cd/ef", "ab/ce"}
        assert self.names(store, "ab/c") == {"ab/cd/ef", "ab/ce"}
        assert self.names(store, "ab/cd/ef") == {"ab/cd/ef"}
        assert self.names(store, "ab/cd/efg") == set()
        assert self.names(store, "z") == set()

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

    def test_stat_and_list_agree(self, store: Store) -> None:
        store.write("a/b", b"four")
        (listed,) = store.list()
        assert store.stat("a/b") == listed
        assert listed.size == 4

    def test_time_of_writing_is_now(self, store: Store) -> None:
        before = time.time()
        store.write("a", b"x")
        listed = store.stat("a")
        assert listed is not None
        assert before - 5 < listed.mtime < time.time() + 5

    # ----------------------------------------------------------------------------------- names

    @pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
    def test_bad_name_is_refused_everywhere(self, store: Store, name: str) -> None:
        calls: list[Callable[[], Any]] = [
            lambda: store.read(name),
            lambda: store.write(name, b"x"),
            lambda: store.write_if_absent(name, b"x"),
            lambda: store.delete(name),
            lambda: store.stat(name),
            lambda: store.local_path(name),
        ]
        for call in calls:
            with pytest.raises(StoreError):
                call()

    @pytest.mark.parametrize("prefix", ["/", "..", "../", "a/../", "a//", ".tmp", "a b", "a\n"])
    def test_bad_prefix_is_refused(self, store: Store, prefix: str) -> None:
        with pytest.raises(StoreError):
            list(store.list(prefix))

    @pytest.mark.parametrize(
        "name", ["a", "A-b_c.d", "co2%3Atrend/0f/x.entry", "a~1/=,@+", "a" * 255]
    )
    def test_good_name_comes_back(self, store: Store, name: str) -> None:
        store.write(name, b"x")
        assert self.names(store) == {name}
        assert store.read(name) == b"x"

    # ------------------------------------------------------------------------------ many at once

    def test_readers_never_see_half_an_object(self, store: Store) -> None:
        contents = [bytes([i]) * (64 << 10) for i in range(4)]
        store.write("a", contents[0])
        stop = threading.Event()

        def read() -> bool:
            while not stop.is_set():
                if store.read("a") not in contents:
                    return False
            return True

        with ThreadPoolExecutor(2) as pool:
            readers = [pool.submit(read) for _ in range(2)]
            for i in range(100):
                store.write("a", contents[i % 4])
            stop.set()
            assert all(reader.result() for reader in readers)

    def test_one_of_many_writers_finds_it_absent(self, store: Store) -> None:
        if "exclusive" not in store.capabilities:
            pytest.skip("the store does not promise it")
        start = threading.Barrier(8)

        def write(number: int) -> bool:
            start.wait()
            return store.write_if_absent("a/b", b"%d" % number)

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(write, range(8)))
        assert won.count(True) == 1
        assert store.read("a/b") == b"%d" % won.index(True)

    def test_writing_and_deleting_in_one_place_at_once_is_no_error(self, store: Store) -> None:
        def work(number: int) -> None:
            for i in range(30):
                store.write(f"shared/{number}", b"%d" % i)
                store.delete(f"shared/{number}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        assert list(store.list()) == []

    # --------------------------------------------------------------------------------- the rest

    def test_looking_creates_nothing(self, tmp_path: Path) -> None:
        store = self.create(tmp_path)
        before = sorted(tmp_path.rglob("*"))
        store.read("a")
        store.stat("a")
        store.delete("a")
        list(store.list())
        assert sorted(tmp_path.rglob("*")) == before

    def test_local_path_holds_the_object(self, store: Store) -> None:
        store.write("a/b", b"content")
        path = store.local_path("a/b")
        assert (path is not None) == ("local" in store.capabilities)
        if path is not None:
            assert path.read_bytes() == b"content"

    def test_shared_store_can_be_pickled(self, store: Store) -> None:
        if "shared" not in store.capabilities:
            pytest.skip("the store lives in this process")
        store.write("a", b"x")
        assert pickle.loads(pickle.dumps(store)).read("a") == b"x"

    def test_url_and_repr_name_the_store(self, store: Store) -> None:
        assert ":" in store.url
        assert store.url in repr(store)
