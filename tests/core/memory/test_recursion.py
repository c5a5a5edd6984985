"""Recursion through a cache: how deep it goes, and how it ends where that is too deep."""

from __future__ import annotations

import pytest

from jobtui_core import Memory


@pytest.fixture
def down(tmp_path):
    @Memory(tmp_path / "cache", verbose=0).cache
    def down(n):
        return 0 if n == 0 else 1 + down(n - 1)

    return down


@pytest.mark.timeout(60)
@pytest.mark.parametrize("known", [False, True], ids=["at the first call", "later"])
def test_too_deep_a_recursion_ends_as_it_does_undecorated(down, known):
    # Not for ever: RecursionError is a RuntimeError, which some loops wait to pass.
    if known:
        down(3)
    with pytest.raises(RecursionError):
        down(5000)
    assert down(5) == 5


def test_what_was_computed_below_shortens_the_way(down):
    for n in range(0, 1001, 100):
        assert down(n) == n


@pytest.mark.timeout(60)
@pytest.mark.filterwarnings("ignore::jobtui_core.errors.CacheWarning")
def test_functions_that_are_attributes_of_each_other_come_to_an_end(tmp_path):
    # Each counts by the value of the other: digesting them went round for ever.
    @Memory(tmp_path / "cache", verbose=0).cache
    def fib(n):
        return n if n < 2 else both(n - 1) + both(n - 2)

    def both(n):
        return fib(n)

    fib.helper = both
    assert [fib(10), both(9), fib(10)] == [55, 34, 55]
    assert fib.check_call_in_cache(10)
