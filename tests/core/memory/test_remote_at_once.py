"""Processes and threads that make equal calls on a remote store at once: one computes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from jobtui_core import Memory
from jobtui_core.memory import waiting
from jobtui_core.stores.base import Data
from tests.core.at_once import at_once
from tests.core.forked import Forked
from tests.core.isolation import CHECKOUT, clean_environment
from tests.core.memory.test_many_processes import Lab, make_slow, until
from tests.core.remote import FarFolder, innermost

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path / "project"))
    lab = Lab(tmp_path)
    lab.memory = Memory(f"farfolder://{tmp_path}/far", verbose=0)
    # Otherwise each process asks for aliases, and puts the sources, once.
    lab.may_end()
    lab.memory.cache(make_slow(lab))(0)
    assert lab.memory.store is not None
    assert lab.memory.store.flush(10) == 0
    (tmp_path / "end").unlink()
    (tmp_path / "ran").unlink()
    return lab


def counted(memory: Memory, call: Callable[[], Any]) -> tuple[Any, dict[str, int]]:
    """Give what a call gives, and the requests for entries that it takes."""
    assert memory.store is not None
    store = innermost(memory.store)
    store.reset()
    result = call()
    memory.store.flush(10)
    names = [one.method for one in store.log if one.name.endswith(".entry")]
    return result, {name: names.count(name) for name in names if "local" not in name}


@pytest.mark.parametrize("arrived", [True, False])
def test_processes_compute_once_and_ask_once_more_after_they_waited(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    looks = count(1)
    may_look, may_arrive = lab.folder / "may look", lab.folder / "may arrive"
    real_write = FarFolder.write

    def pause(self: waiting.Wait) -> float:
        # Each process counts its own.
        if next(looks) == 20:
            (lab.folder / f"waits {os.getpid()}").touch()
            until(may_look.exists)
        return 0.001

    def write(self: FarFolder, name: str, data: Data) -> None:
        if name.endswith(".entry"):
            until(may_arrive.exists)
        real_write(self, name, data)

    monkeypatch.setattr(waiting.Wait, "pause", pause)
    monkeypatch.setattr(FarFolder, "write", write)
    slow = lab.memory.cache(make_slow(lab))
    with ExitStack() as stack:
        action = lambda: counted(lab.memory, lambda: slow(3))  # noqa: E731  for each of them
        first = stack.enter_context(Forked(action))
        until(lambda: lab.ran == ["3"])
        others = [stack.enter_context(Forked(action)) for _ in range(3)]
        until(lambda: len(list(lab.folder.glob("waits *"))) == 3)
        lab.may_end()
        computed = ([3], {"read": 1, "write": 1})
        # Once in vain; then once more, or from the spool if it has not been sent yet.
        if arrived:
            may_arrive.touch()
            assert first.result() == computed
            may_look.touch()
            assert [one.result() for one in others] == [([3], {"read": 2})] * 3
        else:
            may_look.touch()
            assert [one.result() for one in others] == [([3], {"read": 1})] * 3
            may_arrive.touch()
            assert first.result() == computed
    assert lab.ran == ["3"]


def test_who_waited_for_a_process_that_was_killed_computes(lab: Lab) -> None:
    slow = lab.memory.cache(make_slow(lab))
    with Forked(lambda: slow(3)) as first:
        until(lambda: lab.ran == ["3"])
        with Forked(lambda: counted(lab.memory, lambda: slow(3))) as second:
            first.kill()
            lab.may_end()
            assert second.result()[0] == [3]
    assert lab.ran == ["3", "3"]


def test_threads_compute_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = lab.memory.cache(make_slow(lab))
    waits: set[waiting.Wait] = set()
    real_patience = waiting.Wait.patience

    def patience(self: waiting.Wait) -> float:
        waits.add(self)
        if len(waits) == 2:
            # One that looked in vain and came when the first was done would compute, too.
            lab.may_end()
        return real_patience(self)

    monkeypatch.setattr(waiting.Wait, "patience", patience)
    assert at_once(slow, [5], [5], [5]) == [[5]] * 3
    assert lab.ran == ["5"]


def test_locks_lie_in_the_project_and_nowhere_else(lab: Lab) -> None:
    lab.may_end()
    lab.memory.cache(make_slow(lab))(7)
    (lock,) = (lab.folder / "project" / ".jobtui" / "index" / "locks").iterdir()
    assert lock.stat().st_size == 0
    assert (lab.folder / "project" / ".jobtui" / ".gitignore").read_text() == "*\n"


def test_a_project_that_cannot_be_written_is_no_trouble(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = lab.folder / "file"
    file.touch()
    monkeypatch.setenv("JOBTUI_ROOT", str(file / "project"))
    memory = Memory(f"farfolder://{lab.folder}/other", verbose=0)
    lab.may_end()
    assert memory.cache(make_slow(lab))(7) == [7]


WORKERS = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from jobtui_core import Memory
from tests.core.remote import innermost

def work(x):
    return [x, x]

def call(function, x):
    return function(x), innermost(function.store_backend).profile

def main():
    kind, place = sys.argv[1:]
    memory = Memory(place, backend_options={"profile": "lab"}, verbose=0)
    cached = memory.cache(work)
    if kind == "loky":
        from joblib.externals.loky import get_reusable_executor
        pool = get_reusable_executor(max_workers=2)
    else:
        pool = ProcessPoolExecutor(2, mp_context=get_context(kind))
    with pool:
        found = list(pool.map(call, [cached] * 4, [1, 2, 1, 2]))
    assert found == [([x, x], "lab") for x in (1, 2, 1, 2)], found
    assert cached.check_call_in_cache(1) and cached.check_call_in_cache(2)

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("kind", ["fork", "spawn", "loky"])
def test_workers_use_the_store_with_its_options(tmp_path: Path, kind: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(WORKERS)
    (tmp_path / "jobtui.toml").touch()
    subprocess.run(
        [sys.executable, str(script), kind, f"farfolder://{tmp_path}/far"],
        check=True,
        timeout=60,
        cwd=tmp_path,
        env={**clean_environment(), "PYTHONPATH": str(CHECKOUT)},
    )
