"""Threads that make equal calls at once: one computes, all get the result."""

from __future__ import annotations

import contextvars
import logging
import pickle
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from jobtui_core import Memory, make
from jobtui_core.errors import CacheWarning
from jobtui_core.memory import flights, waiting
from jobtui_core.records import CallState
from jobtui_core.tracing.read import RunReader
from tests.core.at_once import PATIENCE, at_once, memory, ran

__all__ = ["memory", "ran"]


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.001)


class Gate:
    """Lets a computation begin, and end when the test says so."""

    def __init__(self):
        self.inside = threading.Event()
        self.open = threading.Event()

    def __call__(self):
        self.inside.set()
        assert self.open.wait(PATIENCE)


class Waiters:
    """Tells when so many threads have come to wait for the latest computation."""

    def __init__(self, monkeypatch):
        self.came = {}
        self.lock = threading.Lock()
        wait = flights.Flight.wait

        def counted(one, seconds):
            with self.lock:
                self.came.setdefault(one, set()).add(threading.get_ident())
            wait(one, seconds)

        monkeypatch.setattr(flights.Flight, "wait", counted)

    def __call__(self, count, number=1):
        until(lambda: [len(threads) for threads in self.came.values()][number - 1 :] == [count])


@pytest.fixture
def waiters(monkeypatch):
    return Waiters(monkeypatch)


def test_equal_calls_are_computed_once(memory, ran, waiters):
    gate = Gate()

    @memory.cache
    def slow(x):
        ran.append(x)
        gate()
        return [x]

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(slow, 1) for _ in range(8)]
        waiters(7)
        gate.open.set()
        assert [call.result(PATIENCE) for call in calls] == [[1]] * 8
    assert ran == [1]


def test_a_step_too_is_computed_once(ran, waiters):
    gate = Gate()

    @make
    def slow(x):
        ran.append(x)
        gate()
        return [x]

    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(slow, 1) for _ in range(3)]
        waiters(2)
        gate.open.set()
        assert [call.result(PATIENCE) for call in calls] == [[1]] * 3
    assert ran == [1]


def test_each_caller_has_a_result_of_its_own(tmp_path):
    inside = threading.Event()

    @Memory(tmp_path, verbose=0).cache
    def slow(x):
        inside.set()
        return [x]

    first, second = at_once(slow, (1,), (1,))
    assert first == second == [1]
    assert first is not second


def test_other_keys_run_side_by_side(memory):
    both = threading.Barrier(2, timeout=PATIENCE)

    @memory.cache
    def slow(x):
        both.wait()
        return x

    assert at_once(slow, (1,), (2,)) == [1, 2]


@pytest.mark.parametrize("decorate", ["memory", "call", "make"])
def test_it_can_be_turned_off(tmp_path, decorate):
    both = threading.Barrier(2, timeout=PATIENCE)

    def slow(x):
        both.wait()
        return x

    if decorate == "memory":
        slow = Memory(tmp_path, verbose=0, single_flight=False).cache(slow)
    elif decorate == "call":
        slow = Memory(tmp_path, verbose=0).cache(slow, single_flight=False)
    else:
        slow = make(slow, single_flight=False)
    assert at_once(slow, (1,), (1,)) == [1, 1]


def test_a_wait_has_a_limit(tmp_path, ran):
    second = threading.Event()

    @Memory(tmp_path, verbose=0, single_flight=0.05).cache
    def slow(x):
        ran.append(x)
        if len(ran) == 1:
            # Ends only if the other call does not wait for it.
            assert second.wait(PATIENCE)
        else:
            second.set()
        return x

    assert at_once(slow, (1,), (1,)) == [1, 1]
    assert ran == [1, 1]


def test_whoever_waits_takes_over_from_one_that_fails(memory, ran, waiters):
    gate = Gate()

    @memory.cache
    def slow(x):
        ran.append(x)
        if len(ran) == 1:
            gate()
            raise RuntimeError("once")
        return x

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(slow, 1)
        assert gate.inside.wait(PATIENCE)
        others = [pool.submit(slow, 1) for _ in range(3)]
        waiters(3)
        gate.open.set()
        with pytest.raises(RuntimeError, match="once"):
            first.result(PATIENCE)
        assert [one.result(PATIENCE) for one in others] == [1, 1, 1]
    assert ran == [1, 1]


def opened_by(gate, *calls):
    gate.open.set()
    return [call.result(PATIENCE) for call in calls]


def test_what_cannot_be_stored_is_computed_side_by_side_from_the_second_on(memory, waiters):
    gate, both = Gate(), threading.Barrier(2, timeout=PATIENCE)
    numbers = iter(range(3))

    @memory.cache
    def opened(x):
        if next(numbers) == 0:
            gate()
        else:
            both.wait()
        return threading.Lock()

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(opened, 1)
        assert gate.inside.wait(PATIENCE)
        others = [pool.submit(opened, 1) for _ in range(2)]
        waiters(2)
        with pytest.warns(CacheWarning, match="cannot be stored"):
            found = opened_by(gate, first, *others)
    assert len(set(map(id, found))) == 3


def test_what_always_fails_holds_up_nobody_for_long(memory, ran, waiters):
    """Of many that wait, the third and later do not wait for one another."""
    gate = Gate()
    rest = threading.Barrier(3, timeout=PATIENCE)

    @memory.cache
    def bad(x):
        ran.append(x)
        if len(ran) == 1:
            gate()
        elif len(ran) == 2:
            waiters(3, number=2)
        else:
            rest.wait()
        raise RuntimeError(x)

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(bad, 1)
        assert gate.inside.wait(PATIENCE)
        others = [pool.submit(bad, 1) for _ in range(4)]
        waiters(4)
        gate.open.set()
        for one in (first, *others):
            with pytest.raises(RuntimeError, match="1"):
                one.result(PATIENCE)
    assert len(ran) == 5


def test_a_waiting_thread_stops_at_once(memory):
    """Ctrl+C reaches whoever waits; here any exception that a thread is sent."""
    import ctypes

    gate, waits = Gate(), threading.Event()
    ended = []

    @memory.cache
    def slow(x):
        gate()
        return x

    def call():
        try:
            waits.set()
            slow(1)
        except KeyboardInterrupt:
            ended.append("interrupted")

    first = threading.Thread(target=slow, args=(1,))
    first.start()
    assert gate.inside.wait(PATIENCE)
    second = threading.Thread(target=call)
    second.start()
    assert waits.wait(PATIENCE)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(second.ident), ctypes.py_object(KeyboardInterrupt)
    )
    second.join(PATIENCE)
    assert ended == ["interrupted"]
    gate.open.set()
    first.join(PATIENCE)
    assert flights.board().flights == {}


def test_recursion_computes_each_call_once(memory, ran):
    @memory.cache
    def fib(n):
        ran.append(n)
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    assert at_once(fib, (20,), (19,), (18,)) == [6765, 4181, 2584]
    assert sorted(ran) == list(range(21))


def test_mutual_recursion_over_threads_does_not_hang(memory, ran):
    @memory.cache
    def even(n):
        ran.append(("even", n))
        return True if n == 0 else odd(n - 1)

    @memory.cache
    def odd(n):
        ran.append(("odd", n))
        return False if n == 0 else even(n - 1)

    calls = [(even if n % 2 else odd, n) for n in range(20, 28)]
    assert at_once(lambda function, n: function(n), *calls) == [False] * 8
    assert len(ran) == len(set(ran))


def test_a_call_within_an_equal_one_does_not_wait_for_it(memory, ran):
    @memory.cache(ignore=["depth"])
    def same(x, depth):
        ran.append(depth)
        return x if depth == 0 else same(x, depth - 1)

    assert same(1, 2) == 1
    assert ran == [2, 1, 0]


def test_two_that_wait_for_each_other_do_not_hang(memory):
    """Ignored arguments make it possible: each calls what the other one computes."""
    both = threading.Barrier(2, timeout=PATIENCE)

    @memory.cache(ignore=["deep"])
    def one(x, deep):
        if not deep:
            return x
        both.wait()
        return two(x, False) + 1

    @memory.cache(ignore=["deep"])
    def two(x, deep):
        if not deep:
            return x
        both.wait()
        return one(x, False) + 1

    found = at_once(lambda function: function(1, True), (one,), (two,))
    assert all(type(one) is int for one in found), found
    assert sorted(found) in ([2, 2], [2, 3])


def test_a_thread_does_not_wait_for_what_it_computes_itself(memory, ran):
    # As greenlets, signal handlers and frameworks do, which know nothing of what they interrupt.
    @memory.cache(ignore=["depth"])
    def same(x, depth):
        ran.append(depth)
        return x if depth == 0 else contextvars.Context().run(same, x, depth - 1)

    assert at_once(same, (1, 2)) == [1]
    assert ran == [2, 1, 0]


def test_whoever_waits_long_is_told(memory, caplog, monkeypatch):
    monkeypatch.setattr(waiting, "TELL_AFTER", 0.0)
    monkeypatch.setattr(waiting, "LOOK_UP", 0.001)
    gate = Gate()

    @memory.cache
    def slow(x):
        gate()
        return x

    with caplog.at_level(logging.INFO, "jobtui_core.memory"), ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(slow, 1) for _ in range(2)]
        until(lambda: any("another thread" in text for text in caplog.messages))
        gate.open.set()
        assert [call.result(PATIENCE) for call in calls] == [1, 1]
    assert len([text for text in caplog.messages if "slow: waiting for" in text]) == 1


def test_it_goes_with_what_is_pickled(tmp_path):
    memory = pickle.loads(pickle.dumps(Memory(tmp_path, verbose=0, single_flight=5.0)))
    assert memory.single_flight == 5.0
    assert pickle.loads(pickle.dumps(memory.cache(len))).single_flight == 5.0
    assert pickle.loads(pickle.dumps(memory.cache(len, single_flight=False))).single_flight is False
    assert pickle.loads(pickle.dumps(make(len, memory=memory))).single_flight == 5.0
    assert pickle.loads(pickle.dumps(make(len, single_flight=False))).single_flight is False


def test_wrong_limits_are_refused(tmp_path):
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError, match="single_flight"):
            Memory(tmp_path, single_flight=wrong)
    with pytest.raises(TypeError, match="single_flight"):
        Memory(tmp_path).cache(len, single_flight="yes")
    with pytest.raises(ValueError, match="single_flight"):
        make(len, single_flight=-1)


def test_many_threads_hit_miss_and_clear_at_once(memory):
    """With the interpreter switching as often as it can, all results are right."""

    @memory.cache
    def table(x):
        return {"x": x, "rows": [x] * 3}

    @memory.cache
    def number(x):
        return x + 0.5

    end = time.monotonic() + 0.5
    wrong = []

    def call(seed):
        x = seed
        while time.monotonic() < end:
            x = (x * 7 + 3) % 11
            found = table(x)
            if found != {"x": x, "rows": [x] * 3} or number(x) != x + 0.5:
                wrong.append((x, found))
            found["rows"].append("mine")

    def clear():
        while time.monotonic() < end:
            table.clear()
            memory.clear(warn=False)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        found = at_once(
            lambda action, *more: action(*more), *((call, n) for n in range(4)), (clear,)
        )
    finally:
        sys.setswitchinterval(interval)
    assert found == [None] * 5
    assert wrong == []
    assert flights.board().flights == {}
    assert flights.board()._waits == {}


TRACED = """
import sys, threading
from jobtui_core import Memory, make

memory = Memory("cache", verbose=0)

@memory.cache
def table(x):
    return [x, cell(x)]

@memory.cache
def cell(x):
    return x / 2

@make
def step(x):
    return table(x)

def call():
    for x in list(range(150)) * 3:
        assert table(x) == [x, x / 2]
        if x % 10 == 0:
            assert step(x) == [x, x / 2]

sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=call) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_the_record_of_many_threads_is_whole(run, tmp_path):
    (tmp_path / "script.py").write_text(TRACED)
    run(JOBTUI_TRACE="1")
    (folder,) = (tmp_path / ".jobtui" / "runs").iterdir()
    reader = RunReader(folder)
    reader.update()
    trace = reader.trace
    assert trace.skipped == 0
    assert trace.warnings == ()
    seen = dict.fromkeys(("script:table", "script:cell", "script:step"), 0)
    computed = dict(seen)
    for call in trace.calls:
        assert call.state in (CallState.HIT, CallState.COMPUTED)
        seen[call.function] += 1
        computed[call.function] += call.state is CallState.COMPUTED
    for one in trace.counted:
        seen[one.function] += one.hits + one.computed
        computed[one.function] += one.computed
    assert computed == {"script:table": 150, "script:cell": 150, "script:step": 15}
    # Within each step that ran there was one more call of the table, which was a hit.
    assert seen["script:step"] == 4 * 3 * 15
    assert seen["script:table"] == 4 * 3 * 150 + 15
    assert seen["script:cell"] == 150
