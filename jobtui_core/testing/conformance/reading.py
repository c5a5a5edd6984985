"""Reading what others wrote: it holds for a store that is read only, too."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pytest

from jobtui_core.errors import StoreError
from jobtui_core.stores import Capability, Listed, Store
from jobtui_core.testing.conformance.hooks import StoreHooks

__all__ = ["BAD_NAMES", "Reading"]

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


class Reading(StoreHooks):
    """Objects, their parts, their facts, and the store's own."""

    def test_missing_object_is_none(self, store: Store) -> None:
        assert store.read("a/b") is None
        assert store.read("a/b", 3, 4) is None
        assert store.stat("a/b") is None

    def test_object_written_by_others_is_read(self, store: Store) -> None:
        self.write_raw(store, "a/b", b"content")
        assert store.read("a/b") == b"content"

    def test_object_that_was_missing_is_read_once_it_is_there(self, store: Store) -> None:
        assert store.read("a/b") is None
        assert store.stat("a/b") is None
        self.write_raw(store, "a/b", b"content")
        assert store.read("a/b") == b"content"
        assert store.stat("a/b") is not None
        assert self.names(store) == {"a/b"}

    def test_object_rewritten_by_others_is_read_anew(self, store: Store) -> None:
        if not self.coherent:
            pytest.skip("the store keeps what it has read")
        self.write_raw(store, "a/b", b"first")
        assert store.read("a/b") == b"first"
        self.write_raw(store, "a/b", b"the second")
        assert store.read("a/b") == b"the second"
        listed = store.stat("a/b")
        assert listed is not None
        assert listed.size == 10

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [
            (0, 3, b"012"),
            (3, 4, b"3456"),
            (8, 100, b"89"),
            (5, None, b"56789"),
            (9, 1, b"9"),
            (10, None, b""),
            (10, 1, b""),
            (99, 5, b""),
            (0, 0, b""),
            (3, 0, b""),
        ],
    )
    def test_part_of_an_object_is_read(
        self, store: Store, start: int, length: int | None, expected: bytes
    ) -> None:
        self.write_raw(store, "part", b"0123456789")
        assert store.read("part", start, length) == expected

    def test_parts_make_the_whole(self, store: Store) -> None:
        data = bytes(range(256)) * 1200
        self.write_raw(store, "a/large", data)
        step = 70_001
        parts = [store.read("a/large", start, step) for start in range(0, len(data), step)]
        assert b"".join(part or b"" for part in parts) == data

    def test_what_is_read_is_bytes(self, store: Store) -> None:
        self.write_raw(store, "a", b"0123")
        assert type(store.read("a")) is bytes
        assert type(store.read("a", 1, 2)) is bytes

    def test_every_byte_comes_back_as_it_was(self, store: Store) -> None:
        data = bytes(range(256)) + b"\r\n\n\r\r\n\x1a\x00" + b"%0A+ "
        self.write_raw(store, "binary", data)
        assert store.read("binary") == data

    def test_empty_object_is_not_a_missing_one(self, store: Store) -> None:
        self.write_raw(store, "empty", b"")
        assert store.read("empty") == b""
        assert store.read("empty", 0, 10) == b""
        assert store.read("empty", 5, 10) == b""
        listed = store.stat("empty")
        assert listed is not None
        assert listed.size == 0

    def test_beginning_of_names_is_not_an_object(self, store: Store) -> None:
        self.write_raw(store, "a/b/c", b"x")
        assert store.read("a/b") is None
        assert store.stat("a/b") is None
        assert store.stat("a") is None
        assert store.read("a/b/c/d") is None
        assert store.stat("a/b/c/d") is None
        assert store.read("a/b/c0") is None

    def test_stat_and_list_agree(self, store: Store) -> None:
        self.write_raw(store, "a/b", b"four")
        (listed,) = store.list()
        assert store.stat("a/b") == listed
        assert type(listed) is Listed
        assert (listed.name, listed.size) == ("a/b", 4)

    def test_time_of_writing_is_now(self, store: Store) -> None:
        before = time.time()
        self.write_raw(store, "a", b"x")
        listed = store.stat("a")
        assert listed is not None
        assert before - 5 < listed.mtime < time.time() + 5

    def test_several_threads_read_at_once(self, store: Store) -> None:
        for i in range(4):
            self.write_raw(store, f"a/{i}", b"%d" % i * 5000)

        def read(number: int) -> bool:
            return store.read(f"a/{number % 4}") == b"%d" % (number % 4) * 5000

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(read, range(32)))

    # -------------------------------------------------------------------------- names and errors

    @pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
    def test_bad_name_is_refused_everywhere(self, store: Store, name: str) -> None:
        calls: list[Callable[[], Any]] = [
            lambda: store.read(name),
            lambda: store.read(name, 1, 1),
            lambda: store.write(name, b"x"),
            lambda: store.write_if_absent(name, b"x"),
            lambda: store.delete(name),
            lambda: store.copy(name, "target"),
            lambda: store.copy("source", name),
            lambda: store.stat(name),
            lambda: store.local_path(name),
            lambda: store.local_file(name),
        ]
        self.write_raw(store, "source", b"x")
        for call in calls:
            with pytest.raises(StoreError):
                call()
        assert self.names(store) == {"source"}

    def test_names_are_taken_literally(self, store: Store) -> None:
        names = {
            "a%2Fb/c",
            "a/b/c",
            "A/b/c",
            "a%2520",
            "a%20",
            "a+b",
            "a=b@c,d",
            "~x/-y",
            "%",
            "a.b",
        }
        for name in names:
            self.write_raw(store, name, name.encode())
        assert self.names(store) == names
        for name in names:
            assert store.read(name) == name.encode()

    # ------------------------------------------------------------------------------ of its own

    def test_looking_creates_nothing(self, tmp_path: Path) -> None:
        store = self.create(tmp_path)
        before = sorted(tmp_path.rglob("*"))
        store.read("a")
        store.read("a/b", 1, 1)
        store.stat("a")
        list(store.list())
        list(store.pages("a"))
        store.local_path("a")
        assert store.flush(0) == 0
        assert sorted(tmp_path.rglob("*")) == before

    def test_capabilities_are_known_ones_and_agree(self, store: Store) -> None:
        offered = store.capabilities
        assert isinstance(offered, frozenset)
        assert offered <= set(get_args(Capability))
        assert not {"local", "remote"} <= offered
        assert store.capabilities == offered

    def test_local_path_holds_the_object(self, store: Store) -> None:
        self.write_raw(store, "a/b", b"content")
        path = store.local_path("a/b")
        assert (path is not None) == ("local" in store.capabilities)
        assert store.local_file("a/b") == (None if path is None else str(path))
        if path is not None:
            assert path.read_bytes() == b"content"

    def test_shared_store_can_be_pickled(self, store: Store) -> None:
        if "shared" not in store.capabilities:
            pytest.skip("the store lives in this process")
        self.write_raw(store, "a", b"x")
        store.read("a")  # whatever a connection is, it is made by now
        other = pickle.loads(pickle.dumps(store))
        assert type(other) is type(store)
        assert other.url == store.url
        assert other.capabilities == store.capabilities
        assert other.read("a") == b"x"
        assert [listed.name for listed in other.list()] == ["a"]

    def test_same_store_may_have_another_key(self, store: Store) -> None:
        self.write_raw(store, "a", b"x")
        assert store.with_key(None) is store
        other = store.with_key("a secret of thirty characters.")
        assert other.signing_key is not None
        assert store.signing_key != other.signing_key
        assert (other.url, other.read("a")) == (store.url, b"x")
        assert "secret" not in repr(other)

    def test_url_and_repr_name_the_store(self, store: Store) -> None:
        assert ":" in store.url
        assert store.url in repr(store)
        assert store.url == store.url.strip()
