"""A parameter that is read in a step's body never leads to a result of another value."""

from __future__ import annotations

import threading

import pytest

from jobtui_core import default_param, make, run_script
from jobtui_core.errors import CacheWarning

calls = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


def helper():
    return default_param("rate", 2)


def test_its_call_runs_uncached_with_a_warning():
    @make
    def rated(x):
        calls.append(x)
        return x * helper()

    with pytest.warns(CacheWarning, match=r"rated reads a parameter of the script \(rate\)"):
        assert rated(3) == 6
    assert rated(3) == 6
    assert calls == [3, 3]


def test_so_do_the_calls_around_it():
    @make
    def inner(x):
        return x * helper()

    @make
    def outer(x):
        calls.append(x)
        return inner(x)

    with pytest.warns(CacheWarning, match="reads a parameter"):
        outer(3)
    outer(3)
    assert calls == [3, 3]


def test_so_does_one_whose_thread_asks():
    @make
    def threaded(x):
        calls.append(x)
        asking = threading.Thread(target=helper)
        asking.start()
        asking.join()
        return x

    with pytest.warns(CacheWarning, match="reads a parameter"):
        threaded(3)
    threaded(3)
    assert calls == [3, 3]


def test_a_script_that_a_step_runs_is_given_its_parameters_by_the_step(tmp_path):
    script = tmp_path / "inner.py"
    script.write_text("from jobtui_core import default_param\nx = default_param('x', 1)\n")

    @make
    def runs(x):
        calls.append(x)
        return run_script(script, x=x).x

    assert (runs(5), runs(5)) == (5, 5)
    assert calls == [5]
