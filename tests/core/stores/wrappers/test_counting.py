"""A store that counts."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobtui_core.errors import StoreUnavailableError
from jobtui_core.stores import CountingStore, Fault, FaultyStore, LocalStore, MemoryStore


def test_calls_are_counted_by_method() -> None:
    store = CountingStore(MemoryStore())
    store.write("a", b"12")
    store.write_if_absent("a", [b"34", b"5"])
    store.read("a")
    store.read("missing")
    store.stat("a")
    store.copy("a", "b")
    store.delete("a")
    list(store.list("a"))
    store.local_path("a")
    store.local_file("a")
    store.sweep()
    store.flush()
    assert store.calls == {
        "write": 1,
        "write_if_absent": 1,
        "read": 2,
        "stat": 1,
        "copy": 1,
        "delete": 1,
        "list": 1,
        "local_path": 1,
        "local_file": 1,
        "sweep": 1,
        "flush": 1,
    }
    assert store.total == 12


def test_bytes_are_those_found_and_those_handed_over() -> None:
    store = CountingStore(MemoryStore())
    store.write("a", [b"0123", memoryview(bytes(8)).cast("I")])
    store.write_if_absent("a", b"56")
    assert store.bytes_written == 14
    store.read("a", 2, 3)
    store.read("missing")
    assert store.bytes_read == 3


def test_each_page_that_is_given_counts() -> None:
    inner = MemoryStore()
    for i in range(25):
        inner.write(f"a/{i}", b"x")
    store = CountingStore(inner)
    pages = store.pages("a/", 10)
    assert store.calls["pages"] == 0
    next(pages)
    assert store.calls["pages"] == 1
    assert [len(page) for page in pages] == [10, 5]
    assert store.calls["pages"] == 3


def test_log_tells_what_was_asked() -> None:
    store = CountingStore(MemoryStore())
    store.write("a", b"12")
    store.read("a")
    store.stat("b")
    assert list(store.log) == [("write", "a", 2), ("read", "a", 2), ("stat", "b", 0)]


def test_counting_begins_anew() -> None:
    store = CountingStore(MemoryStore())
    store.write("a", b"12")
    store.reset()
    assert (store.total, store.bytes_written, list(store.log)) == (0, 0, [])
    assert store.read("a") == b"12"


def test_call_that_fails_counts() -> None:
    store = CountingStore(FaultyStore(MemoryStore(), Fault("unavailable")))
    with pytest.raises(StoreUnavailableError):
        store.read("a")
    with pytest.raises(StoreUnavailableError):
        store.write("a", b"x")
    assert store.calls == {"read": 1, "write": 1}


def test_no_call_of_many_threads_is_lost() -> None:
    store = CountingStore(MemoryStore())

    def work(number: int) -> None:
        for _ in range(500):
            store.write(f"a/{number}", b"1234")
            store.read(f"a/{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert store.calls == {"write": 4000, "read": 4000}
    assert store.bytes_written == store.bytes_read == 16000


def test_same_store_with_another_key_counts_on() -> None:
    store = CountingStore(MemoryStore())
    store.with_key("secret, long enough").write("a", b"1")
    copy.copy(store).read("a")
    assert store.total == 2


def test_unpickled_one_counts_for_itself(tmp_path: Path) -> None:
    store = CountingStore(LocalStore(tmp_path))
    store.write("a", b"1")
    other = pickle.loads(pickle.dumps(store))
    assert other.read("a") == b"1"
    assert (store.calls, other.calls) == ({"write": 1}, {"read": 1})
