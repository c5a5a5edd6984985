"""Clocks that go backwards, stand still or are years off: results stay right, times stay sane."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobtui_core import Memory, expires_after, make
from jobtui_core.entry import read_info
from jobtui_core.project import calls, open_project, runs, status
from jobtui_core.project.reader import forget_readers
from jobtui_core.records import RunState
from jobtui_core.stores import LocalStore
from jobtui_core.tracing.opening import enable_for_tests
from tests.core.memory.faults.specimens import RAN, plain, same, wanted

YEAR = 365 * 24 * 3600.0
CLOCKS: dict[str, Callable[[float], float]] = {
    "backwards": lambda real: 3e9 - real,
    "1970": lambda real: real % 1,
    "far ahead": lambda real: real + 500 * YEAR,
    "standing still": lambda real: 1e9,
    "to and fro": lambda real: real + (YEAR if int(real * 10_000) % 2 else -YEAR),
}


@pytest.fixture(params=CLOCKS)
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    real, real_ns = time.time, time.time_ns
    wrong = CLOCKS[request.param]
    monkeypatch.setattr(time, "time", lambda: wrong(real()))
    monkeypatch.setattr(time, "time_ns", lambda: int(wrong(real_ns() / 1e9) * 1e9))
    return str(request.param)


def test_results_do_not_depend_on_the_clock(tmp_path: Path, clock: str) -> None:
    function = Memory(tmp_path, verbose=0).cache(plain)
    RAN.clear()
    for n in (1, 2, 1, 2, 1):
        assert same(function(n), wanted("plain", n))
    assert RAN == ["plain"] * 2
    store = function.store_backend
    assert isinstance(store, LocalStore)
    for item in store.list():
        if item.name.endswith(".entry"):
            info = read_info(store, item.name)
            assert info is not None
            assert 0 <= info.duration < 60
    _, facts = function.call(1)
    assert 0 <= facts["duration"] < 60 or clock == "to and fro"
    assert facts["duration"] >= 0


@pytest.mark.parametrize("times", [(0, 0), (-YEAR, -YEAR), (4e9, 4e9)])
def test_times_of_files_are_not_believed(tmp_path: Path, times: tuple[float, float]) -> None:
    memory = Memory(tmp_path, verbose=0)
    memory.cache(plain)(1)
    for path in tmp_path.rglob("*"):
        os.utime(path, times)
    RAN.clear()
    assert same(memory.cache(plain)(1), wanted("plain", 1))
    assert RAN == []
    memory.cache(plain)(2)
    assert list((tmp_path / "jobtui" / ".tmp").iterdir()) == []


def test_what_expires_does_not_live_on_because_a_clock_was_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(tmp_path, verbose=0)
    function = memory.cache(plain, cache_validation_callback=expires_after(hours=1))
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 50 * YEAR)
    function(1)
    monkeypatch.setattr(time, "time", lambda: real)
    RAN.clear()
    function(1)
    function(1)
    assert RAN == ["plain"]
    # Put back by a little, as time servers do: as good as new.
    monkeypatch.setattr(time, "time", lambda: real - 60)
    function(1)
    assert RAN == ["plain"]


def test_runs_are_listed_with_times_that_make_sense(
    tmp_path: Path, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    (tmp_path / ".jobtui").mkdir()

    @make
    def step(n: int) -> int:
        return n + 1

    for _ in range(3):
        with enable_for_tests(tmp_path):
            assert [step(n) for n in (1, 2, 1)] == [2, 3, 2]
    forget_readers()
    project = open_project(tmp_path)
    status(project)
    found = runs(project)
    assert len(found) == 3
    for run in found:
        assert run.state is RunState.DONE
        assert run.started is not None
        assert run.ended is not None
        assert run.ended >= run.started
        assert run.time_saved >= 0
        for call in calls(project, run.id):
            assert call.duration is None or 0 <= call.duration < 60
    assert sorted(run.computed for run in found) == [0, 0, 2]
