"""``memoize``: every call of a small function, in memory and on disk."""

from __future__ import annotations

import asyncio
import pickle
import shutil
import sys
import threading
import warnings
from pathlib import Path

import pytest

from jobtui_core import MemoizedFunction, memoize
from jobtui_core.errors import CacheWarning
from jobtui_core.memory.project import project_store

calls = []


@pytest.fixture(autouse=True)
def no_calls():
    calls.clear()


def double(x):
    calls.append(x)
    return 2 * x


def as_new(function, **options):
    """Give the function as another process would decorate it."""
    return memoize(**options)(function)


def entries():
    return sorted(project_store().path.rglob("*.entry"))


# How it is written


@pytest.mark.parametrize(
    "decorate",
    [
        memoize,
        memoize(),
        memoize(True),
        memoize(persist=True),
        memoize(False),
        memoize(persist=False, cachedir="elsewhere", debug=False),
        memoize(True, "elsewhere", False),
        lambda f: memoize(f, cachedir="elsewhere"),
    ],
)
def test_every_way_to_write_it_computes_a_call_once(decorate):
    f = decorate(double)
    assert [f(3), f(3), f(x=3)] == [6, 6, 6]
    assert calls == [3]
    assert isinstance(f, MemoizedFunction)
    assert f.__name__ == "double"


@pytest.mark.parametrize("wrong", ["cache", None, 1.5])
def test_anything_else_than_a_function_or_a_choice_is_refused(wrong):
    with pytest.raises(TypeError, match="persist must be True or False"):
        memoize(wrong)


def test_equal_numbers_of_different_types_are_different_calls():
    f = memoize(lambda x: type(x).__name__)
    for _ in range(3):
        assert [f(1), f(1.0), f(True)] == ["int", "float", "bool"]


# Where results lie


def test_results_are_on_disk_for_the_next_process():
    memoize(double)(3)
    assert len(entries()) == 1
    assert as_new(double)(3) == 6
    assert calls == [3]


def test_a_folder_of_its_own_lies_in_the_project(tmp_path, monkeypatch):
    f = memoize(cachedir="mine")(double)
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    f(3)
    assert list((tmp_path / "mine" / "jobtui").rglob("*.entry"))
    assert entries() == []
    as_new(double, cachedir=tmp_path / "mine")(3)
    assert calls == [3]


def test_without_persist_nothing_is_written_and_the_next_process_computes(tmp_path):
    f = memoize(persist=False)(double)
    assert [f(3), f(3), f([1]), f([1])] == [6, 6, [1, 1], [1, 1]]
    assert calls == [3, [1]]
    assert not list(tmp_path.rglob("*.entry"))
    as_new(double, persist=False)(3)
    assert calls == [3, [1], 3]


@pytest.mark.parametrize("persist", [True, False])
def test_whoever_changes_a_result_changes_no_other_callers(persist):
    f = memoize(persist)(lambda n: [0] * n)
    for _ in range(4):
        result = f(2)
        assert result == [0, 0]
        result.append(1)


@pytest.mark.parametrize("persist", [True, False])
def test_clear_forgets_in_memory_and_in_the_store(persist):
    f = memoize(persist)(double)
    other = memoize(lambda x: -x)
    other(1)
    for _ in range(3):
        f(3)
    f.clear()
    f(3)
    assert calls == [3, 3]
    as_new(double, persist=persist).clear()
    assert len(entries()) == 1


@pytest.mark.parametrize("persist", [True, False])
def test_a_call_can_be_forgotten(persist):
    f = memoize(persist)(double)
    for _ in range(3):
        f(3)
        f(4)
    assert f.forget(3)
    assert not f.forget(3)
    f(3)
    f(4)
    assert calls == [3, 4, 3]


# When the function runs again


def test_an_edit_runs_the_function_again_and_an_undone_one_does_not(tmp_path, run):
    text = (
        "from jobtui_core import memoize\n"
        "factor = 2\n"
        "def helper(x):\n    return x * factor\n"
        "@memoize\n"
        "def f(x):\n    print('ran')\n    return helper(x)\n"
        "print(f(3), f(3))\n"
    )
    script = tmp_path / "script.py"
    script.write_text(text)
    assert run() == ["ran", "6", "6"]
    assert run() == ["6", "6"]
    script.write_text(text.replace("x * factor", "x * factor + 1"))
    assert run() == ["ran", "7", "7"]
    script.write_text(text.replace("factor = 2", "factor = 5"))
    assert run() == ["ran", "15", "15"]
    script.write_text(text.replace("factor = 2", "factor = 2  # of old"))
    assert run() == ["6", "6"]


def test_a_global_that_is_bound_anew_counts_by_its_value_at_each_call():
    space = {"memoize": memoize, "__name__": "space"}
    code = "k = 1\n@memoize\ndef f(x):\n    return x * k\n"
    exec(code, space)
    for k in (1, 2, 1):
        space["k"] = k
        assert [space["f"](10) for _ in range(3)] == [10 * k] * 3


def test_an_argument_that_cannot_be_told_apart_runs_the_call_with_one_warning():
    f = memoize(lambda lock, x: calls.append(x) or x)
    with pytest.warns(CacheWarning, match="lock") as said:
        assert [f(threading.Lock(), 3), f(threading.Lock(), 3)] == [3, 3]
    assert len(said) == 1
    assert calls == [3, 3]


@pytest.mark.parametrize("persist", [True, False])
def test_a_result_that_cannot_be_stored_is_given_all_the_same(persist):
    f = memoize(persist)(lambda x: (n for n in range(x)))
    with pytest.warns(CacheWarning, match="cannot be stored"):
        assert [list(f(3)), list(f(3))] == [[0, 1, 2], [0, 1, 2]]


def test_an_error_is_not_remembered():
    @memoize
    def f(x):
        calls.append(x)
        return 1 / x

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            f(0)
    assert calls == [0, 0]


# Stores that are of no use


def test_damaged_results_are_replaced_with_one_warning():
    f = memoize(double)
    for x in range(5):
        f(x)
    for entry in entries():
        entry.write_bytes(b"no entry")
    calls.clear()
    again = as_new(double)
    with pytest.warns(CacheWarning, match="damaged") as said:
        assert [again(x) for x in range(5)] == [0, 2, 4, 6, 8]
    assert len(said) == 1
    assert calls == [0, 1, 2, 3, 4]
    assert [as_new(double)(x) for x in range(5)] == [0, 2, 4, 6, 8]
    assert len(calls) == 5


def test_a_store_that_vanished_is_made_anew_with_one_warning():
    f = memoize(double)
    f(1)
    f(1)
    shutil.rmtree(project_store().path)
    with pytest.warns(CacheWarning, match="is gone") as said:
        assert [f(1), f(2), f(3)] == [2, 4, 6]
    assert len(said) == 1
    # What was at hand was not computed again.
    assert calls == [1, 2, 3]
    assert len(entries()) == 2


def test_a_recursion_ends_soon_although_its_store_takes_nothing(tmp_path):
    # Each level would be computed twice for each above it: 2**80 calls.
    (tmp_path / ".jobtui").mkdir()
    (tmp_path / ".jobtui" / "cache").write_text("a file where the store should be")

    @memoize
    def fibonacci(n):
        calls.append(n)
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert fibonacci(80) == 23416728348467685
    assert len(said) == 1
    assert len(calls) == 81


def test_a_store_that_cannot_be_written_is_still_read(tmp_path, monkeypatch):
    memoize(double)(3)
    f = as_new(double)

    def refuse(*args, **kwargs):
        raise PermissionError("read-only")

    monkeypatch.setattr(type(project_store()), "write", refuse)
    with pytest.warns(CacheWarning, match="read-only"):
        assert [f(3), f(4), f(4), f([5]), f([5])] == [6, 8, 8, [5, 5], [5, 5]]
    assert calls == [3, 4, [5]]


# Recursion


no_limit_of_c = pytest.mark.skipif(
    (3, 12) <= sys.version_info < (3, 12, 2), reason="these have a limit of calls through C"
)


@no_limit_of_c
@pytest.mark.parametrize("persist", [True, False])
def test_a_recursive_function_runs_once_a_level(persist):
    @memoize(persist)
    def fibonacci(n):
        calls.append(n)
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    limit = sys.getrecursionlimit()
    expected = 139423224561697880139724382870407283950070256587697307264108962948325571622863290691557658876222521294125  # noqa: E501
    assert fibonacci(500) == expected
    assert len(calls) == 501
    assert sys.getrecursionlimit() == limit
    warm = memoize(persist)(fibonacci.func)
    if persist:
        assert warm(500) == expected
        assert len(calls) == 501


@no_limit_of_c
@pytest.mark.timeout(60)
def test_recursion_goes_about_as_deep_as_undecorated_and_ends_there():
    @memoize(persist=False)
    def down(n):
        return 0 if n == 0 else 1 + down(n - 1)

    limit = sys.getrecursionlimit()
    free = limit - len_of_stack()
    assert down(free - 100) == free - 100
    down.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CacheWarning)
        with pytest.raises(RecursionError):
            down(5 * limit)
    assert sys.getrecursionlimit() == limit


def len_of_stack():
    frame, count = sys._getframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


def test_a_limit_that_the_program_sets_meanwhile_stays():
    before = sys.getrecursionlimit()

    @memoize(persist=False)
    def down(n):
        if n == 0:
            sys.setrecursionlimit(before + 5000)
            return 0
        return 1 + down(n - 1)

    try:
        assert down(200) == 200
        assert sys.getrecursionlimit() == before + 5000
    finally:
        sys.setrecursionlimit(before)


@pytest.mark.timeout(60)
def test_threads_may_recurse_at_once():
    @memoize(persist=False)
    def down(name, n):
        return 0 if n == 0 else 1 + down(name, n - 1)

    limit = sys.getrecursionlimit()
    found = []
    threads = [
        threading.Thread(target=lambda name=name: found.append(down(name, 400)))
        for name in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [400] * 4
    assert sys.getrecursionlimit() == limit


def test_functions_that_call_each_other_recurse():
    @memoize
    def even(n):
        return True if n == 0 else odd(n - 1)

    @memoize
    def odd(n):
        return False if n == 0 else even(n - 1)

    assert [even(300), odd(301), even(299)] == [True, True, False]


# What can be decorated


class Model:
    def __init__(self, factor):
        self.factor = factor

    @memoize
    def times(self, x):
        calls.append(x)
        return self.factor * x

    @property
    @memoize
    def doubled(self):
        return 2 * self.factor

    @memoize
    @staticmethod
    def plain(x):
        return x


def test_methods_count_by_the_state_of_their_object():
    two, three = Model(2), Model(3)
    for _ in range(2):
        assert [two.times(5), three.times(5), Model(2).times(5)] == [10, 15, 10]
    assert calls == [5, 5]
    assert [two.doubled, two.plain(4)] == [4, 4]


def test_coroutines_are_awaited_and_results_kept():
    @memoize
    async def f(x):
        calls.append(x)
        return 2 * x

    async def both():
        return [await f(3), await f(3)]

    assert asyncio.run(both()) == [6, 6]
    assert calls == [3]


def test_it_goes_to_another_process_by_name_or_by_value():
    assert pickle.loads(pickle.dumps(Model.times)) is Model.times
    local = memoize(persist=False, cachedir="x", debug=True)(double)
    again = pickle.loads(pickle.dumps(local))
    assert (again.persist, again.cachedir, again.debug) == (False, "x", True)
    assert again(3) == 6


# What it tells


def test_debug_tells_of_each_call_and_why_the_first_one_runs(capsys):
    f = memoize(debug=True)(double)
    f(3)
    f(3)
    f(3)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("memoize: double(x=3) runs: ")
    assert lines[1:] == ["memoize: double(x=3) is known"] * 2


def test_calls_are_counted_and_explained():
    f = memoize(double)
    f(3)
    f(3)
    f(4)
    assert f.cache_info()[:2] == (1, 2)
    assert f.explain(3).hit
    assert "x: " in str(f.explain(5))
    assert {one.arguments["x"] for one in f.entries()} == {"3", "4"}


def test_a_repeated_call_asks_no_file(monkeypatch):
    f = memoize(double)
    f(3)
    f(3)
    monkeypatch.setattr("jobtui_core.memory.again._stat", None)
    monkeypatch.setattr(type(f), "_request", None)
    assert f(3) == 6


def test_results_outlive_their_entries_in_this_process():
    f = memoize(double)
    f(3)
    f(3)
    for entry in entries():
        Path(entry).unlink()
    assert f(3) == 6
    assert calls == [3]
