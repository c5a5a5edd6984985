"""Values whose own code fails: callers get their result, or an exception of their own."""

from __future__ import annotations

import io
import os
import random
import socket
import sqlite3
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

from jobtui_core import Persister, hash, make  # noqa: A004  # joblib's name
from jobtui_core.errors import CacheWarning

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


class Busy:
    def __init__(self, part):
        self.part = part


def numbers():
    yield 1


@pytest.mark.parametrize(
    ("make_part", "kind"),
    [
        (numbers, "generator"),
        (lambda: iter([1]), "list_iterator"),
        (threading.Lock, "lock"),
        (Path(os.devnull).open, "TextIOWrapper"),
        (socket.socket, "socket"),
        (lambda: sqlite3.connect(":memory:"), "Connection"),
        (lambda: sys, "module"),
    ],
)
def test_a_call_with_what_has_no_content_runs_uncached_with_one_warning(make_part, kind):
    ran = []

    @make
    def uses(config, *, other=None):
        ran.append(config)
        return 1

    part = make_part()
    with pytest.raises(TypeError, match=kind):
        hash(part)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            assert uses({"model": [Busy(part)]}) == 1
    assert len(ran) == 2
    (said,) = [str(one.message) for one in caught]
    assert said.startswith('uses runs uncached: config["model"][0].part cannot be hashed')
    assert kind in said
    if hasattr(part, "close"):
        part.close()


def test_a_nested_argument_that_is_changed_is_told_of_and_the_result_is_kept():
    ran = []

    @make
    def fills(config):
        ran.append(1)
        config["model"].part.append(len(ran))
        return len(config["model"].part)

    with pytest.warns(CacheWarning, match="fills changes its argument 'config' in place"):
        assert fills({"model": Busy([])}) == 1
    argument = {"model": Busy([])}
    assert fills(argument) == 1
    assert argument["model"].part == []
    assert len(ran) == 1


@pytest.mark.parametrize(
    "generator",
    [
        lambda: random.Random(1),
        lambda: np.random.default_rng(1),
        lambda: np.random.RandomState(1),
        lambda: {"rng": np.random.default_rng(1)},
        lambda: (np.random.default_rng(1),),
    ],
)
def test_a_hit_does_not_advance_a_random_generator_and_the_miss_says_so(generator):
    @make
    def draw(rng):
        inner = rng["rng"] if isinstance(rng, dict) else rng
        inner = inner[0] if isinstance(inner, tuple) else inner
        return inner.random()

    with pytest.warns(CacheWarning, match="draw changes its argument 'rng' in place"):
        first = draw(generator())
    again = generator()
    before = hash(again)
    assert draw(again) == first
    assert hash(again) == before
