"""Where ``joblib.Memory`` hurts, third part: what lies in the store, and who shares it.

Each test names the joblib issues in which users tell of it.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from jobtui_core import Memory, expires_after
from jobtui_core.errors import CacheWarning
from jobtui_core.stores import open_store
from tests.core.isolation import clean_environment

ran: list[object] = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


def double(x):
    ran.append(x)
    return [x, x]


def entries(memory):
    return [item for item in memory.store.list() if item.name.endswith(".entry")]


def files(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99], ids=["empty", "begun", "almost whole"])
def test_an_entry_that_was_cut_short_is_computed_again(memory, keep):
    """joblib #1727, #809, #287, #768, #490: KeyError 'time', EOFError and their like."""
    valid = memory.cache(double, cache_validation_callback=expires_after(days=1))
    valid(1)
    (entry,) = entries(memory)
    path = memory.store.local_path(entry.name)
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: int(len(data) * keep)])
    again = Memory(memory.location, verbose=0).cache(
        double, cache_validation_callback=expires_after(days=1)
    )
    with pytest.warns(CacheWarning):
        assert again(1) == [1, 1]
    assert again(1) == [1, 1]
    assert ran == [1, 1]


def test_a_result_and_what_is_said_of_it_are_one_object(memory):
    """joblib #1727, #73, #490, #92, #1694: the result was there and its metadata not yet."""
    memory.cache(double)(1)
    assert len(entries(memory)) == 1
    shelved = memory.cache(double).call_and_shelve(1)
    assert set(shelved.metadata) == {"duration", "time", "input_args"}
    assert not [path for path in files(memory.location) if "metadata" in path.name]


def test_what_was_kept_expires(memory):
    """joblib #313, #576, #1615."""
    late = memory.cache(double, cache_validation_callback=expires_after(days=-1))
    late(1), late(1)
    assert ran == [1, 1]
    memory.cache(double, cache_validation_callback=expires_after(days=1))(1)
    assert ran == [1, 1]


def test_a_store_is_anything_that_holds_bytes_under_names():
    """joblib #390, #397, #1124, #1126: S3 and others needed two classes on private methods."""
    memory = Memory("memory://pains", verbose=0)
    cached = memory.cache(double)
    assert [cached(1), cached(1)] == [[1, 1]] * 2
    assert ran == [1]
    assert len(entries(memory)) == 1
    memory.clear()


def test_asking_whether_a_call_is_stored_changes_nothing(memory):
    """joblib #668, #1342, #1584, #1763: joblib's question deletes results of other code."""
    cached = memory.cache(double)
    cached(1)

    def state():
        return [(path, path.stat().st_mtime_ns) for path in files(memory.location)]

    before = state()
    assert cached.check_call_in_cache(1)
    assert not cached.check_call_in_cache(2)
    assert state() == before
    assert ran == [1]


def test_one_result_is_dropped_and_the_others_stay(memory):
    """joblib #1542, #1559, #1237."""
    cached = memory.cache(double)
    cached(1), cached(2)
    cached.call_and_shelve(1).clear()
    assert not cached.check_call_in_cache(1)
    assert cached.check_call_in_cache(2)


def test_computations_are_logged_and_nothing_is_printed(tmp_path, caplog, capfd):
    """joblib #1442, #1033, #1643: what is printed by default, and the root logger."""
    caplog.set_level("INFO")
    before = list(logging.getLogger().handlers)
    cached = Memory(tmp_path / "cache").cache(double)
    cached(1), cached(1)
    assert [record.name for record in caplog.records] == ["jobtui_core.memory"]
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger().handlers == before


class Counter:
    """Counts its calls."""

    def __init__(self, start):
        self.start = start

    def next(self):
        ran.append(self.start)
        return self.start + 1


def test_methods_are_cached_by_the_state_of_their_object(memory):
    """joblib #271, #432, #431, #539, #14, #1363."""

    class Own(Counter):
        @memory.cache
        def twice(self, factor=2):
            ran.append("twice")
            return self.start * factor

    assert [Own(n).twice() for n in (1, 2, 1)] == [2, 4, 2]
    assert ran == ["twice"] * 2
    assert [memory.cache(Counter(n).next)() for n in (5, 6, 5)] == [6, 7, 6]
    assert ran == ["twice", "twice", 5, 6]


@Memory("memory://pains-of-a-module", verbose=0).cache
def of_a_module(x):
    return x + 1


def test_decorated_functions_are_sent_to_processes():
    """joblib #226, #666: PicklingError, since the name leads to the decorated one."""
    assert pickle.loads(pickle.dumps(of_a_module)) is of_a_module
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(of_a_module, [1, 2]) == [2, 3]


def test_threads_that_ask_the_same_get_the_same(memory):
    """joblib #1030, #111, #92: each worker of a parallel loop computed it."""
    barrier = threading.Barrier(4)
    cached = memory.cache(lambda n: ran.append(n) or list(range(n)))
    found = []

    def work():
        barrier.wait()
        found.append(cached(100))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [list(range(100))] * 4
    assert ran == [100]
    assert len(entries(memory)) == 1


WORKER = """
import sys
from jobtui_core import Memory
memory = Memory("cache", verbose=0)
@memory.cache
def f(x):
    return [x + OFFSET] * 100
print("ready", flush=True)
sys.stdin.readline()
assert all(f(n) == [n + OFFSET] * 100 for n in range(30))
"""


def test_processes_with_other_code_leave_each_others_results_alone(tmp_path):
    """joblib #1030, #73, #92, #1694, #520, #491: they deleted, and died of what was deleted."""
    started = []
    for offset in (1, 2, 1):
        folder = tmp_path / str(offset)
        folder.mkdir(exist_ok=True)
        script = folder / "worker.py"
        script.write_text(WORKER.replace("OFFSET", str(offset)))
        started.append(
            subprocess.Popen(
                [sys.executable, script], cwd=tmp_path, env=clean_environment(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=60) for process in started]
    assert [(process.returncode, end[1]) for process, end in zip(started, ends, strict=True)] == [
        (0, "")
    ] * 3
    assert len(files(tmp_path / "cache")) >= 60


def test_options_of_one_function_are_honoured(memory):
    """joblib #1522, #1857, #1799, #95: mmap_mode and verbose of the decorator were ignored."""
    mapped = memory.cache(np.arange, mmap_mode="r", verbose=0)
    for _ in range(2):
        found = mapped(5)
        assert isinstance(found, np.memmap)
        assert not found.flags.writeable


def test_a_memmap_as_a_result_is_stored(memory, tmp_path):
    """joblib #1523."""
    file = tmp_path / "data.bin"
    np.arange(10.0).tofile(file)
    cached = memory.cache(lambda name: np.memmap(name, float, "r"))
    for _ in range(2):
        assert cached(str(file)).tolist() == list(range(10))


def test_results_are_not_kept_alive_in_the_process(memory):
    """joblib #1196: what was returned stayed in memory."""
    import gc
    import weakref

    class Big:
        pass

    @memory.cache
    def f(x):
        array = np.zeros(100_000) + x
        alive.append(weakref.ref(array))
        return array

    alive = []
    f(1)
    gc.collect()
    assert alive[0]() is None


def test_locations_are_one_whether_text_or_path_and_decorating_touches_no_disk(tmp_path):
    """joblib #1684, #1828; a folder that cannot be written broke the decoration."""
    Memory(str(tmp_path / "a"), verbose=0).cache(double)
    assert not (tmp_path / "a").exists()
    Memory(str(tmp_path / "a"), verbose=0).cache(double)(1)
    assert Memory(tmp_path / "a", verbose=0).cache(double).check_call_in_cache(1)


def test_nothing_is_put_beside_what_others_keep(tmp_path, monkeypatch):
    """joblib #1737, #1643: a .gitignore with * in the project's folder."""
    (tmp_path / ".gitignore").write_text("mine\n")
    Memory(".", verbose=0).cache(double)(1)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert sorted(os.listdir(tmp_path)) == [".gitignore", "jobtui"]


def test_small_results_are_spread_over_folders_and_listed_at_once(memory):
    """joblib #1755, #467: a folder and three files for each call."""
    cached = memory.cache(double)
    for n in range(50):
        cached(n)
    found = entries(memory)
    assert len(found) == 50
    assert len({Path(item.name).parent for item in found}) > 20


class Harmful:
    def __reduce__(self):
        return os.system, ("echo harm > harmed",)


def test_pickles_can_be_refused(tmp_path):
    """joblib #977, #1582 (CVE-2024-34997), #1795: whoever writes to the cache runs code."""

    def make():
        return Harmful()

    harmful = Memory(tmp_path / "cache", verbose=0).cache(make)
    harmful()
    (entry,) = entries(Memory(tmp_path / "cache"))
    data = open_store(tmp_path / "cache" / "jobtui").read(entry.name)
    assert b"system" in data
    refusing = Memory(tmp_path / "cache", verbose=0, allow_pickle=False).cache(harmful.func)
    with pytest.warns(CacheWarning):
        assert isinstance(refusing(), Harmful)
    assert not (tmp_path / "harmed").exists()


async def test_coroutines_are_cached_and_gathered_calls_compute_once(memory):
    """joblib #889, #894, #1357."""

    @memory.cache
    async def f(x):
        ran.append(x)
        await asyncio.sleep(0)
        return x

    assert await asyncio.gather(f(1), f(1), f(2)) == [1, 1, 2]
    assert await f(1) == 1
    assert sorted(ran) == [1, 2]


def test_a_store_in_memory_is_there_too():
    """joblib #510."""
    cached = Memory("memory://ram", verbose=0).cache(double)
    cached(3), cached(3)
    assert ran == [3]


def test_limits_are_kept_by_use_and_not_by_the_times_of_files(memory):
    """joblib #574, #1447, #1170, #1183, #1200: by access times, which most systems do not keep."""
    cached = memory.cache(double)
    for n in range(6):
        cached(n)
    memory.reduce_size()
    assert len(entries(memory)) == 6
    cached(0)
    memory.reduce_size(items_limit=3)
    assert len(entries(memory)) == 3
    assert cached.check_call_in_cache(0)
    assert cached.check_call_in_cache(5)
    memory.reduce_size(age_limit=timedelta(days=1))
    assert len(entries(memory)) == 3
    with pytest.raises(ValueError, match="age"):
        memory.reduce_size(age_limit=timedelta(days=-1))


def test_what_is_stored_and_why_a_call_would_miss_is_told(memory):
    """joblib #1342, #668, #1763, #1542, #1559, #1237: is it there, why not, and away with it."""
    cached = memory.cache(double)
    cached(1), cached(2)
    assert [stored.arguments["x"] for stored in cached.entries()] == ["2", "1"]
    assert "x" in str(cached.explain(3))
    assert cached.forget(1)
    assert not cached.forget(1)
    assert [stored.arguments["x"] for stored in cached.entries()] == ["2"]
    assert (cached.hits, cached.misses) == (0, 2)
    cached(2)
    assert cached.cache_info()[:2] == (1, 2)
