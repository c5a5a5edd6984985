"""``reduce_size``: what is used goes last, and what was kept for nothing goes with it."""

from __future__ import annotations

import json
import logging
import os
import threading
from datetime import timedelta

import numpy as np
import pytest

from jobtui_core import JsonFile, Memory, make
from jobtui_core.entry import read_info
from jobtui_core.errors import StoreError
from jobtui_core.limits import Limits, limits_of, seconds_of, size_of
from jobtui_core.stores import CountingStore, Fault, FaultyStore, LocalStore, MemoryStore
from jobtui_core.tracing.sharing.records import to_bytes
from jobtui_core.upkeep import reducing
from jobtui_core.upkeep.contents import Contents, is_entry
from jobtui_core.upkeep.reducing import reduce_store
from jobtui_core.upkeep.use import uses_of

ran = []
DAY = 86_400.0


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


@pytest.fixture
def load(memory):
    """A memoized function with results of about a kilobyte."""

    @memory.cache
    def load(n):
        ran.append(n)
        return bytes([n]) * 1000

    return load


def entries(memory):
    """Give the entries, in the order in which they were written: files have coarse clocks."""
    found = [one for one in memory.store.list() if is_entry(one.name)]
    return sorted(found, key=lambda one: read_info(memory.store, one.name).started)


def written_ago(memory, *seconds):
    """Let entries be so old; the first one that was written first."""
    now = os.stat(memory.location).st_ctime
    for one, age in zip(entries(memory), seconds, strict=True):
        os.utime(memory.store.local_path(one.name), (now - age, now - age))


def known(function, *values):
    return [n for n in values if function.check_call_in_cache(n)]


@pytest.mark.parametrize(
    ("text", "size"),
    [("10K", 10_240), ("1M", 1 << 20), ("2G", 2 << 30), ("1.5k", 1536), ("7", 7),
     (" 3 GiB", 3 << 30), ("1T", 1 << 40), (0, 0), (512, 512)],
)  # fmt: skip
def test_sizes_are_numbers_or_texts_with_units(text, size):
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "K", "10 cows", "-1", "1e3", "10KK", "nan", "١K"])
def test_what_is_no_size_is_a_value_error(memory, text):
    with pytest.raises(ValueError, match="bytes"):
        memory.reduce_size(text)


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"bytes_limit": -1}, ValueError),
        ({"bytes_limit": True}, TypeError),
        ({"bytes_limit": float("nan")}, ValueError),
        ({"items_limit": -1}, ValueError),
        ({"items_limit": 1.5}, TypeError),
        ({"age_limit": timedelta(days=-1)}, ValueError),
        ({"age_limit": "soon"}, ValueError),
        ({"age_limit": 90}, TypeError),
    ],
)
def test_wrong_limits_are_refused_whatever_is_kept(memory, limits, error):
    with pytest.raises(error):
        memory.reduce_size(**limits)


def test_ages_are_spans_or_texts_with_units():
    assert seconds_of("90d") == seconds_of(timedelta(days=90)) == 90 * DAY
    assert [seconds_of(text) for text in ("2w", "12h", "30m", "1.5s")] == [
        14 * DAY,
        43_200,
        1800,
        1.5,
    ]


def test_without_a_limit_nothing_happens(memory, load):
    load(1)
    assert memory.reduce_size() is None
    assert known(load, 1) == [1]


def test_a_memory_that_keeps_nothing_has_nothing_to_delete():
    assert Memory(None).reduce_size("1K") is None


def test_the_first_to_go_is_what_was_used_longest_ago(memory, load):
    for n in (1, 2, 3):
        load(n)
    written_ago(memory, 300, 200, 100)
    load(1)
    memory.reduce_size(items_limit=2)
    assert known(load, 1, 2, 3) == [1, 3]


def test_bytes_are_held_to_and_no_more_is_deleted_than_need_be(memory, load):
    for n in range(5):
        load(n)
    written_ago(memory, 500, 400, 300, 200, 100)
    size = sum(one.size for one in entries(memory))
    memory.reduce_size(bytes_limit=size)
    assert len(entries(memory)) == 5
    memory.reduce_size(bytes_limit=size - 1)
    assert known(load, 0, 1, 2, 3, 4) == [1, 2, 3, 4]
    memory.reduce_size(f"{size // 2 / 1024}K")
    assert known(load, 0, 1, 2, 3, 4) == [3, 4]
    memory.reduce_size(0)
    assert entries(memory) == []


def test_what_was_not_used_for_so_long_goes(memory, load):
    for n in (1, 2, 3):
        load(n)
    written_ago(memory, 100 * DAY, 100 * DAY, 1 * DAY)
    load(2)
    memory.reduce_size(age_limit=timedelta(days=90))
    assert known(load, 1, 2, 3) == [2, 3]
    memory.reduce_size(age_limit=timedelta(0))
    assert entries(memory) == []


def test_a_result_that_is_larger_than_the_limit_does_not_take_the_others_with_it(memory, load):
    load(1)
    load(2)
    large = memory.cache(bytes)
    large(100_000)
    memory.reduce_size("50K")
    assert known(load, 1, 2) == [1, 2]
    assert not large.check_call_in_cache(100_000)


def test_uses_of_other_processes_count(memory, load):
    for n in (1, 2):
        load(n)
    written_ago(memory, 300, 200)
    key = entries(memory)[0].name.rpartition("/")[2].removesuffix(".entry")
    now = int(os.stat(memory.location).st_ctime)
    memory.store.write("use/1-other-1-aa", f"{key} {now - 10}\n".encode())
    memory.reduce_size(items_limit=1)
    assert known(load, 1, 2) == [1]


def test_times_from_the_future_make_nothing_immortal_and_no_age_negative(memory, load):
    for n in (1, 2):
        load(n)
    written_ago(memory, -10 * DAY, 5)
    memory.reduce_size(age_limit=timedelta(seconds=0))
    assert entries(memory) == []


def test_deleting_lets_go_of_results_that_the_process_has_at_hand(memory, load):
    load(1)
    load(1)
    memory.reduce_size(0)
    load(1)
    assert ran == [1, 1]


def test_records_of_use_go_with_their_entries(memory, load):
    for n in (1, 2):
        load(n), load(n)
    memory.reduce_size(items_limit=1)
    assert len(uses_of(memory.store).known()) == 1
    memory.reduce_size(0)
    assert [one.name for one in memory.store.list("use/")] == []


def test_other_caches_and_other_files_in_the_folder_are_not_touched(tmp_path, memory, load):
    load(1)
    others = ["joblib/mod/f/abc/output.pkl", "notes.txt", "jobtui/readme.txt", "jobtui/a/b.entry",
              "jobtui/runs/r/events.jsonl", "jobtui/alias/m%3Af/a-b.json"]  # fmt: skip
    for name in others:
        path = tmp_path / "cache" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("theirs")
        os.utime(path, (1, 1))
    memory.reduce_size(0, items_limit=0, age_limit=timedelta(0))
    assert entries(memory) == []
    assert [name for name in others if not (tmp_path / "cache" / name).exists()] == []


def test_what_was_freed_is_logged(memory, load, caplog):
    load(1)
    with caplog.at_level(logging.INFO, "jobtui_core.memory"):
        memory.reduce_size(0)
    assert "results deleted: 1, kept outputs: 0 (" in caplog.text


def test_a_trial_run_deletes_nothing_and_tells_what_it_would(memory, load):
    for n in (1, 2):
        load(n)
    size = entries(memory)[0].size
    freed = reduce_store(memory.store, Limits(items=1), dry_run=True)
    assert (freed.entries, freed.size, freed.left, freed.size_left) == (1, size, 1, size)
    assert len(entries(memory)) == 2


def test_a_store_without_files_is_reduced_too():
    store = MemoryStore("reducing")
    for n in range(3):
        store.write(f"m%3Af/aa/{n:032x}.entry", b"x" * 100)
    uses_of(store).note(f"{0:032x}")
    reduce_store(store, limits_of(items=1))
    assert [one.name for one in store.list()] == [f"m%3Af/aa/{0:032x}.entry"]


def test_what_cannot_be_deleted_is_said_after_the_rest_is(memory, load, monkeypatch):
    for n in (1, 2):
        load(n)
    whole = LocalStore.delete
    kept = entries(memory)[0].name

    def delete(store, name):
        if name == kept:
            raise StoreError("read-only")
        whole(store, name)

    monkeypatch.setattr(LocalStore, "delete", delete)
    with pytest.raises(StoreError, match="read-only"):
        memory.reduce_size(0)
    assert [one.name for one in entries(memory)] == [kept]


# Kept outputs


@pytest.fixture
def step(memory):
    @make(output=JsonFile("out-{n}-{twin}.json"), memory=memory)
    def step(n, twin=0):
        ran.append(n)
        return [n] * 100

    return step


def blobs(memory):
    return [one.name for one in memory.store.list("blobs/")]


def test_kept_outputs_go_with_the_last_result_that_has_them(memory, step):
    step(1)
    step(1, twin=1)
    step(2)
    written_ago(memory, 300, 200, 100)
    assert len(blobs(memory)) == 2
    memory.reduce_size(items_limit=2)
    assert len(blobs(memory)) == 2
    memory.reduce_size(items_limit=1)
    assert len(blobs(memory)) == 1
    os.unlink("out-2-0.json")
    step(2)
    assert (ran, os.path.exists("out-2-0.json")) == ([1, 1, 2], True)


def test_kept_outputs_count_in_the_size(memory, step):
    for n in (1, 2):
        step(n)
    written_ago(memory, 200, 100)
    total = Contents(memory.store).total().size
    freed = reduce_store(memory.store, Limits(size=total - 1))
    assert (freed.entries, freed.outputs) == (1, 1)
    assert Contents(memory.store).total() == (1, freed.size_left)


def test_an_output_whose_result_is_about_to_be_written_stays(memory, step):
    step(1)
    memory.store.write("blobs/feed", b"kept a moment ago")
    memory.store.write("blobs/beef", b"kept by nobody")
    memory.store.write("blobs/dead.mark", b"")
    for name in ("blobs/beef", "blobs/dead.mark"):
        os.utime(memory.store.local_path(name), (1, 1))
    memory.reduce_size("1G")
    assert "blobs/feed" in blobs(memory)
    assert len(blobs(memory)) == 2


def test_an_entry_that_cannot_be_read_keeps_no_output(memory, step):
    step(1)
    (entry,) = entries(memory)
    memory.store.write(entry.name, b"garbage")
    for name in blobs(memory):
        os.utime(memory.store.local_path(name), (1, 1))
    memory.reduce_size("1G")
    assert blobs(memory) == []


def test_recorded_sources_are_bounded_and_the_newest_stay(memory, load, monkeypatch):
    monkeypatch.setattr(reducing, "_MOST_SOURCES", 2)
    load(1)
    for n in range(4):
        memory.store.write(f"code/{n}.json", b"{}")
        os.utime(memory.store.local_path(f"code/{n}.json"), (n + 1e9, n + 1e9))
    memory.reduce_size("1G")
    names = [one.name for one in memory.store.list("code/") if len(one.name) < 15]
    assert set(names) <= {"code/2.json", "code/3.json"}
    assert "code/3.json" in names


# Beside others


def test_readers_and_writers_get_right_values_while_a_store_is_reduced(memory, load):
    expected = {n: bytes([n]) * 1000 for n in range(20)}
    wrong, stop = [], threading.Event()

    def work():
        while not stop.is_set():
            for n, value in expected.items():
                if load(n) != value:
                    wrong.append(n)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        memory.reduce_size(items_limit=5)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_array_that_somebody_has_mapped_stays_readable(tmp_path):
    memory = Memory(tmp_path / "cache", mmap_mode="r", verbose=0)
    ones = memory.cache(np.ones)
    first, again = ones(1_000_000), ones(1_000_000)
    memory.reduce_size(0)
    assert entries(memory) == []
    assert first.sum() == again.sum() == 1_000_000


def test_two_at_once_delete_no_more_than_one(memory, load):
    for n in range(60):
        load(n)
    threads = [
        threading.Thread(target=memory.reduce_size, kwargs={"items_limit": 20}) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entries(memory)) == 20


# What lies there


def test_a_total_that_is_asked_for_again_sees_every_change(memory, load):
    contents = Contents(memory.store, remember=True)
    assert contents.total() == (0, 0)
    for n in range(5):
        load(n)
        assert contents.total() == (n + 1, sum(one.size for one in entries(memory)))
        assert sorted(contents.objects(), key=lambda one: one.name) == sorted(
            memory.store.list(), key=lambda one: one.name
        )
    load.clear()
    assert contents.total() == (0, 0)


def test_folders_that_did_not_change_are_not_read_again(memory, load, monkeypatch):
    for n in range(5):
        load(n)
    settled = reducing.time() - 100
    for folder, _, _ in os.walk(memory.store.path):
        os.utime(folder, (settled, settled))
    contents = Contents(memory.store)
    before = contents.total()
    monkeypatch.setattr(LocalStore, "list_folder", None)
    assert contents.total() == before == (5, before.size)


class RemoteStore(MemoryStore):
    """One that is asked as if each question cost a request."""

    @property
    def capabilities(self):
        return super().capabilities | {"remote"}


def elsewhere(store):
    """Copy a store to one that is far away, each object written a second after the other."""
    far = RemoteStore("far")
    for second, one in enumerate(sorted(store.list(), key=lambda one: one.mtime)):
        far._objects[one.name] = (store.read(one.name), 1_000.0 + second)
    return far


def test_a_remote_store_is_reduced_by_the_time_of_writing_in_a_handful_of_requests(memory, load):
    for n in range(8):
        load(n)
    written_ago(memory, *range(80, 0, -10))
    far = CountingStore(elsewhere(memory.store))
    planned = reduce_store(far, Limits(items=3), dry_run=True, now=2_000.0)
    assert set(far.calls) == {"pages"}
    freed = reduce_store(far, Limits(items=3), now=2_000.0)
    assert freed == planned
    left = {one.name for one in far.list() if is_entry(one.name)}
    assert left == {one.name for one in entries(memory)[-3:]}
    assert far.calls["delete"] == 0


def test_kept_outputs_of_a_remote_store_go_with_their_last_result(tmp_path):
    @make(output=JsonFile("out/{n}.json"))
    def table(n):
        return {"n": n}

    for n in range(4):
        table(n)
    far = elsewhere(LocalStore(tmp_path / ".jobtui" / "cache"))
    freed = reduce_store(far, Limits(items=1), now=2_000.0)
    assert (freed.entries, freed.outputs) == (3, 3)
    (kept,) = [one.name for one in far.list() if is_entry(one.name)]
    (output,) = read_info(far, kept).outputs
    assert [one.name for one in far.list("blobs/")] == [f"blobs/{output['digest']}"]


@pytest.mark.parametrize("kind", ["unavailable", "denied"])
def test_outputs_stay_where_it_is_not_known_whose_they_are(tmp_path, kind):
    @make(output=JsonFile("out/{n}.json"))
    def table(n):
        return {"n": n}

    for n in range(4):
        table(n)
    far = elsewhere(LocalStore(tmp_path / ".jobtui" / "cache"))
    before = sorted(one.name for one in far.list())
    with pytest.raises(StoreError):
        reduce_store(FaultyStore(far, Fault(kind, "read", first=3)), Limits(items=1), now=2_000.0)
    assert sorted(one.name for one in far.list()) == before


def test_the_newest_records_of_runs_stay_and_a_dry_run_says_how_many_go(memory, load):
    load(1)
    store = memory.store
    names = [f"runs/2026-11-{day:02}T10-14-05-ab12-{'0' * 16}.run" for day in range(1, 6)]
    for name in names:
        store.write(name, b"of no concern here")
    store.write("runs/of-a-later-version", b"")
    planned = reduce_store(store, Limits(), keep_runs=2, dry_run=True)
    assert planned.runs == 3
    assert reduce_store(store, Limits(), keep_runs=2) == planned
    left = sorted(one.name for one in store.list("runs/"))
    assert left == [*names[3:], "runs/of-a-later-version"]
    assert reduce_store(store, Limits()).runs == 0


def test_sources_that_a_kept_record_speaks_of_stay(monkeypatch):
    store = MemoryStore()
    codes = [digit * 32 for digit in "abcd"]
    for code in codes:
        store.write(f"code/{code}.json", b"{}")
    monkeypatch.setattr(reducing, "_MOST_SOURCES", 0)
    old, new = (f"runs/2026-11-{day}T10-14-05-ab12-{'0' * 16}.run" for day in (21, 22))
    for name, code in ((old, codes[0]), (new, codes[1])):
        lines = [
            {"event": "shared", "version": 1, "project": True},
            {"event": "run_start", "time": 1.0, "script": "a.py"},
            {"event": "sites", "script": "a.py", "analysis": code},
            {"event": "run_end", "time": 2.0, "state": "done"},
        ]
        store.write(name, to_bytes([json.dumps(line) for line in lines], name, None))
    freed = reduce_store(store, Limits(), keep_runs=1)
    assert (freed.runs, freed.sources) == (1, 3)
    assert [one.name for one in store.list("code/")] == [f"code/{codes[1]}.json"]


def test_an_output_may_wait_longer_for_its_result_where_the_network_may_fail_between_them(tmp_path):
    store = LocalStore(tmp_path / "store")
    store.write("blobs/feed", b"kept an hour ago")
    far = elsewhere(store)
    written = far.stat("blobs/feed").mtime
    assert reduce_store(far, Limits(items=1), now=written + 3_600).outputs == 0
    assert reduce_store(far, Limits(items=1), now=written + 100_000).outputs == 1
