"""The very same call again and again: answered from memory, and never by anything that was."""

from __future__ import annotations

import secrets
import shutil
import time

import pytest

from jobtui_core import Memory, tracing
from jobtui_core.errors import CacheWarning
from jobtui_core.memory import reuse
from jobtui_core.memory.keyed import KeyedFunction
from jobtui_core.tracing import enable_for_tests
from jobtui_core.tracing.read import read_run

TIMES = 6
"""Calls after which one is known by its arguments: after the second it is read twice."""

calls = []
factor = None


def tell(x, y=1):
    calls.append((x, y))
    return f"{x!r} {y!r}"


def times_factor(x):
    calls.append(x)
    return x * factor


def set_factor(value):
    global factor
    factor = value


def draw(x):
    return secrets.token_hex()


def keeps_list(x, seen=[]):  # noqa: B006  # that is what it is about
    calls.append(x)
    return len(seen)


@pytest.fixture
def memory(tmp_path):
    calls.clear()
    return Memory(tmp_path / "cache", verbose=0)


@pytest.fixture(autouse=True)
def old_enough(monkeypatch):
    """Let files count as settled at once."""
    monkeypatch.setattr(reuse, "_SETTLED", 0)


@pytest.fixture
def keyed(monkeypatch):
    """Give the number of keys that were made, in a list."""
    made = [0]
    request = KeyedFunction._request

    def counted(self, args, kwargs):
        made[0] += 1
        return request(self, args, kwargs)

    monkeypatch.setattr(KeyedFunction, "_request", counted)
    return made


def repeat(function, *args, **kwargs):
    return {function(*args, **kwargs) for _ in range(TIMES)}


@pytest.mark.parametrize("argument", [7, "text", b"bytes", 2.5, True, None, float("inf")])
def test_a_repeated_call_makes_no_key(memory, keyed, argument):
    cached = memory.cache(tell)
    assert repeat(cached, argument) == {f"{argument!r} 1"}
    keyed[0] = 0
    assert repeat(cached, argument) == {f"{argument!r} 1"}
    assert keyed == [0]
    assert calls == [(argument, 1)]


def test_it_is_known_by_names_too(memory, keyed):
    cached = memory.cache(tell)
    for x, y in ((1, 2), (2, 1)):
        assert repeat(cached, x=x, y=y) == repeat(cached, y=y, x=x) == {f"{x} {y}"}
        assert repeat(cached, x, y) == repeat(cached, x, y=y) == {f"{x} {y}"}
    assert calls == [(1, 2), (2, 1)]
    keyed[0] = 0
    assert cached(y=1, x=2) == "2 1"
    assert keyed == [0]


def test_equal_numbers_of_other_types_are_other_calls(memory):
    cached = memory.cache(tell)
    values = [1, 1.0, True, 0, 0.0, -0.0, False]
    for _ in range(2):
        for value in values:
            assert repeat(cached, value) == {f"{value!r} 1"}
            assert repeat(cached, 5, y=value) == {f"5 {value!r}"}
    assert len(calls) == 2 * len(values)


@pytest.mark.parametrize("argument", [[1], (1,), {"a": 1}, 10**3000, "long " * 10_000])
def test_other_arguments_are_answered_as_ever(memory, argument):
    cached = memory.cache(lambda x: calls.append(0) or "result")
    assert repeat(cached, argument) == {"result"}
    assert len(calls) == 1


def test_arguments_of_other_types_are_not_even_hashed(memory):
    class Odd:
        def __hash__(self):
            raise AssertionError("it was hashed")

        def __reduce__(self):
            return (Odd, ())

    cached = memory.cache(tell)
    repeat(cached, 3)
    cached(Odd())


def test_an_entry_that_is_gone_is_computed_at_once(memory, tmp_path):
    cached = memory.cache(tell)
    repeat(cached, 1)
    shutil.rmtree(tmp_path / "cache")
    repeat(cached, 1)
    cached.clear()
    cached(1)
    memory.clear()
    cached(1)
    assert len(calls) == 4


def test_an_entry_in_its_place_is_read(memory, tmp_path):
    cached, other = memory.cache(draw), Memory(tmp_path / "other", verbose=0).cache(draw)
    assert len(repeat(cached, 1)) == 1
    drawn = other(1)
    (old,), (new,) = (tmp_path.joinpath(name).rglob("*.entry") for name in ("cache", "other"))
    new.replace(old)
    assert repeat(cached, 1) == {drawn}


def test_a_global_that_was_bound_anew_counts(memory):
    cached = memory.cache(times_factor)
    for value in (2, 3, 2):
        set_factor(value)
        assert repeat(cached, 4) == {4 * value}
    assert calls == [4, 4]


def test_a_default_that_changed_counts(memory):
    cached = memory.cache(keeps_list)
    repeat(cached, 1)
    keeps_list.__defaults__[0].append("something")
    try:
        assert repeat(cached, 1) == {1}
    finally:
        keeps_list.__defaults__[0].clear()


def test_an_entry_that_is_replaced_within_one_step_of_the_clock_is_read_anew(memory, monkeypatch):
    # File systems give out the number of a deleted file at once, and times in steps.
    status = (1, time.time_ns(), 500)
    monkeypatch.setattr(reuse, "_SETTLED", 3600 * 10**9)
    monkeypatch.setattr(reuse, "_file_state", lambda file: status)
    cached, other = memory.cache(draw), memory.cache(draw)
    repeat(cached, 1)
    other.clear()
    now = other(1)
    assert repeat(cached, 1) == {now}


def test_a_callback_is_asked_each_time(memory):
    cached = memory.cache(tell)
    repeat(cached, 1)
    asked = []
    cached.cache_validation_callback = asked.append
    repeat(cached, 1)
    assert len(asked) == TIMES
    assert len(calls) == 1 + TIMES


def test_all_of_them_are_in_the_record_of_the_run(memory, tmp_path):
    cached = memory.cache(tell)
    outer = memory.cache(lambda: [cached(1) for _ in range(TIMES)])
    with enable_for_tests(tmp_path) as run:
        repeat(cached, 1)
        outer()
    found = [call for call in read_run(run.folder).calls if call.name == "tell"]
    assert [call.state for call in found] == ["computed"] + ["hit"] * (2 * TIMES - 1)
    assert len({(call.key, call.result) for call in found}) == 1
    assert tracing.innermost() is None


def test_they_are_counted_as_hits(memory):
    cached = memory.cache(tell)
    repeat(cached, 1)
    repeat(cached, 1)
    assert (cached._hits.value, cached._misses.value) == (2 * TIMES - 1, 1)


def test_an_argument_whose_type_has_no_hash_makes_a_call_run_uncached(memory):
    class Kind(type):
        __hash__ = None

    class Odd(metaclass=Kind):
        pass

    itself = list(range(3))
    itself.append(itself)
    cached = memory.cache(lambda x: calls.append(x) or 1)
    repeat(cached, 3)
    with pytest.warns(CacheWarning, match="x cannot be hashed.*Odd"):
        found = [cached(Odd()), cached(x=Odd()), cached([Odd()]), cached([*itself, Odd()])]
    assert found == [1] * 4
    assert len(calls) == 5


@pytest.mark.parametrize("depth", [10, 400])
def test_a_deep_result_is_no_trouble_when_it_is_read_again(memory, depth):
    def nested(depth):
        calls.append(depth)
        found = (1,)
        for _ in range(depth):
            found = (found,)
        return found

    nested_cached = memory.cache(nested)
    for _ in range(TIMES):
        nested_cached(depth)
    assert calls == [depth]
