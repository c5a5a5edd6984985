"""What joblib 0.1 promised of ``make`` and ``memoize``, and its limits, which are lifted here.

Sentences that have tests elsewhere (persisters, the options of then, ``memoize`` alone) are not
shown again.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from pathlib import Path

import numpy as np
import pytest

from jobtui_core import (
    JsonFile,
    NumpyFile,
    Persister,
    PickleFile,
    TextFile,
    make,
    memoize,
)
from jobtui_core.steps import owners

ran = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


def twice(x):
    ran.append(("twice", repr(x)))
    return [x, x]


def total(parts):
    ran.append(("total", len(parts)))
    return sum(parts)


# make: its parameters


def test_the_parameters_of_then_have_their_names_and_defaults():
    now = inspect.signature(make).parameters
    then = {"func": None, "output": None, "debug": False, "name": None, "raise_errors": False,
            "force": False}  # fmt: skip
    assert {name: now[name].default for name in then} == then
    assert "cachedir" in now
    given = inspect.signature(memoize).parameters
    assert (given["persist"].default, given["debug"].default) == (True, False)
    assert "cachedir" in given


def test_a_script_is_split_into_steps_that_are_saved_and_rerun_only_if_necessary(run, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        """
from jobtui_core import JsonFile, make

@make(output=JsonFile("parts.json"))
def parts(n):
    print("parts")
    return list(range(n))

@make(output=JsonFile("total.json"))
def total(parts):
    print("total")
    return sum(parts)

print(total(parts(4)))
"""
    )
    assert run() == ["parts", "total", "6"]
    assert run() == ["6"]
    # The code of the later step alone: the earlier one is read back.
    script.write_text(script.read_text().replace("sum(parts)", "sum(parts) + 1"))
    assert run() == ["total", "7"]
    # An argument of the first: all that comes from it runs.
    script.write_text(script.read_text().replace("parts(4)", "parts(5)"))
    assert run() == ["parts", "total", "11"]
    # A comment is no code.
    script.write_text(script.read_text() + "# the end\n")
    assert run() == ["11"]


def test_a_chain_is_recognised_by_what_the_steps_before_it_gave():
    first, second = make(twice), make(total)
    assert second(first(3)) == 6
    assert second(first(3)) == 6
    assert ran == [("twice", "3"), ("total", 2)]
    # The same value by another way is the same history.
    assert second([3, 3]) == 6
    assert len(ran) == 2


def test_a_step_whose_result_comes_out_as_before_leaves_those_after_it_alone():
    # Stronger than then: the step before ran again, and what it gave is what counts.
    first, second = make(twice), make(total)
    second(first(3))
    first.clear()
    second(first(3))
    assert [name for name, _ in ran] == ["twice", "total", "twice"]


def test_outputs_are_persisters_in_tuples_lists_and_dicts_and_constants(tmp_path):
    @make(
        output={
            "array": NumpyFile("a.npy"),
            "pair": (TextFile("t.txt"), [PickleFile("p.pkl"), 42]),
            "as it is": None,
            "units": "mm",
        }
    )
    def compute():
        ran.append("compute")
        return {"array": np.arange(3), "pair": ("text", [{1: 2}, 0]), "as it is": 7, "units": ""}

    for _ in range(2):
        found = compute()
        assert found["array"].tolist() == [0, 1, 2]
        assert found["pair"] == ("text", [{1: 2}, 42])
        assert (found["as it is"], found["units"]) == (7, "mm")
    assert ran == ["compute"]
    # The point of files: other programs read them, each in its own way.
    assert np.load("a.npy").tolist() == [0, 1, 2]
    assert Path("t.txt").read_text() == "text"
    assert PickleFile("p.pkl").load() == {1: 2}


def test_a_persister_is_a_file_name_with_save_and_load(tmp_path):
    class Words(Persister):
        def save(self, data):
            Path(self.filename).write_text(" ".join(data))

        def load(self):
            return Path(self.filename).read_text().split()

    persister = Words("words.txt")
    persister.save(["a", "b"])
    assert (persister.filename, persister.load()) == ("words.txt", ["a", "b"])
    assert make(lambda: ["c", "d"], output=persister)() == ["c", "d"]
    assert persister.load() == ["c", "d"]


def test_a_name_is_for_people_and_a_lambda_needs_none():
    one, other = make(lambda x: x + 1), make(lambda x: x + 2)
    named = make(lambda x: x + 3, name="three more")
    assert [one(1), other(1), named(1), one(1), other(1), named(1)] == [2, 3, 4, 2, 3, 4]
    assert [step.misses for step in (one, other, named)] == [1, 1, 1]
    assert [step.hits for step in (one, other, named)] == [1, 1, 1]
    assert "three more" in repr(named)


def test_a_second_use_of_a_function_has_files_of_its_own(tmp_path):
    first = make(twice, output=JsonFile("first.json"), name="first")
    second = make(twice, output=JsonFile("second.json"), name="second")
    plain = make(twice)
    for _ in range(3):
        assert first(1) == second(1) == plain(1) == [1, 1]
        assert Path("first.json").read_bytes() == Path("second.json").read_bytes()
        Path("first.json").unlink()
        assert all(step.check_call_in_cache(1) for step in (first, second, plain))
    assert len(ran) == 3


# Its limits, lifted


def test_results_for_earlier_arguments_are_there_and_their_files_come_back(tmp_path):
    step = make(twice, output=JsonFile("out.json"))
    for n in (1, 2, 1, 2):
        # In one run two calls may not write one path: these are of several.
        owners._owners.clear()
        assert step(n) == [n, n]
        assert JsonFile("out.json").load() == [n, n]
    assert len(ran) == 2


def test_two_functions_of_one_name_do_not_overwrite_each_other():
    def defined(first):
        if first:

            @make
            def same(x):
                ran.append("first")
                return x + 1

        else:

            @make
            def same(x):
                ran.append("second")
                return x + 2

        return same

    for _ in range(2):
        assert (defined(True)(1), defined(False)(1)) == (2, 3)
    assert ran == ["first", "second"]


class Scaled:
    """A callable object."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        ran.append(self.factor)
        return self.factor * x


@pytest.mark.parametrize("decorate", [make, memoize])
def test_callable_objects_are_functions_by_their_state(decorate):
    two, three = decorate(Scaled(2)), decorate(Scaled(3))
    assert [two(5), three(5), two(5), decorate(Scaled(2))(5)] == [10, 15, 10, 10]
    assert ran == [2, 3]


def test_partials_bound_methods_and_functions_of_libraries_are_functions():
    assert [make(functools.partial(pow, 2))(3) for _ in range(2)] == [8, 8]
    assert [make(Scaled(2).__call__)(4) for _ in range(2)] == [8, 8]
    assert make(np.multiply)(np.arange(3), 2).tolist() == [0, 2, 4]
    assert ran == [2]


def test_an_output_that_was_edited_is_noticed_and_not_overwritten(tmp_path):
    step = make(twice, output=JsonFile("out.json"))
    step(1)
    Path("out.json").write_text("by hand")
    with pytest.warns(UserWarning, match=r"out\.json was edited since twice wrote it"):
        assert step(1) == [1, 1]
    assert Path("out.json").read_text() == "by hand"
    assert len(ran) == 1


def test_a_mutable_result_that_was_changed_between_two_steps_is_another_argument():
    first, second = make(twice), make(total)
    parts = first(3)
    assert second(parts) == 6
    parts.append(4)
    assert second(parts) == 10
    # And whoever changes a result changes nobody else's.
    assert first(3) == [3, 3]
    assert second(first(3)) == 6
    assert [name for name, _ in ran] == ["twice", "total", "total"]


def test_an_array_that_was_changed_between_two_steps_is_another_argument():
    first, second = make(np.arange), make(total)
    for _ in range(2):
        array = first(3)
        assert second(array) == 3
        array[0] = 9
        assert second(array) == 12
    assert len(ran) == 2


# memoize


@memoize
def fibonacci(n):
    ran.append(n)
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def test_a_recursive_function_is_computed_once_for_each_argument():
    before, expected = 1, 0
    for _ in range(500):
        before, expected = expected, before + expected
    assert fibonacci(500) == expected
    assert len(ran) == 501
    assert fibonacci(500) == fibonacci(499) + fibonacci(498)
    assert len(ran) == 501


def test_what_cannot_be_hashed_or_pickled_just_runs():
    @memoize
    def first(items):
        ran.append(1)
        return next(items)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert [first(iter([1])), first(iter([2]))] == [1, 2]

    @memoize
    def opened(name):
        ran.append(name)
        return (one for one in name)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert ["".join(opened("ab")) for _ in range(2)] == ["ab", "ab"]
    assert ran == [1, 1, "ab", "ab"]


def test_arguments_of_any_spelling_are_one_call():
    @memoize
    def add(x, y=1, *more, z=0):
        ran.append(x)
        return x + y + sum(more) + z

    assert {add(1), add(1, 1), add(x=1), add(1, y=1), add(1, z=0)} == {2}
    assert add(1, 1, 5) == 7
    assert len(ran) == 2
