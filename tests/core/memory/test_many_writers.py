"""Writers, readers and those that delete, on one store at once: nobody is harmed."""

from __future__ import annotations

import asyncio
import os
import random
import time
import warnings
from contextlib import ExitStack, suppress

import pytest

from jobtui_core import Memory
from jobtui_core.memory.notices import forget_notices
from jobtui_core.stores import quote
from tests.core.forked import Forked

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

SECONDS = 0.6
LARGE = 40_000


def value_of(x):
    """A result of another size and kind for each argument: in pieces, mapped, or plain."""
    return [x, "x" * (x * 37), {"rows": list(range(x))}, x / 7]


def array_of(x):
    import numpy as np

    return np.full(LARGE + x, x, dtype=float)


def keep_calling(table, array):
    """Call over and over; tell how often, after comparing each result."""
    end = time.monotonic() + SECONDS
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        while time.monotonic() < end:
            x = random.randrange(12)
            assert table(x) == value_of(x)
            found = array(x)
            assert found.shape == (LARGE + x,)
            assert (found == x).all()
            shelved = table.call_and_shelve(x)
            # What was deleted in between says so.
            with suppress(KeyError):
                assert shelved.get() == value_of(x)
            count += 1
    return count


def keep_clearing(memory, table):
    end = time.monotonic() + SECONDS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        while time.monotonic() < end:
            memory.clear(warn=False)
            table.clear()
            memory.reduce_size(items_limit=3)
            memory.reduce_size(bytes_limit=1000)
            for item in list(memory.store.list(quote(table.func_id))):
                memory.store.delete(item.name)


@pytest.mark.slow
@pytest.mark.parametrize("mmap_mode", [None, "r"])
@pytest.mark.parametrize("single_flight", [True, False])
def test_clearing_beside_readers_and_writers(tmp_path, mmap_mode, single_flight):
    """joblib #73, #92, #490, #1694: no exception, no warning, and always the right result."""
    np = pytest.importorskip("numpy")
    assert np.zeros(1).shape == (1,)
    memory = Memory(tmp_path, mmap_mode=mmap_mode, verbose=0, single_flight=single_flight)
    table, array = memory.cache(value_of), memory.cache(array_of)
    forget_notices()
    with ExitStack() as stack:
        callers = [
            stack.enter_context(Forked(lambda: keep_calling(table, array))) for _ in range(3)
        ]
        clearer = stack.enter_context(Forked(lambda: keep_clearing(memory, table)))
        assert all(one.result() > 0 for one in callers)
        clearer.result()
    # Nothing of what was on its way is left.
    assert not list((tmp_path / "jobtui" / ".tmp").iterdir())


@pytest.mark.parametrize("how", ["plain", "async"])
def test_a_reference_to_what_is_deleted_just_now_is_computed(tmp_path, monkeypatch, how):
    memory = Memory(tmp_path, verbose=0)
    if how == "plain":
        table = memory.cache(value_of)
        shelve = table.call_and_shelve
    else:

        @memory.cache
        async def table(x):
            return value_of(x)

        def shelve(x):
            return asyncio.run(table.call_and_shelve(x))

    assert shelve(3).get() == value_of(3)
    look_up = table._look_up

    def deleted_behind_the_look_up(request):
        found = look_up(request)
        memory.clear(warn=False)
        return found

    monkeypatch.setattr(type(table), "_look_up", lambda _, call: deleted_behind_the_look_up(call))
    assert shelve(3).get() == value_of(3)


def test_processes_that_write_one_entry_at_once(tmp_path):
    memory = Memory(tmp_path, verbose=0, single_flight=False)

    @memory.cache
    def table(x):
        return value_of(x)

    def write():
        for _ in range(30):
            found, _ = table.call(5)
            assert found == table(5) == value_of(5)

    with ExitStack() as stack:
        for child in [stack.enter_context(Forked(write)) for _ in range(3)]:
            child.result()
    assert table(5) == value_of(5)
    names = [item.name for item in memory.store.list() if item.name.endswith(".entry")]
    assert len(names) == 1


def test_two_versions_of_code_at_once_keep_the_results_of_both(tmp_path, run):
    """joblib #1694: workers with other code wiped each other's results."""
    script = (
        "import sys\n"
        "from jobtui_core import Memory\n"
        "ran = []\n"
        "@Memory('cache', verbose=0).cache\n"
        "def both(x):\n"
        "    ran.append(x)\n"
        "    return x {operator} 3\n"
        "print([both(x) for x in range(10)] == [x {operator} 3 for x in range(10)], len(ran))\n"
    )
    for name, operator in (("plus", "+"), ("times", "*")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "script.py").write_text(script.format(operator=operator))
    scripts = [f"{name}/script.py" for name in ("plus", "times", "plus", "times")]
    with ExitStack() as stack:
        children = [
            stack.enter_context(Forked(lambda script=script: run(script))) for script in scripts
        ]
        assert [child.result()[0] for child in children] == ["True"] * 4
    assert [run(script) for script in scripts[:2]] == [["True", "0"]] * 2
