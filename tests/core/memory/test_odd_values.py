"""Values whose own code fails: callers get their result, or an exception of their own."""

from __future__ import annotations

import io
import os

import pytest

from jobtui_core import Persister, make

pytestmark = pytest.mark.filterwarnings("ignore::jobtui_core.errors.CacheWarning")


class Contrary:
    """Refuses everything that one may ask of an object."""

    def __repr__(self):
        raise RuntimeError("repr")

    def __eq__(self, other):
        raise RuntimeError("eq")

    def __hash__(self):
        raise RuntimeError("hash")

    def __bool__(self):
        raise RuntimeError("bool")

    def __len__(self):
        raise RuntimeError("len")

    def __getattr__(self, name):
        raise RuntimeError(name)


class MuteError(Exception):
    """Cannot say what it is about."""

    def __str__(self):
        raise MuteError

    __repr__ = __str__


class UnpicklableError(Exception):
    def __reduce__(self):
        raise MuteError


class Sulking:
    """Cannot be stored, and does not say why."""

    def __reduce_ex__(self, protocol):
        raise MuteError


class Refusing(Persister):
    def save(self, value):
        raise MuteError

    def load(self):
        raise MuteError


@make
def one(value):
    return 1


@make
def same(value):
    return Contrary() if value == "contrary" else Sulking()


def test_an_argument_that_refuses_everything_is_passed_on():
    assert one(Contrary()) == 1
    assert one([Contrary()]) == 1
    assert one((Contrary(), 2)) == 1


def test_results_that_refuse_everything_come_back():
    for _ in range(2):
        assert type(same("contrary")) is Contrary
        assert type(same("sulking")) is Sulking


@pytest.mark.parametrize(
    "error",
    [MuteError(), UnpicklableError("x"), SystemExit(3), KeyboardInterrupt(), StopIteration(3)],
)
def test_an_exception_of_the_function_is_the_very_one(error):
    @make
    def fails():
        raise error

    with pytest.raises(type(error)) as caught:
        fails()
    assert caught.value is error


def test_a_persister_that_fails_without_words_costs_a_warning_alone():
    @make(output=Refusing("x.bin"))
    def saved():
        return 5

    assert saved() == 5


@pytest.mark.parametrize("kind", [io.TextIOWrapper, memoryview])
def test_a_result_is_never_given_back_as_something_else(kind):
    @make
    def result(name):
        return open(os.devnull) if name == "TextIOWrapper" else memoryview(b"abc")

    for _ in range(2):
        found = result(kind.__name__)
        assert type(found) is kind
        if kind is io.TextIOWrapper:
            found.close()


def test_secrets_are_left_out_when_two_calls_want_one_file(run, tmp_path):
    (tmp_path / "script.py").write_text(
        """
from jobtui_core import JsonFile, make

@make(output=JsonFile("out.json"))
def fetch(password, n):
    return n

fetch("hunter2", 1)
try:
    fetch("hunter2", 2)
except ValueError as error:
    print("hunter2" in str(error), "fetch(" in str(error))
"""
    )
    assert run() == ["False", "True"]
