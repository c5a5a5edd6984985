"""Locks among processes: who has one, and that nobody has one longer than they live."""

from __future__ import annotations

import os
import signal

import pytest

from jobtui_core.stores import LocalStore, MemoryStore
from jobtui_core.stores.locks import LOCK_FILE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


class Child:
    """A forked process that does something, says so, and lives until it is told to end."""

    def __init__(self, action):
        said, say = os.pipe()
        told, self._tell = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._tell)
            try:
                os.write(say, repr(action()).encode())
                os.read(told, 1)
            finally:
                os._exit(0)
        os.close(say)
        os.close(told)
        self.said = os.read(said, 1000).decode()
        os.close(said)

    def end(self, number=signal.SIGKILL):
        os.kill(self.pid, number)
        os.waitpid(self.pid, 0)
        os.close(self._tell)


def said_by_child(action):
    child = Child(action)
    child.end()
    return child.said


def test_one_process_has_a_lock_and_others_see_who(store):
    assert store.locks.take("a")
    child = Child(lambda: (store.locks.take("a"), store.locks.holder("a"), store.locks.take("b")))
    assert child.said == repr((False, os.getpid(), True))
    assert store.locks.holder("b") == child.pid
    assert store.locks.take("b") is False
    child.end()
    assert store.locks.holder("b") is None
    assert store.locks.take("b")
    store.locks.release("a")
    store.locks.release("b")


def test_a_lock_is_free_once_it_is_given_back(store):
    assert store.locks.take("a")
    store.locks.release("a")
    assert said_by_child(lambda: store.locks.take("a")) == "True"


def test_a_killed_process_holds_nothing(store):
    child = Child(lambda: store.locks.take("a"))
    assert store.locks.take("a") is False
    child.end(signal.SIGKILL)
    assert store.locks.take("a")
    store.locks.release("a")


def test_a_forked_child_has_no_lock_of_its_parent_and_takes_none_away(store):
    assert store.locks.take("a")

    def child_gives_back():
        store.locks.release("a")
        return store.locks.take("a")

    assert said_by_child(child_gives_back) == "False"
    assert said_by_child(lambda: store.locks.take("a")) == "False"
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
    os.close(number)
    with open(tmp_path / "theirs", "w+b") as theirs:
        assert theirs.fileno() == number
        store.locks.release("a")
        assert store.locks.take("a")
        assert said_by_child(lambda: store.locks.take("a")) == "False"
        store.locks.release("a")
        theirs.write(b"still open")


def test_a_removed_store_has_new_locks(store):
    import shutil

    assert store.locks.take("a")
    shutil.rmtree(store.path)
    assert store.locks.take("b")
    assert said_by_child(lambda: store.locks.take("b")) == "False"
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
