"""Functions and classes as values."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobtui_core.hashing import digest, set_class_fingerprinter, set_function_fingerprinter


@pytest.fixture(autouse=True)
def no_fingerprinters() -> Iterator[None]:
    from jobtui_core.hashing import objects

    before = objects._function_fingerprint, objects._class_fingerprint
    set_function_fingerprinter(None)
    set_class_fingerprinter(None)
    yield
    set_function_fingerprinter(before[0])
    set_class_fingerprinter(before[1])


def adder(amount: Any) -> Callable[[int], int]:
    def add(x: int) -> int:
        return x + amount  # type: ignore[no-any-return]

    return add


def test_functions_of_the_same_code_and_captured_values_are_equal() -> None:
    assert digest(adder(1)) == digest(adder(1))
    assert digest(adder(1)) != digest(adder(2))


def test_code_of_a_lambda_counts() -> None:
    one, same, other = (lambda x: x + 1), (lambda x: x + 1), (lambda x: x + 2)
    assert digest(one) == digest(same)
    assert digest(one) != digest(other)


def test_defaults_count() -> None:
    def make(default: int) -> Callable[..., int]:
        return lambda x=default, *, y=default: x + y

    assert digest(make(1)) == digest(make(1))
    assert digest(make(1)) != digest(make(2))


def test_wrapped_functions_count_by_what_they_wrap() -> None:
    assert digest(functools.lru_cache(adder(1))) == digest(functools.lru_cache(adder(1)))
    assert digest(functools.lru_cache(adder(1))) != digest(functools.lru_cache(adder(2)))


def test_function_of_a_library_counts_by_name() -> None:
    assert digest(functools.wraps) == digest(functools.wraps)
    assert digest(functools.wraps) != digest(functools.update_wrapper)


def test_recursive_closure_has_a_digest() -> None:
    def make() -> Callable[[int], int]:
        def down(n: int) -> int:
            return down(n - 1) if n else 0

        return down

    assert digest(make()) == digest(make())


def test_set_fingerprinter_decides_about_functions_of_the_project() -> None:
    seen = []

    def fingerprint(function: Any) -> str | None:
        seen.append(function)
        return "the same for all"

    set_function_fingerprinter(fingerprint)
    assert digest(adder(1)) == digest(adder(2))
    assert len(seen) == 2
    digest(functools.wraps)
    assert len(seen) == 2


def test_fingerprinter_may_leave_a_function_alone() -> None:
    set_function_fingerprinter(lambda function: None)
    assert digest(adder(1)) != digest(adder(2))


class Model:
    def __init__(self, x: int) -> None:
        self.x = x


def test_edited_class_changes_the_digest_of_its_instances() -> None:
    version = "1"
    set_class_fingerprinter(lambda cls: version if cls is Model else None)
    before = digest(Model(1)), digest(Model), digest({"a": [Model(1)]})
    assert before == (digest(Model(1)), digest(Model), digest({"a": [Model(1)]}))
    version = "2"
    after = digest(Model(1)), digest(Model), digest({"a": [Model(1)]})
    assert not {*before} & {*after}


def test_library_classes_are_not_asked_about() -> None:
    asked = []
    set_class_fingerprinter(asked.append)
    digest([functools.partial(print), ValueError("x"), Model(1)])
    assert asked == [Model]
