"""Functions whose code or defaults are assigned in place, without anything being loaded again."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jobtui_core import Memory
from jobtui_core.fingerprint.snapshot import reloads

MODULE = """
def helper(x):
    return x + 1


def total(x, by=10, *, more=0):
    return helper(x) * by + more


def other(x, by=10, *, more=0):
    return -x


def unrelated(x):
    return 0
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "set_in_place.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    yield importlib.import_module("set_in_place")
    sys.modules.pop("set_in_place", None)


@pytest.fixture
def total(module: Any, tmp_path: Path) -> Any:
    return Memory(tmp_path / "cache", verbose=0).cache(module.total)


def called(function: Any, *args: Any) -> tuple[Any, list[str]]:
    """Give what a call gives, and what it warns of."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        return function(*args), [str(one.message) for one in said]


def test_other_code_of_the_function_is_never_answered_for(module: Any, total: Any) -> None:
    for _ in range(3):
        assert called(total, 1) == (20, [])
    own = module.total.__code__
    module.total.__code__ = module.other.__code__
    result, (warning,) = called(total, 1)
    assert result == -1
    assert "source is not what this process loaded" in warning
    module.total.__code__ = own
    assert called(total, 1) == (20, [])
    assert total.check_call_in_cache(1)


def test_other_code_of_a_helper_is_never_answered_for(module: Any, total: Any) -> None:
    assert [total(1), total(1)] == [20, 20]
    module.helper.__code__ = module.unrelated.__code__
    assert called(total, 1)[0] == 0


def test_other_defaults_are_other_arguments(module: Any, total: Any) -> None:
    assert [total(1), total(1)] == [20, 20]
    module.total.__defaults__ = (5,)
    assert [total(1), total(1)] == [10, 10]
    module.total.__kwdefaults__ = {"more": 3}
    assert [total(1), total(1)] == [13, 13]
    module.total.__defaults__, module.total.__kwdefaults__ = (10,), {"more": 0}
    assert total.check_call_in_cache(1)
    assert total(1) == 20


def test_code_without_a_source_is_another_one_too(tmp_path: Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("def f(x):\n    return x\ndef g(x):\n    return x + 7\n", names)
    function = Memory(tmp_path, verbose=0).cache(names["f"])
    assert [function(1), function(1)] == [1, 1]
    names["f"].__code__ = names["g"].__code__
    assert [function(1), function(1)] == [8, 8]


def test_what_libraries_make_of_their_functions_costs_nothing(total: Any) -> None:
    total(1)
    before = reloads()
    namedtuple("Point", "x y", defaults=(0,))  # noqa: PYI024  sets defaults of what it made
    assert reloads() == before
