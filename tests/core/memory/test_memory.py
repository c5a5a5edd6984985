"""``Memory``: what is computed once, where it is kept, and what it survives."""

from __future__ import annotations

import functools
import os
import pickle
import random
import threading
from pathlib import Path

import numpy as np
import pytest

from jobtui_core import MemorizedFunc, Memory, NotMemorizedFunc
from jobtui_core.errors import CacheWarning, StoreError

calls = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache")


def square(x, verbose=0):
    """Give a square."""
    calls.append(x)
    return x * x


def test_a_second_call_is_answered_from_the_store(memory):
    cached = memory.cache(square)
    assert (cached(3), cached(3), cached(x=3)) == (9, 9, 9)
    assert calls == [3]


def test_a_fresh_memory_on_the_same_folder_knows_it_too(tmp_path):
    Memory(tmp_path / "cache").cache(square)(3)
    Memory(str(tmp_path / "cache")).cache(square)(3)
    assert calls == [3]


def test_the_decorator_comes_in_three_spellings(memory):
    @memory.cache
    def one(x):
        calls.append("one")
        return x

    @memory.cache()
    def two(x):
        calls.append("two")
        return x

    @memory.cache(ignore=["x"])
    def three(x):
        calls.append("three")
        return x

    assert [f(1) for f in (one, two, three)] == [1, 1, 1]
    assert [f(2) for f in (one, two, three)] == [2, 2, 1]
    assert calls == ["one", "two", "three", "one", "two"]
    assert isinstance(one, MemorizedFunc)


def test_types_of_arguments_count(memory):
    cached = memory.cache(square)
    results = [cached(value) for value in (1, 1.0, True, np.float64(1))]
    assert [type(result) for result in results] == [int, float, int, np.float64]
    assert len(calls) == 4


def test_ignored_arguments_do_not_count(memory):
    cached = memory.cache(square, ignore=["verbose"])
    cached(3, verbose=0)
    cached(3, verbose=5)
    assert calls == [3]


def test_a_wrong_ignore_list_is_refused_at_the_call(memory):
    cached = memory.cache(square, ignore=["verbos"])
    with pytest.raises(ValueError, match="verbos"):
        cached(3)


def test_a_bad_call_is_a_type_error_and_a_value_error(memory):
    for kind in (TypeError, ValueError):
        with pytest.raises(kind, match="square"):
            memory.cache(square)()


def test_the_users_exception_passes_untouched_and_is_not_stored(memory):
    def fails():
        calls.append("fails")
        raise KeyError("mine")

    cached = memory.cache(fails)
    for _ in range(2):
        with pytest.raises(KeyError, match="mine") as caught:
            cached()
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        files = {entry.path.name for entry in caught.traceback}
        assert files == {"test_memory.py"}
    assert len(calls) == 2


def test_none_keeps_nothing():
    cached = Memory(None).cache(square)
    assert isinstance(cached, NotMemorizedFunc)
    assert (cached(3), cached(3)) == (9, 9)
    assert calls == [3, 3]
    assert not cached.check_call_in_cache(3)
    assert cached.call(3) == (9, {})
    cached.clear()


def test_a_relative_location_stays_where_it_was(tmp_path, monkeypatch):
    cached = Memory("cache").cache(square)
    cached(3)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    cached(3)
    assert calls == [3]
    assert (tmp_path / "cache" / "jobtui").is_dir()
    assert not any((tmp_path / "elsewhere").iterdir())


def test_what_others_keep_in_the_folder_is_left_alone(memory, tmp_path):
    theirs = tmp_path / "cache" / "joblib" / "mod" / "func_code.py"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("# joblib's")
    cached = memory.cache(square)
    cached(3)
    memory.clear()
    assert theirs.read_text() == "# joblib's"
    cached(3)
    assert calls == [3, 3]


def test_an_unknown_scheme_and_an_unknown_backend_are_refused():
    with pytest.raises(StoreError, match="gopher"):
        Memory("gopher://host/x")
    with pytest.raises(TypeError, match="swift"):
        Memory("cache", backend="swift")


def test_a_store_in_memory_works():
    memory = Memory("memory://test-memory")
    cached = memory.cache(square)
    cached(4)
    cached(4)
    assert calls == [4]
    memory.clear()
    cached(4)
    assert calls == [4, 4]


def test_clear_of_a_function_leaves_the_others(memory):
    def other(x):
        calls.append("other")
        return x

    one, two = memory.cache(square), memory.cache(other)
    one(3), two(3)
    one.clear()
    one(3), two(3)
    assert calls == [3, "other", 3]


def test_clearing_by_another_process_is_seen(memory, tmp_path):
    cached = memory.cache(square)
    cached(3), cached(3)
    for entry in (tmp_path / "cache").rglob("*.entry"):
        entry.unlink()
    cached(3)
    assert calls == [3, 3]


def test_looking_whether_a_call_is_stored_changes_nothing(memory):
    cached = memory.cache(square)
    assert not cached.check_call_in_cache(3)
    cached(3)
    assert cached.check_call_in_cache(3)
    assert not cached.check_call_in_cache(4)
    assert calls == [3]


def test_call_always_runs_and_gives_metadata(memory):
    cached = memory.cache(square)
    result, metadata = cached.call(3)
    cached.call(3)
    assert result == 9
    assert metadata["input_args"] == {"x": "3", "verbose": "0"}
    assert metadata["duration"] >= 0
    assert calls == [3, 3]
    cached(3)
    assert len(calls) == 2


def test_a_callback_decides_whether_a_result_is_valid(memory):
    answers = [True, False]
    seen = []

    def valid(metadata):
        seen.append(metadata)
        return answers.pop(0)

    cached = memory.cache(square, cache_validation_callback=valid)
    cached(3), cached(3), cached(3)
    assert calls == [3, 3]
    assert set(seen[0]) == {"duration", "time", "input_args"}
    assert seen[0]["time"] > 1e9
    with pytest.raises(ValueError, match="cache_validation_callback"):
        memory.cache(square, cache_validation_callback=3)


def test_eval_is_a_call_of_the_decorated_function(memory):
    assert (memory.eval(square, 3), memory.eval(square, x=3)) == (9, 9)
    assert calls == [3]


def test_caching_a_cached_function_unwraps_it(memory):
    cached = memory.cache(memory.cache(square))
    assert cached.func is square


def test_computing_is_logged_unless_verbose_is_nothing(memory, caplog):
    caplog.set_level("INFO", logger="jobtui_core.memory")
    memory.cache(square, verbose=0)(3)
    assert not caplog.messages
    memory.cache(square)(4), memory.cache(square)(4)
    assert caplog.messages == ["computing square"]


def test_it_looks_like_the_function(memory):
    cached = memory.cache(square)
    assert cached.__name__ == "square"
    assert cached.__doc__ == "Memoized version of square\n\nGive a square."
    assert cached.__wrapped__ is square
    assert "square" in repr(cached)


# Values


def test_a_mutable_result_is_everybodys_own(memory):
    @memory.cache
    def numbers():
        return [1, 2]

    first = numbers()
    first.append(3)
    numbers().append(4)
    assert numbers() == [1, 2]


def test_an_array_comes_back_as_it_was_and_writable(memory):
    @memory.cache
    def grid():
        return np.arange(6.0).reshape(2, 3)

    grid()
    array = grid()
    assert array.dtype == np.float64
    array[0, 0] = 7
    assert grid()[0, 0] == 0


def test_mmap_mode_maps_arrays(tmp_path):
    @Memory(tmp_path / "cache", mmap_mode="r").cache
    def grid():
        return np.arange(100_000)

    grid()
    assert isinstance(grid(), np.memmap)
    assert not grid().flags.writeable


def test_what_cannot_be_hashed_runs_uncached_with_one_warning(memory):
    @memory.cache
    def locked(config):
        calls.append("locked")
        return 1

    config = {"model": threading.Lock()}
    with pytest.warns(CacheWarning, match=r'config\["model"\]') as caught:
        assert (locked(config), locked({"other": config})) == (1, 1)
    assert len(caught) == 1
    assert len(calls) == 2


def test_what_cannot_be_stored_is_returned_with_one_warning(memory, tmp_path):
    @memory.cache
    def opened():
        calls.append("opened")
        return threading.Lock()

    with pytest.warns(CacheWarning, match="opened cannot be stored") as caught:
        opened(), opened()
    assert len(caught) == 1
    assert len(calls) == 2
    files = [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert files == [".locks"]


def test_a_changed_argument_is_told_of(memory):
    @memory.cache
    def sort(items):
        items.sort()
        return items[0]

    with pytest.warns(CacheWarning, match="changes its argument 'items' in place"):
        assert sort([3, 1]) == 1
    assert sort([3, 1]) == 1


def test_a_generator_of_random_numbers_that_was_drawn_from_is_told_of(memory):
    @memory.cache
    def draw(rng):
        return rng.random()

    with pytest.warns(CacheWarning, match="'rng'"):
        draw(random.Random(3))


def test_an_argument_that_is_left_alone_is_not_told_of(memory):
    @memory.cache
    def total(items, table, array):
        return sum(items) + len(table) + array.sum()

    total([3, 1], {"a": [1]}, np.arange(3))


# The store breaks


def test_a_read_only_folder_costs_one_warning(tmp_path, monkeypatch):
    # As root every folder can be written, so that the store itself says no.
    memory = Memory(tmp_path / "cache")

    def refuse(name, data):
        raise StoreError("read-only file system")

    monkeypatch.setattr(memory.store, "write", refuse)
    cached = memory.cache(square)
    with pytest.warns(CacheWarning, match="cannot be written") as caught:
        assert (cached(3), cached(4), cached(3)) == (9, 16, 9)
    assert len(caught) == 1
    assert calls == [3, 4, 3]


def test_a_location_that_is_a_file_costs_one_warning(tmp_path):
    (tmp_path / "cache").write_text("not a folder")
    cached = Memory(tmp_path / "cache").cache(square)
    with pytest.warns(CacheWarning):
        assert (cached(3), cached(3)) == (9, 9)


def test_a_damaged_entry_is_computed_again(memory, tmp_path):
    cached = memory.cache(square)
    cached(3)
    (entry,) = (tmp_path / "cache").rglob("*.entry")
    entry.write_bytes(entry.read_bytes()[:-3] + b"xyz")
    os.utime(entry, (1, 1))
    fresh = Memory(tmp_path / "cache").cache(square)
    with pytest.warns(CacheWarning):
        assert fresh(3) == 9
    assert fresh(3) == 9
    assert calls == [3, 3]


def test_decorating_touches_no_disk(tmp_path):
    Memory(tmp_path / "cache").cache(square)
    assert not (tmp_path / "cache").exists()


# Identity


def test_two_closures_of_one_factory_do_not_meet(memory):
    def adder(n):
        @memory.cache
        def add(x):
            calls.append((n, x))
            return x + n

        return add

    assert (adder(1)(1), adder(2)(1), adder(1)(1)) == (2, 3, 2)
    assert calls == [(1, 1), (2, 1)]


def test_two_lambdas_on_a_line_do_not_meet(memory):
    one, two = memory.cache(lambda x: x + 1), memory.cache(lambda x: x + 2)
    assert (one(1), two(1)) == (2, 3)


def test_a_partial_counts_with_what_it_holds(memory):
    one, two = (memory.cache(functools.partial(square, n)) for n in (3, 4))
    assert (one(), two(), one()) == (9, 16, 9)
    assert calls == [3, 4]


def test_a_ufunc_can_be_cached(memory):
    multiply = memory.cache(np.multiply)
    array = np.arange(4)
    assert multiply(array, array).tolist() == multiply(array, array).tolist() == [0, 1, 4, 9]
    assert multiply.check_call_in_cache(array, array)


class Model:
    cache = Memory(None)

    def __init__(self, k):
        self.k = k

    def scale(self, x):
        calls.append((self.k, x))
        return self.k * x

    def __call__(self, x):
        calls.append("object")
        return self.k + x


def test_a_bound_method_counts_with_its_instance(memory):
    for k in (2, 3, 2):
        assert memory.cache(Model(k).scale)(5) == 5 * k
    assert calls == [(2, 5), (3, 5)]


def test_a_callable_object_counts_with_its_state(memory):
    assert [memory.cache(Model(k))(5) for k in (2, 3, 2)] == [7, 8, 7]
    assert calls == ["object", "object"]


def test_a_method_decorated_in_its_class_is_a_method(memory):
    class Shape:
        def __init__(self, side):
            self.side = side

        @memory.cache
        def area(self, factor=1):
            calls.append("area")
            return factor * self.side**2

    assert (Shape(3).area(), Shape(3).area(), Shape(4).area(factor=2)) == (9, 9, 32)
    assert calls == ["area", "area"]


named = Memory("nowhere").cache(square)


@Memory("nowhere").cache
def by_reference(x):
    return x


def test_a_decorated_function_pickles_by_reference():
    assert pickle.loads(pickle.dumps(by_reference)) is by_reference


def test_another_name_for_a_decorated_function_pickles_by_value(tmp_path, monkeypatch):
    copy = pickle.loads(pickle.dumps(named))
    assert copy is not named
    assert copy.func is square
    assert copy.store_backend.url == named.store_backend.url
    transparent = pickle.loads(pickle.dumps(Memory(None).cache(square)))
    assert transparent(3) == 9


def test_a_memory_pickles_with_its_place(tmp_path, monkeypatch):
    memory = Memory("cache", verbose=0)
    (tmp_path / "elsewhere").mkdir()
    data = pickle.dumps(memory)
    monkeypatch.chdir(tmp_path / "elsewhere")
    copy = pickle.loads(data)
    assert copy.store.url == memory.store.url
    assert (copy.location, copy.verbose) == ("cache", 0)
    assert Path(tmp_path / "cache" / "jobtui").as_posix() in copy.store.url


def test_results_in_process_are_reused_only_while_their_entry_stands(memory, tmp_path):
    cached = memory.cache(square)
    for _ in range(5):
        cached(3)
    (entry,) = (tmp_path / "cache").rglob("*.entry")
    data = entry.read_bytes()
    entry.unlink()
    assert not cached.check_call_in_cache(3)
    assert calls == [3]
    cached(3)
    assert calls == [3, 3]
    entry.write_bytes(data)
    assert cached.check_call_in_cache(3)
    cached(3)
    assert calls == [3, 3]


def test_recursion_through_the_cache_works(memory):
    @memory.cache
    def fibonacci(n):
        calls.append(n)
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    assert fibonacci(30) == 832040
    assert len(calls) == 31
