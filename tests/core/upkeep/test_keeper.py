"""``Memory(max_size=…, max_age=…)``: a store is held to its limits while it is written to."""

from __future__ import annotations

import itertools
import os
import pickle
import subprocess
import sys
import threading
import warnings
from datetime import timedelta

import pytest

from jobtui_core import JsonFile, Memory, make
from jobtui_core.errors import CacheWarning, ConfigurationError, StoreError
from jobtui_core.limits import Limits
from jobtui_core.root import load_config
from jobtui_core.stores import LocalStore
from jobtui_core.upkeep import keeper
from jobtui_core.upkeep.contents import Contents, is_entry
from jobtui_core.upkeep.keeper import Keeper
from tests.core.isolation import clean_environment


@pytest.fixture(autouse=True)
def _no_keepers(monkeypatch):
    monkeypatch.setattr(keeper, "_keepers", {})


def filler(memory):
    @memory.cache
    def fill(n, size=10_000):
        return os.urandom(size)

    return fill


def size_of(memory):
    return Contents(memory.store).total().size


def count(memory):
    return sum(1 for one in memory.store.list() if is_entry(one.name))


def age(memory, seconds):
    """Let all that is there now be older."""
    for one in memory.store.list():
        path = memory.store.local_path(one.name)
        before = os.stat(path).st_mtime
        os.utime(path, (before - seconds, before - seconds))


def test_a_store_never_gets_larger_than_it_may(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0, max_size="100K")
    fill = filler(memory)
    for n in range(50):
        fill(n)
        assert size_of(memory) <= 100 * 1024
    assert count(memory) >= 7


def test_what_is_used_stays(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0, max_size="100K")
    fill = filler(memory)
    first = fill(0)
    for n in range(1, 30):
        age(memory, 60)
        fill(n)
        assert fill(0) == first


def test_a_hit_never_looks(tmp_path, monkeypatch):
    memory = Memory(tmp_path / "cache", verbose=0, max_size="1M", max_age="90d")
    fill = filler(memory)
    fill(0)
    monkeypatch.setattr(Keeper, "grew", None)
    monkeypatch.setattr(Contents, "total", None)
    fill(0)
    assert fill.hits == 1


def test_a_store_with_much_room_is_looked_through_once(tmp_path, monkeypatch):
    looks = []
    whole = Contents.total
    monkeypatch.setattr(Contents, "total", lambda self: (looks.append(1), whole(self))[1])
    memory = Memory(tmp_path / "cache", verbose=0, max_size="1G")
    fill = filler(memory)
    for n in range(30):
        fill(n)
    assert len(looks) == 1


def test_of_a_large_store_more_is_deleted_than_need_be(tmp_path, monkeypatch):
    monkeypatch.setattr(keeper, "_MANY", 5)
    memory = Memory(tmp_path / "cache", verbose=0, max_size="300K")
    fill = filler(memory)
    sizes = []
    for n in range(60):
        fill(n)
        sizes.append(count(memory))
    falls = [before - after for before, after in itertools.pairwise(sizes) if after < before]
    assert falls
    assert all(fall >= 2 for fall in falls)
    assert size_of(memory) <= 300 * 1024


def test_results_that_nobody_used_for_so_long_go(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0)
    fill = filler(memory)
    fill(0)
    age(memory, 100 * 86_400)
    fill(1)
    bounded = Memory(tmp_path / "cache", verbose=0, max_age=timedelta(days=90))
    filler(bounded)(2)
    assert count(memory) == 2


def test_it_is_not_looked_for_old_results_at_every_write(tmp_path, monkeypatch):
    times = []
    whole = keeper.reduce_store
    monkeypatch.setattr(
        keeper, "reduce_store", lambda *a, **k: (times.append(1), whole(*a, **k))[1]
    )
    fill = filler(Memory(tmp_path / "cache", verbose=0, max_age="90d"))
    for n in range(20):
        fill(n)
    assert len(times) == 1


def test_kept_outputs_count(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0, max_size="100K")

    @make(output=JsonFile("out-{n}.json"), memory=memory)
    def step(n):
        return [n] * 5_000

    for n in range(10):
        step(n)
        assert size_of(memory) <= 100 * 1024


def test_limits_go_to_other_processes_with_memory_and_function(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0, max_size="1M", max_age="90d")
    again = pickle.loads(pickle.dumps(memory))
    assert again.limits == memory.limits == Limits(1 << 20, None, 90 * 86_400.0)
    assert (again.max_size, again.max_age) == ("1M", "90d")
    assert pickle.loads(pickle.dumps(memory.cache(abs))).limits == memory.limits


@pytest.mark.parametrize("wrong", [{"max_size": "big"}, {"max_size": -1}, {"max_age": "old"}])
def test_limits_that_say_nothing_are_refused_at_once(wrong):
    with pytest.raises(ValueError, match=r"bytes|age"):
        Memory(None, **wrong)


def test_a_store_that_cannot_be_held_to_limits_costs_a_warning(tmp_path, monkeypatch):
    memory = Memory(tmp_path / "cache", verbose=0, max_size="10K")
    fill = filler(memory)

    def refuse(store, name):
        raise StoreError("read-only")

    monkeypatch.setattr(LocalStore, "delete", refuse)
    with pytest.warns(CacheWarning, match="cannot be held to its limits: read-only"):
        fill(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fill(1)


def test_threads_that_write_hold_to_the_limit(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0, max_size="200K")
    fill = filler(memory)
    threads = [
        threading.Thread(target=lambda k=k: [fill(100 * k + n) for n in range(20)])
        for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fill(1000)
    assert size_of(memory) <= 200 * 1024


def test_processes_that_write_at_once_hold_to_the_limit(tmp_path):
    (tmp_path / "script.py").write_text(
        "import os, sys\n"
        "from jobtui_core import Memory\n"
        "memory = Memory('cache', verbose=0, max_size='500K')\n"
        "@memory.cache\n"
        "def fill(n):\n"
        "    return os.urandom(10_000)\n"
        "for n in range(60):\n"
        "    fill(int(sys.argv[1]) * 1000 + n)\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "script.py", str(n)], cwd=tmp_path, env=clean_environment()
        )
        for n in range(3)
    ]
    assert [one.wait(60) for one in started] == [0, 0, 0]
    total = size_of(Memory(tmp_path / "cache"))
    assert 300_000 < total <= 500 * 1024 + 3 * 11_000


# The project's store


def test_the_projects_store_has_limits_in_its_settings(tmp_path, run):
    (tmp_path / "jobtui.toml").write_text('max_size = "100K"\nmax_age = "90d"\n')
    (tmp_path / "script.py").write_text(
        "import os\n"
        "from jobtui_core import make\n"
        "@make\n"
        "def fill(n):\n"
        "    return os.urandom(10_000)\n"
        "for n in range(30):\n"
        "    fill(n)\n"
    )
    run()
    total = Contents(LocalStore(tmp_path / ".jobtui" / "cache")).total()
    assert total.size <= 100 * 1024
    assert total.entries >= 7


@pytest.mark.parametrize("line", ['max_size = "much"', "max_size = 5", 'max_age = "1 year"'])
def test_settings_that_are_no_limits_are_refused_by_name(tmp_path, line):
    (tmp_path / "jobtui.toml").write_text(line)
    with pytest.raises(ConfigurationError, match=line.partition(" ")[0]):
        load_config(tmp_path)
