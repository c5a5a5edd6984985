"""A store that fails when it is told to."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from jobtui_core.errors import StoreDeniedError, StoreUnavailableError
from jobtui_core.stores import Fault, FaultyStore, LocalStore, MemoryStore


def test_chosen_calls_fail_and_others_do_not() -> None:
    inner = MemoryStore()
    store = FaultyStore(inner, Fault("unavailable", "write", first=2, times=2))
    store.write("a", b"1")
    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match=r"does not answer \(write of b\)"):
            store.write("b", b"2")
    assert store.read("b") is None
    store.write("b", b"3")
    assert inner.read("b") == b"3"
    assert store.struck == (("write", "b", "unavailable"),) * 2


def test_calls_are_chosen_by_name() -> None:
    store = FaultyStore(MemoryStore(), Fault("denied", names="alias/*"))
    store.write("trend/0.entry", b"x")
    with pytest.raises(StoreDeniedError, match="refuses"):
        store.read("alias/trend")
    with pytest.raises(StoreDeniedError):
        list(store.list("alias/"))


def test_several_methods_are_counted_together() -> None:
    store = FaultyStore(MemoryStore(), Fault("unavailable", {"write", "delete"}, first=2))
    store.write("a", b"x")
    with pytest.raises(StoreUnavailableError):
        store.delete("a")


def test_first_fault_that_strikes_decides() -> None:
    faults = (Fault("denied", "read", times=1), Fault("unavailable", "read", times=2))
    store = FaultyStore(MemoryStore(), *faults)
    with pytest.raises(StoreDeniedError):
        store.read("a")
    with pytest.raises(StoreUnavailableError):
        store.read("a")
    assert store.read("a") is None


def test_torn_read_gives_the_first_bytes() -> None:
    store = FaultyStore(MemoryStore(), Fault("torn", "read", times=1, keep=3))
    store.write("a", b"content")
    assert store.read("a") == b"con"
    assert store.read("a") == b"content"


def test_torn_write_leaves_the_first_bytes() -> None:
    inner = MemoryStore()
    store = FaultyStore(inner, Fault("torn", {"write", "write_if_absent"}, keep=3))
    store.write("a", [b"co", b"ntent"])
    assert store.write_if_absent("b", b"content") is True
    assert (inner.read("a"), inner.read("b")) == (b"con", b"con")


def test_call_whose_answer_is_lost_is_done() -> None:
    inner = MemoryStore()
    store = FaultyStore(inner, Fault("lost", "write_if_absent", times=1))
    with pytest.raises(StoreUnavailableError):
        store.write_if_absent("a", b"1")
    assert inner.read("a") == b"1"
    assert store.write_if_absent("a", b"2") is False


def test_listing_breaks_off_with_an_error() -> None:
    inner = MemoryStore()
    for i in range(5):
        inner.write(f"a/{i}", b"")
    store = FaultyStore(inner, Fault("torn", "list", keep=2))
    objects = store.list()
    assert len([next(objects), next(objects)]) == 2
    with pytest.raises(StoreUnavailableError):
        next(objects)


def test_one_page_fails_and_those_before_are_given() -> None:
    inner = MemoryStore()
    for i in range(25):
        inner.write(f"a/{i}", b"")
    pages = FaultyStore(inner, Fault("unavailable", "pages", first=2)).pages("", 10)
    assert len(next(pages)) == 10
    with pytest.raises(StoreUnavailableError):
        next(pages)


def test_healed_store_works() -> None:
    store = FaultyStore(MemoryStore(), Fault("unavailable"))
    with pytest.raises(StoreUnavailableError):
        store.flush()
    store.fail()
    store.write("a", b"x")
    assert store.read("a") == b"x"
    assert store.flush() == 0


def test_nobody_reads_past_it(tmp_path: Path) -> None:
    store = FaultyStore(LocalStore(tmp_path))
    store.write("a", b"x")
    assert store.local_path("a") is None
    assert store.local_file("a") is None
    assert "local" not in store.capabilities


def test_same_store_with_another_key_has_the_same_plan() -> None:
    store = FaultyStore(MemoryStore(), Fault("unavailable", times=1))
    with pytest.raises(StoreUnavailableError):
        store.with_key("secret, long enough").read("a")
    assert store.read("a") is None


def test_plan_begins_anew_in_another_process(tmp_path: Path) -> None:
    store = FaultyStore(LocalStore(tmp_path), Fault("unavailable", times=1))
    with pytest.raises(StoreUnavailableError):
        store.read("a")
    with pytest.raises(StoreUnavailableError):
        pickle.loads(pickle.dumps(store)).read("a")
