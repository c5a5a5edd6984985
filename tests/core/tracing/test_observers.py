"""Observers look on while calls run, and are in nobody's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobtui_core import Memory
from jobtui_core.entry import read_info
from jobtui_core.stores import LocalStore
from jobtui_core.tracing import enable_for_tests
from jobtui_core.tracing.calls import CallHandle
from jobtui_core.tracing.observers import Observer
from jobtui_core.tracing.read import read_run


class Noting(Observer):
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def began(self, handle: CallHandle) -> None:
        self.seen.append(("began", handle.name))

    def returned(self, handle: CallHandle, error: BaseException | None) -> None:
        self.seen.append(("returned", type(error).__name__))
        handle.kept["log"] = "what it printed"

    def ended(self, handle: CallHandle, error: BaseException | None) -> None:
        self.seen.append(("ended", type(error).__name__))
        handle.told["wished"] = 3


class Broken(Observer):
    def returned(self, handle: CallHandle, error: BaseException | None) -> None:
        raise RuntimeError("no more")


def test_observers_see_a_call_begin_return_and_end(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "cache", verbose=0)

    @memory.cache
    def double(x: int) -> int:
        return 2 * x

    with enable_for_tests(tmp_path) as run:
        noting = Noting()
        run.observers.append(noting)
        assert double(2) == 4

    assert noting.seen == [("began", "double"), ("returned", "NoneType"), ("ended", "NoneType")]
    assert run.folder is not None
    assert '"wished":3' in (run.folder / "events.jsonl").read_text().replace(" ", "")
    store = LocalStore(tmp_path / "cache" / "jobtui")
    (entry,) = [one.name for one in store.list("") if one.name.endswith(".entry")]
    assert read_info(store, entry).log == "what it printed"


def test_observers_see_what_a_call_raised(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "cache", verbose=0)

    @memory.cache
    def fails() -> None:
        raise KeyError("x")

    with enable_for_tests(tmp_path) as run:
        noting = Noting()
        run.observers.append(noting)
        with pytest.raises(KeyError):
            fails()

    assert noting.seen == [("began", "fails"), ("returned", "KeyError"), ("ended", "KeyError")]


def test_an_error_in_an_observer_reaches_neither_the_call_nor_the_others(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "cache", verbose=0)

    @memory.cache
    def double(x: int) -> int:
        return 2 * x

    with enable_for_tests(tmp_path) as run:
        noting = Noting()
        run.observers += [Broken(), noting]
        with pytest.warns(UserWarning, match="no more"):
            assert double(2) == 4

    assert [what for what, _ in noting.seen] == ["began", "returned", "ended"]
    assert [call.state for call in read_run(run.folder).calls] == ["computed"]
