"""Tasks of event loops that make equal calls at once: one computes, all get the result."""

from __future__ import annotations

import asyncio
import contextvars
import os
import types

import pytest

from tests.core.at_once import PATIENCE, at_once, memory, ran

__all__ = ["memory", "ran"]


@pytest.fixture
def slowly(memory, ran):
    @memory.cache
    async def slowly(x, seconds=0.01):
        ran.append(x)
        await asyncio.sleep(seconds)
        return [x]

    return slowly


async def test_gathered_calls_are_computed_once(slowly, ran):
    found = await asyncio.gather(*(slowly(1) for _ in range(5)), slowly(2))
    assert found == [[1]] * 5 + [[2]]
    assert sorted(ran) == [1, 2]


async def test_the_next_task_goes_on_when_one_is_cancelled(memory, ran):
    inside = asyncio.Event()
    over = asyncio.Event()

    @memory.cache
    async def slow(x):
        ran.append(x)
        inside.set()
        await over.wait()
        return x

    first = asyncio.create_task(slow(1))
    await inside.wait()
    second = asyncio.create_task(slow(1))
    third = asyncio.create_task(slow(1))
    await asyncio.sleep(0)
    first.cancel()
    over.set()
    assert await second == await third == 1
    with pytest.raises(asyncio.CancelledError):
        await first
    assert ran == [1, 1]


async def test_a_task_that_waits_can_be_cancelled(slowly, ran):
    first = asyncio.create_task(slowly(1, 0.05))
    await asyncio.sleep(0)
    second = asyncio.create_task(slowly(1, 0.05))
    await asyncio.sleep(0)
    second.cancel()
    assert await first == [1]
    assert second.cancelled() or isinstance(second.exception(), asyncio.CancelledError)
    assert ran == [1]


async def test_a_coroutine_within_an_equal_one_does_not_wait_for_it(memory, ran):
    @memory.cache(ignore=["depth"])
    async def same(x, depth):
        ran.append(depth)
        return x if depth == 0 else await asyncio.create_task(same(x, depth - 1))

    assert await asyncio.wait_for(same(1, 2), PATIENCE) == 1
    assert ran == [2, 1, 0]


def test_nobody_waits_for_a_loop_that_was_stopped(memory, monkeypatch):
    @memory.cache
    async def slow(x):
        await asyncio.sleep(float(os.environ["SECONDS"]))
        return x

    async def begin():
        task = asyncio.create_task(slow(1))
        await asyncio.sleep(0.001)
        return task

    async def stop(task):
        task.cancel()
        await asyncio.wait([task])

    monkeypatch.setenv("SECONDS", "3600")
    loop = asyncio.new_event_loop()
    try:
        task = loop.run_until_complete(begin())
        monkeypatch.setenv("SECONDS", "0")
        assert asyncio.run(asyncio.wait_for(slow(1), PATIENCE)) == 1
        loop.run_until_complete(stop(task))
    finally:
        loop.close()


@types.coroutine
def a_pause():
    yield


def test_coroutines_need_no_loop_of_asyncio(memory, ran):
    @memory.cache
    async def slow(x):
        ran.append(x)
        await a_pause()
        return x

    # As trio does, each in a context of its own.
    tasks = [(contextvars.Context(), slow(1)) for _ in range(2)]
    for context, call in tasks:
        context.run(call.send, None)
    for context, call in tasks:
        with pytest.raises(StopIteration, match="1"):
            context.run(call.send, None)
    assert ran == [1, 1]


def test_a_coroutine_can_be_closed_by_whomever(memory, ran):
    @memory.cache
    async def slow(x):
        ran.append(x)
        await a_pause()
        return x

    call = contextvars.Context().run(slow, 1)
    contextvars.Context().run(call.send, None)
    contextvars.Context().run(call.close)
    assert ran == [1]


def test_loops_of_several_threads_compute_once(slowly, ran):
    async def call():
        return await asyncio.gather(slowly(1, 0.05), slowly(1, 0.05))

    assert at_once(lambda: asyncio.run(call()), (), (), ()) == [[[1], [1]]] * 3
    assert ran == [1]
