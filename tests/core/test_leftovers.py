"""What a killed writer leaves behind goes with the next writer; what a living one writes stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobtui_core import leftovers
from jobtui_core.leftovers import passing_name, passing_path, sweep, sweep_now_and_then
from jobtui_core.memory.places import temporary_beside
from jobtui_core.stores import LocalStore
from jobtui_core.whole import write_whole

DAY = 24 * 3600.0


@pytest.fixture
def dead() -> int:
    """A process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def living() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate(b"\n")


def written_by(process: int, folder: Path, name: str = "a.json", suffix: str = "") -> Path:
    mine = passing_path(folder / name, suffix)
    path = Path(mine.replace(f"-{os.getpid()}-", f"-{process}-"))
    path.write_bytes(b"half")
    return path


def aged(path: Path, seconds: float) -> Path:
    os.utime(path, (time.time() - seconds,) * 2)
    return path


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(
    tmp_path: Path, dead: int, living: int
) -> None:
    gone = written_by(dead, tmp_path)
    kept = [written_by(living, tmp_path), written_by(os.getpid(), tmp_path)]
    sweep(str(tmp_path))
    assert not gone.exists()
    assert all(path.exists() for path in kept)


def test_leftovers_of_other_machines_go_when_they_are_old(tmp_path: Path) -> None:
    elsewhere = "~0123456789ab-1-0123456789abcdef"
    old, young, ahead = (tmp_path / f".{name}.{elsewhere}" for name in ("old", "young", "ahead"))
    for path in (old, young, ahead):
        path.write_bytes(b"half")
    aged(old, DAY + 60)
    # Written before the clock was put back.
    aged(ahead, -400 * DAY)
    sweep(str(tmp_path))
    assert os.listdir(tmp_path) == [young.name]


def test_age_is_told_by_the_clock_that_stamps_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = tmp_path / ".a.~0123456789ab-1-0123456789abcdef"
    young.write_bytes(b"half")
    real = time.time()
    for clock in (0.0, real + 10_000 * DAY):
        monkeypatch.setattr(time, "time", lambda clock=clock: clock)
        sweep(str(tmp_path))
        assert os.listdir(tmp_path) == [young.name]


@pytest.mark.parametrize(
    "name",
    ["a.json", ".hidden", ".a.json.swp", ".~lock.a#", "~0123456789ab-1-0123456789abcdef",
     ".a.~0123456789ab-x-0123456789abcdef", ".a.~0123456789ab-1-0123"],
)  # fmt: skip
def test_files_of_others_are_never_swept(tmp_path: Path, name: str) -> None:
    aged_one = tmp_path / name
    aged_one.write_bytes(b"mine")
    aged(aged_one, 1000 * DAY)
    sweep(str(tmp_path))
    assert aged_one.exists()


def test_a_folder_is_looked_through_once_in_a_while(
    tmp_path: Path, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep_now_and_then(str(tmp_path))
    left = written_by(dead, tmp_path)
    sweep_now_and_then(str(tmp_path))
    assert left.exists()
    later = time.monotonic() + 2 * 3600
    monkeypatch.setattr(time, "monotonic", lambda: later)
    sweep_now_and_then(str(tmp_path))
    assert not left.exists()


def test_every_writer_sweeps_its_folder(tmp_path: Path, dead: int) -> None:
    (tmp_path / "store" / ".tmp").mkdir(parents=True)
    in_store = tmp_path / "store" / ".tmp" / passing_name().replace(f"-{os.getpid()}-", f"-{dead}-")
    in_store.write_bytes(b"half")
    LocalStore(tmp_path / "store").write("a/b", b"x")
    assert not in_store.exists()
    (tmp_path / "whole").mkdir()
    whole = written_by(dead, tmp_path / "whole")
    write_whole(tmp_path / "whole" / "other.json", b"x")
    assert not whole.exists()
    (tmp_path / "results").mkdir()
    output = written_by(dead, tmp_path / "results", "trend.npy", ".npy")
    temporary_beside(tmp_path / "results" / "other.npy")
    assert not output.exists()


def test_a_folder_that_cannot_be_listed_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for place in ("nowhere", "file"):
        sweep(str(tmp_path / place))


def test_a_name_too_long_for_the_file_system_is_cut(tmp_path: Path) -> None:
    write_whole(tmp_path / ("é" * 120), b"x")
    assert len(os.listdir(tmp_path)) == 1


def test_a_process_keeps_no_list_of_all_folders_for_ever(tmp_path: Path) -> None:
    for number in range(1100):
        sweep_now_and_then(str(tmp_path / str(number)))
    assert len(leftovers._looked) <= 1000


def test_a_copied_object_leaves_nothing_behind(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("a/b", b"x")
    for _ in range(2):
        store.copy("a/b", "c/d")
    store.copy("nowhere", "e/f")
    store.delete("a/b")
    assert store.read("c/d") == b"x"
    assert store.read("e/f") is None
    assert os.listdir(tmp_path / ".tmp") == []
    assert sorted(os.listdir(tmp_path)) == [".tmp", "c"]


def test_a_copy_is_made_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str, target: str) -> None:
        raise PermissionError(1, "Operation not permitted")

    store = LocalStore(tmp_path)
    store.write("a/b", b"x")
    monkeypatch.setattr(os, "link", refuse)
    store.copy("a/b", "c/d")
    assert store.read("c/d") == b"x"
    assert os.listdir(tmp_path / ".tmp") == []
