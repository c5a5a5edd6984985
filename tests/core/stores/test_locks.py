"""Locks among processes: who has one, and that nobody has one longer than they live."""

from __future__ import annotations

import os

import pytest

from jobtui_core.stores import LocalStore, MemoryStore
from jobtui_core.stores.locks import LOCK_FILE
from tests.core.forked import Forked

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


def in_child(action):
    with Forked(action) as child:
        return child.result()


def test_one_process_has_a_lock_and_others_see_who(store):
    assert store.locks.take("a")
    locks = store.locks
    with Forked(
        lambda: (locks.take("a"), locks.holder("a"), locks.take("b")), linger=True
    ) as child:
        assert child.result() == (False, os.getpid(), True)
        assert store.locks.holder("b") == child.pid
        assert store.locks.take("b") is False
    assert store.locks.holder("b") is None
    assert store.locks.take("b")
    store.locks.release("a")
    store.locks.release("b")


def test_a_lock_is_free_once_it_is_given_back(store):
    assert store.locks.take("a")
    store.locks.release("a")
    assert in_child(lambda: store.locks.take("a")) is True


def test_a_killed_process_holds_nothing(store):
    with Forked(lambda: store.locks.take("a"), linger=True) as child:
        assert child.result() is True
        assert store.locks.take("a") is False
    assert store.locks.take("a")
    store.locks.release("a")


def test_a_forked_child_has_no_lock_of_its_parent_and_takes_none_away(store):
    assert store.locks.take("a")

    def child_gives_back():
        store.locks.release("a")
        return store.locks.take("a")

    assert in_child(child_gives_back) is False
    assert in_child(lambda: store.locks.take("a")) is False
    store.locks.release("a")


def test_the_file_stays_empty_and_is_no_object(store):
    for number in range(100):
        assert store.locks.take(f"name {number}")
    assert (store.path / LOCK_FILE).stat().st_size == 0
    assert list(store.list()) == []
    for number in range(100):
        store.locks.release(f"name {number}")


def test_a_script_may_close_what_it_does_not_know(store, tmp_path):
    assert store.locks.take("a")
    number = store.locks._fd
    with open(tmp_path / "theirs", "w+b") as theirs:
        # The number stands for another file now, as after a close that did not know of it.
        os.dup2(theirs.fileno(), number)
        store.locks.release("a")
        assert store.locks.take("a")
        assert in_child(lambda: store.locks.take("a")) is False
        store.locks.release("a")
        assert os.write(number, b"still open")
    os.close(number)


def test_a_removed_store_has_new_locks(store):
    import shutil

    assert store.locks.take("a")
    shutil.rmtree(store.path)
    assert store.locks.take("b")
    assert in_child(lambda: store.locks.take("b")) is False
    store.locks.release("b")


def test_where_nothing_can_be_written_there_are_none(tmp_path):
    (tmp_path / "file").write_text("")
    store = LocalStore(tmp_path / "file" / "store")
    assert store.locks.take("a") is None
    assert store.locks.holder("a") is None
    store.locks.release("a")
    assert MemoryStore().locks is None


def test_two_stores_of_one_folder_have_the_same_locks(store, tmp_path):
    assert LocalStore(tmp_path / "store").locks is store.locks


def test_many_stores_leave_few_files_open(tmp_path):
    held = LocalStore(tmp_path / "held").locks
    assert held.take("a")
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for number in range(100):
        locks = LocalStore(tmp_path / f"store {number}").locks
        assert locks.take("a")
        locks.release("a")
    if before:
        assert len(os.listdir("/proc/self/fd")) < before + 30
    # One that is in use stays, and closed ones open again.
    assert in_child(lambda: held.take("a")) is False
    first = LocalStore(tmp_path / "store 0").locks
    assert first.take("b")
    assert in_child(lambda: first.take("b")) is False
    first.release("b")
    held.release("a")
