"""Stores on full disks, in folders that may only be read, that vanish, or that are none."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jobtui_core import Memory
from jobtui_core.errors import CacheWarning
from tests.core.isolation import clean_environment
from tests.core.memory.faults.specimens import KINDS, RAN, same, wanted

KIB = 1 << 10


def call(memory: Memory, kind: str, n: int = 1) -> tuple[int, list[str]]:
    """Call a function as a new process would; give how often it ran, and what was said."""
    RAN.clear()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = memory.cache(KINDS[kind])(n)
    assert all(one.category is CacheWarning for one in heard), [str(one.message) for one in heard]
    ran = len(RAN)
    assert same(found, wanted(kind, n))
    return ran, [str(one.message) for one in heard]


def left(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if "~" in path.name]


def mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount")
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, free: int) -> Path:
    """Leave only so much free on a disk."""
    path = disk / "others"
    with path.open("wb") as file, suppress(OSError):
        while True:
            status = os.statvfs(disk)
            room = status.f_bavail * status.f_frsize - free
            if room <= 0:
                break
            file.write(bytes(min(room, 64 * KIB)))
            file.flush()
    return path


# Full disks


@pytest.mark.parametrize("kind", ["plain", "large", "nested", "boxed"])
def test_a_full_disk_costs_a_warning_and_a_computation(disk: Path, kind: str) -> None:
    memory = Memory(disk / "store", verbose=0)
    call(memory, "array")
    others = fill(disk, 0)
    ran, told = call(memory, kind)
    assert ran == 1
    assert len(told) == 1
    assert "No space left" in told[0]
    # It is said once, and what is stored answers.
    assert call(memory, kind, 2) == (1, [])
    assert call(memory, "array") == (0, [])
    assert left(disk) == []
    others.unlink()
    if kind != "large":
        assert call(memory, kind) == (1, [])
        assert call(memory, kind) == (0, [])


def test_a_disk_that_fills_in_the_middle_of_an_entry_keeps_no_part_of_it(disk: Path) -> None:
    memory = Memory(disk / "store", verbose=0)
    call(memory, "array")
    for free in (0, 4 * KIB, 64 * KIB, 512 * KIB):
        fill(disk, free)
        used = os.statvfs(disk).f_bavail
        call(memory, "large")
        assert left(disk) == []
        assert os.statvfs(disk).f_bavail >= used - 8


PROJECT = """
import json, sys, warnings
warnings.simplefilter("always")
from jobtui_core import JsonFile, Memory, make

@make(inputs=["data.txt"], output=JsonFile("out/{n}.json"))
def numbers(n):
    with open("data.txt") as file:
        return [int(file.read())] * n

@Memory("own", verbose=0).cache
def total(items):
    return sum(items)

print([total(numbers(n)) for n in (10, 8_000, 16_000)])
print("x" * 20_000, file=sys.stderr) if len(sys.argv) > 1 else None
"""


@pytest.mark.parametrize("free", [0, 4 * KIB, 40 * KIB, 200 * KIB])
def test_a_script_on_a_full_disk_prints_what_it_should(disk: Path, free: int) -> None:
    (disk / "script.py").write_text(PROJECT)
    (disk / "data.txt").write_text("7")
    (disk / "jobtui.toml").write_text("")
    others = fill(disk, free)
    environment = clean_environment()
    del environment["JOBTUI_TRACE"]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "script.py", "more"],
            cwd=disk,
            env=environment,
            capture_output=True,
            text=True,
        )

    done = run()
    assert done.stdout == "[70, 56000, 112000]\n", done.stderr[-3000:]
    assert done.returncode == 0
    said = [line for line in done.stderr.splitlines() if "Warning: " in line]
    # Outputs, the two stores, the record of the run: each is another matter.
    assert 1 <= len(said) <= 6, said
    assert left(disk) == []
    others.unlink()

    again = run()
    assert again.stdout == "[70, 56000, 112000]\n"
    assert "Warning: " not in again.stderr, again.stderr[:3000]


def test_a_limit_of_file_sizes_is_like_a_full_disk(tmp_path: Path) -> None:
    memory = Memory(tmp_path, verbose=0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200 * KIB, before[1]))
    try:
        assert call(memory, "plain") == (1, [])
        ran, told = call(memory, "large")
        assert (ran, len(told)) == (1, 1)
        assert "too large" in told[0]
        assert call(memory, "large") == (1, [])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert left(tmp_path) == []
    assert call(memory, "plain") == (0, [])
    assert call(memory, "large") == (1, [])
    assert call(memory, "large") == (0, [])


# Folders that may only be read


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Make a folder one that nobody can write to, root included."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount")
    places: list[Path] = []

    def protect(place: Path) -> None:
        mount("--bind", str(place), str(place))
        places.append(place)
        mount("-o", "remount,bind,ro", str(place))

    yield protect
    for place in places:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("kind", ["plain", "large", "nested"])
@pytest.mark.parametrize("mode", [None, "r"])
def test_what_may_only_be_read_is_read_without_a_word(
    tmp_path: Path, read_only: Callable[[Path], None], kind: str, mode: Any
) -> None:
    store = tmp_path / "store"
    call(Memory(store, verbose=0), kind)
    before = sorted(store.rglob("*"))
    read_only(store)
    memory = Memory(store, mmap_mode=mode, verbose=0)
    assert call(memory, kind) == (0, [])
    ran, told = call(memory, kind, 2)
    assert (ran, len(told)) == (1, 1)
    assert "Read-only" in told[0]
    assert call(memory, kind, 3) == (1, [])
    assert call(memory, kind) == (0, [])
    assert sorted(store.rglob("*")) == before


def test_an_immutable_folder_is_like_one_that_may_only_be_read(tmp_path: Path) -> None:
    store = tmp_path / "store"
    call(Memory(store, verbose=0), "plain")
    done = subprocess.run(["chattr", "-R", "+i", str(store)], capture_output=True)
    if done.returncode:
        pytest.skip("no attributes of files here")
    try:
        memory = Memory(store, verbose=0)
        assert call(memory, "plain") == (0, [])
        ran, told = call(memory, "array")
        assert (ran, len(told)) == (1, 1)
        assert call(memory, "array", 2) == (1, [])
    finally:
        subprocess.run(["chattr", "-R", "-i", str(store)], check=True)


# Folders that vanish, and what is none


def test_a_store_that_vanishes_is_made_again(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "a" / "store", verbose=0)
    function = memory.cache(KINDS["plain"])
    for gone in ("a", "a/store", "a/store/jobtui", "a/store/jobtui/.tmp"):
        assert same(function(1), wanted("plain", 1))
        RAN.clear()
        assert same(function(1), wanted("plain", 1))
        assert RAN == []
        shutil.rmtree(tmp_path / gone)
    assert same(function(1), wanted("plain", 1))


def test_a_store_may_be_exchanged_for_another(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "store", verbose=0)
    function = memory.cache(KINDS["large"])
    held = function(1)
    mapped = function(1)
    (tmp_path / "store").rename(tmp_path / "old")
    RAN.clear()
    assert same(function(1), wanted("large", 1))
    assert RAN == ["large"]
    shutil.rmtree(tmp_path / "old")
    assert same(mapped, held)


def test_a_store_that_is_deleted_again_and_again_costs_only_computations(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "store", verbose=0)
    over = threading.Event()

    def delete() -> None:
        while not over.is_set():
            shutil.rmtree(tmp_path / "store", ignore_errors=True)

    thread = threading.Thread(target=delete)
    thread.start()
    said: list[str] = []
    try:
        for number in range(150):
            said += call(memory, ("plain", "array", "nested")[number % 3], number % 5)[1]
    finally:
        over.set()
        thread.join()
    assert len(said) <= 1, said


def _file(path: Path) -> None:
    path.write_text("mine")


def _dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere" / "deep")


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("mine")


def _device(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [_file, _loop, _below_a_file, _device, _dangling])
def test_what_is_no_folder_costs_one_warning(tmp_path: Path, make: Callable[[Path], None]) -> None:
    place = tmp_path / "parent" / "store"
    place.parent.mkdir()
    make(place)
    memory = Memory(place, verbose=0)
    said = [text for n in range(3) for text in call(memory, "plain", n)[1]]
    assert len(said) == 1
    assert call(memory, "large") == (1, [])
    assert not memory.cache(KINDS["plain"]).check_call_in_cache(1)
    if make is _file:
        assert place.read_text() == "mine"
