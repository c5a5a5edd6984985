"""Every call of the operating system may fail, with every error: the caller does not notice."""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobtui_core import Memory
from jobtui_core.errors import CacheWarning
from tests.core.memory.faults.calls import come_between
from tests.core.memory.faults.specimens import KINDS, RAN, cached, plain, same, wanted

ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT, errno.EMFILE, errno.EACCES,
          errno.ESTALE, errno.ENOENT)  # fmt: skip


class Faults:
    """Lets the operating system fail from its ``first`` call on, ``count`` times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        self.first, self.count, self.error = 1 << 30, 0, 0
        come_between(self._call, monkeypatch.setattr)

    def arm(self, first: int, count: int, error: int) -> None:
        self.seen.clear()
        self.first, self.count, self.error = first, count, error

    def disarm(self) -> None:
        self.first = 1 << 30

    def _call(self, name: str, call: Callable[[], Any]) -> Any:
        number = len(self.seen)
        self.seen.append(name)
        if self.first <= number < self.first + self.count:
            if name == "close":
                call()
            raise OSError(self.error, os.strerror(self.error))
        return call()


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(monkeypatch)


def left(folder: Path) -> list[str]:
    return [one.name for one in folder.rglob("*") if "~" in one.name]


def told(call: Callable[..., Any], *args: Any) -> tuple[Any, list[str]]:
    """Give what a call returns, and what it warns of."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        result = call(*args)
    assert all(one.category is CacheWarning for one in heard), [str(one.message) for one in heard]
    return result, [str(one.message) for one in heard]


@pytest.mark.parametrize("count", [1, 1000], ids=["once", "from then on"])
@pytest.mark.parametrize(
    ("kind", "mode"),
    [("plain", None), ("nested", None), ("nested", "r"), ("large", None), ("large", "r")],
)
@pytest.mark.parametrize("stored", [False, True], ids=["miss", "hit"])
def test_any_call_may_fail_with_any_error(
    tmp_path: Path, faults: Faults, kind: str, mode: Any, stored: bool, count: int
) -> None:
    function = cached(Memory(tmp_path / "warm", verbose=0), kind)
    told(function, 0)
    told(function, 0)
    right = wanted(kind, 1)
    number = 0
    failed = 0
    while True:
        error = ERRORS[number % len(ERRORS)]
        memory = Memory(tmp_path / str(number), mmap_mode=mode, verbose=0)
        function = cached(memory, kind)
        if stored:
            told(function, 1)
            function = cached(memory, kind)
        faults.arm(number, count, error)
        found, messages = told(function, 1)
        happened = faults.seen[number:][:count]
        faults.disarm()
        failed += bool(happened)
        where = f"{happened[:1]} {os.strerror(error)}: {messages}"
        assert same(found, right), where
        assert len(messages) <= 1, where
        if count == 1:
            assert len(left(tmp_path / str(number))) <= happened.count("unlink"), where
        # All is well again.
        assert same(told(function, 1)[0], right), where
        RAN.clear()
        again, messages = told(cached(memory, kind), 1)
        assert same(again, right), where
        assert RAN == [], where
        assert messages == [], where
        if not happened:
            break
        number += 1
    assert failed >= 3


@pytest.mark.parametrize("stored", [False, True])
def test_whether_a_call_is_stored_is_answered_whatever_fails(
    tmp_path: Path, faults: Faults, stored: bool
) -> None:
    function = Memory(tmp_path / "store", verbose=0).cache(plain)
    if stored:
        function(1)
    number = 0
    while True:
        faults.arm(number, 1000, ERRORS[number % len(ERRORS)])
        found = told(function.check_call_in_cache, 1)[0]
        happened = faults.seen[number:]
        faults.disarm()
        assert found in (False, stored)
        if not happened:
            break
        number += 1
    assert number >= 1
    assert found is stored


@pytest.mark.parametrize("kind", ["plain", "large"])
def test_a_reference_gives_the_result_or_says_that_it_is_gone(
    tmp_path: Path, faults: Faults, kind: str
) -> None:
    right = wanted(kind, 1)
    reference = Memory(tmp_path / "store", verbose=0).cache(KINDS[kind]).call_and_shelve(1)
    number = gone = 0
    while True:
        faults.arm(number, 1000, ERRORS[number % len(ERRORS)])
        try:
            assert same(told(reference.get)[0], right)
        except KeyError:
            gone += 1
        happened = faults.seen[number:]
        faults.disarm()
        if not happened:
            break
        number += 1
    assert gone >= 1
    assert same(reference.get(), right)
