"""Records of use: what was used last is known to every process, and costs a hit next to nothing."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time

import pytest

from jobtui_core import Memory
from jobtui_core.stores import LocalStore, MemoryStore, UnchangedStore
from jobtui_core.upkeep import use
from jobtui_core.upkeep.use import Uses, uses_of
from tests.core.isolation import clean_environment

A, B, C = (letter * 32 for letter in "abc")


@pytest.fixture
def store(tmp_path):
    store = LocalStore(tmp_path / "store")
    store.write("m%3Af/aa/entry.entry", b"")
    return store


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""

    class Clock:
        now = 1_800_000_000.0

        def __call__(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(use, "time", clock)
    return clock


def files(store):
    return sorted(one.name for one in store.list("use/"))


def text(store):
    return b"".join(store.read(name) for name in files(store)).decode()


def test_what_one_process_noted_another_knows(store, clock):
    uses = Uses(store)
    uses.note(A)
    clock.now += 5
    uses.note(B)
    assert Uses(store).known() == {A: 1_800_000_000.0, B: 1_800_000_005.0}


def test_uses_are_known_to_their_own_process_before_they_are_written(store, clock):
    uses = Uses(store)
    uses.note(A)
    assert files(store) == []
    assert uses.known() == {A: clock.now}


def test_a_process_writes_once_a_second_at_most(store, clock, monkeypatch):
    writes = []
    whole = Uses._append
    monkeypatch.setattr(Uses, "_append", lambda self, noted: (writes.append(1), whole(self, noted)))
    uses = Uses(store)
    for _ in range(1000):
        clock.now += 0.01
        uses.note(A)
    assert 8 <= len(writes) <= 10


def test_a_newer_use_counts_in_whatever_order_files_are_read(store, clock):
    for at in (30, 10, 20):
        uses = Uses(store)
        clock.now = 1_800_000_000.0 + at
        uses.note(A)
        uses.flush()
    clock.now += 100
    assert Uses(store).known() == {A: 1_800_000_030.0}


def test_a_hit_is_noted_and_so_is_its_repetition_in_one_process(tmp_path, clock):
    memory = Memory(tmp_path / "cache", verbose=0)

    @memory.cache
    def double(x):
        return 2 * x

    double(1)
    uses = uses_of(memory.store)
    assert uses.known() == {}, "a result that was just written was not used yet"
    double(1)
    first = uses.known()
    clock.now += 10
    double(1)
    assert list(uses.known().values()) == [at + 10 for at in first.values()]
    assert [f"{key}.entry" for key in first] == [
        one.name.rpartition("/")[2] for one in memory.store.list() if one.name.endswith(".entry")
    ]


def test_a_result_by_reference_is_a_use(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0)
    double = memory.cache(lambda x: 2 * x)
    double.call_and_shelve(1)
    double.call_and_shelve(1)
    assert len(uses_of(memory.store).known()) == 1


def test_a_process_that_ends_writes_what_it_noted(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from jobtui_core import Memory\nf = Memory('cache', verbose=0).cache(abs)\nf(-1), f(-1)\n"
    )
    for _ in range(2):
        subprocess.run(
            [sys.executable, str(script)], cwd=tmp_path, env=clean_environment(), check=True
        )
    store = Memory(tmp_path / "cache").store
    assert len(files(store)) == 2
    assert len(Uses(store).known()) == 1


def _hit(folder, connection):
    double = Memory(folder, verbose=0).cache(abs)
    double(-1)
    double(-1)
    connection.send(os.getpid())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_worker_writes_its_own_uses_and_not_those_of_its_parent(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0)
    negative = memory.cache(lambda x: -x)
    negative(5)
    negative(5)
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=_hit, args=(tmp_path / "cache", there))
    child.start()
    pid = here.recv()
    child.join()
    written = files(memory.store)
    assert len(written) == 1
    assert f"-{pid}-" in written[0]
    assert text(memory.store).count("\n") == 1, "the parent's use is the parent's to write"
    uses_of(memory.store).flush()
    assert len(Uses(memory.store).known()) == 2


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\0" * 100,
        b"garbage\n",
        f"{B} 17".encode(),  # Torn in the middle of a number, or whole: nobody can tell.
        f"{B} -5\n{B} 1e9\n{B} 99999999999999999999\n".encode(),
        f"{'g' * 32} 1700000000\n../../etc/passwd 1700000000\n".encode(),
        b"\xff\xfe" * 1000,
    ],
)
def test_lines_that_nobody_wrote_are_passed_over(store, clock, junk):
    clock.now = 1_800_000_000.0
    store.write("use/1-host-1-aa", f"{A} 1700000000\n".encode() + junk)
    store.write("use/2-newer-format", f"{A} 1750000000\n".encode())
    known = Uses(store).known()
    assert known.pop(A) == 1_700_000_000.0
    assert set(known) <= {B}
    assert all(0 <= at <= 17 for at in known.values())


def test_a_torn_line_does_not_spoil_its_neighbours(store):
    data = f"{A} 1700000000\n{B} 170000{C} 1700000001\n{C} 1700000002\n"
    store.write("use/1-host-1-aa", data.encode())
    assert Uses(store).known() == {A: 1_700_000_000.0, C: 1_700_000_002.0}


def test_a_pipe_in_place_of_a_record_holds_nothing_up(store):
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes here")
    store.write("use/1-host-1-aa", f"{A} 1700000000\n".encode())
    os.mkfifo(store.local_path("use/1-host-2-bb"))
    assert Uses(store).known() == {A: 1_700_000_000.0}


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_nothing_is_written_to_what_somebody_put_in_the_files_place(store, clock, tmp_path, kind):
    if not hasattr(os, "O_NOFOLLOW"):
        pytest.skip("links are followed here")
    uses = Uses(store)
    uses.note(A)
    uses.flush()
    (file,) = (store.local_path(name) for name in files(store))
    file.unlink()
    theirs = tmp_path / "theirs"
    theirs.write_text("precious")
    if kind == "link":
        file.symlink_to(theirs)
    else:
        os.mkfifo(file)
    uses.note(B)
    uses.flush()
    assert theirs.read_text() == "precious"


def test_a_folder_that_is_a_link_holds_no_records_and_gets_none(store, clock, tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "1-introduction.md").write_text(f"{A} 1700000000\n")
    store.write("there", b"")
    os.symlink(theirs, os.path.join(store.path, "use"))
    uses = Uses(store)
    uses.note(B)
    uses.flush()
    uses.keep(lambda key: False)
    assert [path.name for path in theirs.iterdir()] == ["1-introduction.md"]
    assert set(Uses(store).known()) == set()


def test_a_clock_that_was_ahead_leaves_no_record(store, clock):
    uses = Uses(store)
    uses.note(A)
    clock.now += 365 * 86_400
    uses.note(B)
    uses.flush()
    clock.now -= 365 * 86_400
    uses.note(C)
    uses.flush()
    assert Uses(store).known() == {A: clock.now, C: clock.now}


def test_a_clock_that_is_put_back_does_not_stop_the_writing(store, clock):
    uses = Uses(store)
    uses.note(A)
    clock.now -= 86_400
    uses.note(B)
    assert text(store).count("\n") == 2


def test_a_store_that_cannot_be_written_has_no_record_and_no_trouble(store, clock, monkeypatch):
    monkeypatch.setattr(use.os, "open", _refuse)
    uses = Uses(store)
    uses.note(A)
    clock.now += 2
    uses.note(A)
    uses.flush()
    monkeypatch.undo()
    uses.note(B)
    uses.flush()
    assert files(store) == []


def _refuse(*_):
    raise PermissionError(13, "Permission denied")


def test_a_store_that_vanished_is_not_made_again(tmp_path, clock):
    uses = Uses(LocalStore(tmp_path / "gone"))
    uses.note(A)
    uses.flush()
    assert not (tmp_path / "gone").exists()


def test_a_store_without_files_is_remembered_by_its_process(clock):
    store = MemoryStore()
    uses = Uses(store)
    uses.note(A)
    uses.flush()
    assert uses.known() == {A: clock.now}
    assert list(store.list()) == []


def test_a_check_leaves_no_record(store):
    uses = Uses(UnchangedStore(store))
    uses.note(A)
    uses.flush()
    assert files(store) == []


def test_files_of_many_processes_are_merged_by_the_next_one(store, clock):
    for n in range(use._MANY_FILES):
        store.write(f"use/1-host-{n}-aa", f"{n:032x} 1700000000\n".encode())
    uses = Uses(store)
    uses.note(A)
    uses.flush()
    assert len(files(store)) == 2
    assert len(Uses(store).known()) == use._MANY_FILES + 1


def test_what_one_process_writes_does_not_grow_for_ever(store, clock, monkeypatch):
    monkeypatch.setattr(use, "_OWN_LARGEST", 1000)
    uses = Uses(store)
    for n in range(500):
        clock.now += 2
        uses.note(f"{n % 10:032x}")
    (file,) = files(store)
    assert store.stat(file).size <= 1000
    assert len(Uses(store).known()) == 10


def test_a_record_that_is_merged_goes_on(store, clock):
    mine, other = Uses(store), Uses(store)
    mine.note(A)
    mine.flush()
    other.keep(lambda key: True)
    mine.note(B)
    mine.flush()
    assert set(Uses(store).known()) == {A, B}


def test_entries_that_are_gone_are_forgotten(store, clock):
    uses = Uses(store)
    uses.note(A)
    uses.note(B)
    uses.keep(lambda key: key == B)
    assert set(Uses(store).known()) == {B}
    uses.keep(lambda key: False)
    assert files(store) == []


def test_many_threads_note_at_once(store):
    uses = Uses(store)
    keys = [f"{n:032x}" for n in range(2000)]

    def work():
        for key in keys:
            uses.note(key)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    uses.flush()
    assert len(Uses(store).known()) == len(keys)
    assert abs(max(Uses(store).known().values()) - time.time()) < 60
