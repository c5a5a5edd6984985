"""joblib's interface, and where it hurt (numbers are of joblib's issues)."""

from __future__ import annotations

import asyncio
import functools
import pickle
import time

import pytest

from jobtui_core import MemorizedResult, Memory, expires_after
from jobtui_core.errors import CacheWarning
from jobtui_core.memory import (
    AsyncMemorizedFunc,
    AsyncNotMemorizedFunc,
    MemorizedFunc,
    NotMemorizedFunc,
    NotMemorizedResult,
)


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


def double(x):
    return [x, x]


# References to results


def test_a_reference_reads_the_result_when_it_is_asked_for(memory):
    shelved = memory.cache(double).call_and_shelve(3)
    assert isinstance(shelved, MemorizedResult)
    assert shelved.get() == [3, 3]
    assert shelved.func_id == shelved.func == memory.cache(double).func_id
    assert shelved.duration == shelved.metadata["duration"] >= 0
    assert shelved.metadata["input_args"] == {"x": "3"}
    assert abs(shelved.metadata["time"] - time.time()) < 60


def test_a_reference_survives_pickling_and_its_repr_names_the_call(memory):
    shelved = memory.cache(double).call_and_shelve(3)
    again = pickle.loads(pickle.dumps(shelved))
    assert again.get() == [3, 3]
    assert shelved.args_id in repr(again)
    same = MemorizedResult(shelved.location, (shelved.func, shelved.args_id))
    assert same.metadata == shelved.metadata


def test_a_reference_to_a_result_that_is_gone_raises_a_key_error(memory):
    shelved = memory.cache(double).call_and_shelve(3)
    shelved.clear()
    shelved.clear()
    with pytest.raises(KeyError, match="not in the store"):
        shelved.get()
    assert memory.cache(double)(3) == [3, 3]
    assert shelved.get() == [3, 3]


def test_a_reference_to_a_damaged_result_raises_a_key_error(memory):
    shelved = memory.cache(double).call_and_shelve(3)
    (entry,) = [item.name for item in memory.store.list() if item.name.endswith(".entry")]
    path = memory.store.local_path(entry)
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.warns(CacheWarning), pytest.raises(KeyError):
        shelved.get()


def test_shelving_a_stored_result_neither_runs_nor_reads_it(memory, monkeypatch):
    calls = []

    @memory.cache(ignore=["seen"])
    def f(x, seen):
        seen.append(x)
        return x

    f(1, calls)
    monkeypatch.setattr("jobtui_core.memory.lookup.read_value", None)
    shelved = f.call_and_shelve(1, calls)
    monkeypatch.undo()
    assert shelved.get() == 1
    assert calls == [1]


def test_what_cannot_be_stored_is_shelved_as_it_is(memory):
    @memory.cache
    def numbers(n):
        return (i for i in range(n))

    with pytest.warns(CacheWarning, match="cannot be stored"):
        shelved = numbers.call_and_shelve(3)
    assert isinstance(shelved, NotMemorizedResult)
    assert list(shelved.get()) == [0, 1, 2]
    shelved.clear()
    with pytest.raises(KeyError):
        shelved.get()


def test_without_a_location_everything_works_and_nothing_is_kept():
    cached = Memory(None).cache(double)
    assert isinstance(cached, NotMemorizedFunc)
    assert cached.call_and_shelve(2).get() == [2, 2]
    assert pickle.loads(pickle.dumps(cached.call_and_shelve(2))).get() == [2, 2]
    assert cached.call(2) == ([2, 2], {})


def test_a_memorized_function_is_made_from_a_location_too(tmp_path):
    cached = MemorizedFunc(double, str(tmp_path), mmap_mode="r", timestamp=1.0)
    assert cached(2) == [2, 2]
    assert Memory(str(tmp_path)).cache(double).check_call_in_cache(2)


# Expiry


def test_a_result_expires(memory):
    counter = []

    @memory.cache(
        ignore=["counter"], cache_validation_callback=expires_after(hours=1, milliseconds=1)
    )
    def f(x, counter):
        counter.append(x)
        return x

    f(1, counter)
    f(1, counter)
    assert counter == [1]
    valid = expires_after(seconds=10)
    assert valid({"time": time.time() - 9})
    assert not valid({"time": time.time() - 11})
    assert valid({"time": time.time() + 5}), "a clock that was put back"
    assert not valid({"time": time.time() + 1000}), "one that was far ahead"
    assert not expires_after()({"time": time.time()})


# Layers


def test_arguments_of_the_function_behind_a_transparent_layer_can_be_ignored(memory):
    counter = []

    def layer(f):
        @functools.wraps(f)
        def outer(*args, **kwargs):
            return f(*args, **kwargs)

        return outer

    @memory.cache(ignore=["counter"])  # 1164
    @layer
    def f(x, counter, y=1):
        counter.append(x)
        return x

    f(1, counter)
    f(x=1, counter=[], y=1)
    assert counter == [1]
    f(1, counter, y=2)
    assert counter == [1, 1]


# Coroutines


async def test_a_coroutine_function_is_computed_once(memory):
    counter = []

    @memory.cache(ignore=["counter"])
    async def f(x, counter):
        await asyncio.sleep(0)
        counter.append(x)
        return {"x": x}

    assert isinstance(f, AsyncMemorizedFunc)
    first = await f(1, counter)
    assert await f(1, counter) == first == {"x": 1}
    assert counter == [1]
    result, metadata = await f.call(1, counter)
    assert (result, counter) == ({"x": 1}, [1, 1])
    assert set(metadata) == {"duration", "time", "input_args"}
    shelved = await f.call_and_shelve(2, counter)
    assert shelved.get() == {"x": 2}
    assert f.check_call_in_cache(2, counter)


async def test_calls_that_are_gathered_compute_once_and_share_nothing(memory):  # 889
    counter = []

    @memory.cache(ignore=["counter"])
    async def f(x, counter):
        counter.append(x)
        await asyncio.sleep(0)
        return [x]

    found = await asyncio.gather(*(f(x, counter) for x in [1, 2, 1, 1, 2]))
    assert found == [[1], [2], [1], [1], [2]]
    assert sorted(counter) == [1, 2]
    found[0].append("mine")
    assert found[2] == [1]


async def test_a_failure_is_that_of_one_call_and_the_others_try_again(memory):
    attempts = []

    @memory.cache(ignore=["attempts"])
    async def f(x, attempts):
        attempts.append(x)
        await asyncio.sleep(0)
        if len(attempts) == 1:
            raise OSError("the first one fails")
        return x

    found = await asyncio.gather(*(f(1, attempts) for _ in range(3)), return_exceptions=True)
    assert sorted(map(str, found)) == ["1", "1", "the first one fails"]
    assert len(attempts) == 2


async def test_a_cancelled_call_leaves_the_others_their_own(memory):
    started, go = asyncio.Event(), asyncio.Event()
    attempts = []

    @memory.cache(ignore=["attempts"])
    async def f(x, attempts):
        attempts.append(x)
        started.set()
        await go.wait()
        return x

    first = asyncio.create_task(f(1, attempts))
    await started.wait()
    second = asyncio.create_task(f(1, attempts))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert await second == 1
    with pytest.raises(asyncio.CancelledError):
        await first
    assert len(attempts) == 2


async def test_coroutine_functions_without_a_location():
    async def f(x):
        return x

    cached = Memory(None).cache(f)
    assert isinstance(cached, AsyncNotMemorizedFunc)
    assert await cached(1) == 1
    assert await cached.call(1) == (1, {})
    assert (await cached.call_and_shelve(1)).get() == 1
