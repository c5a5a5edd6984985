"""Whatever becomes of an entry's file, a call gives the right value and mends the entry."""

from __future__ import annotations

import os
import random
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobtui_core import Memory
from jobtui_core.entry.mapping import is_verified, remember_verified
from jobtui_core.errors import CacheWarning
from jobtui_core.stores import LocalStore
from tests.core.memory.faults.specimens import KINDS, RAN, same, wanted

WAYS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "packed": {"compress": 3},
    "signed": {"signing_key": "secret"},
    "packed and signed": {"compress": 3, "signing_key": "secret"},
    "mapped r": {"mmap_mode": "r"},
    "mapped r+": {"mmap_mode": "r+"},
    "mapped c": {"mmap_mode": "c"},
}
LARGEST = 1 << 16
"""Bytes of an entry of which every part is damaged in turn."""


class Lab:
    """One stored result, to be damaged."""

    def __init__(self, folder: Path, kind: str, way: str) -> None:
        self.kind = kind
        self.memory = Memory(folder / "store", verbose=0, **WAYS[way])
        self.right = wanted(kind, 1)
        self.fresh(1)
        self.path = self.only_entry()
        self.data = self.path.read_bytes()

    def fresh(self, n: int) -> Any:
        """Call the function as a process would that has just begun."""
        return self.memory.cache(KINDS[self.kind])(n)

    def only_entry(self) -> Path:
        (path,) = (Path(self.memory.store.path)).glob("*/*/*.entry")  # type: ignore[union-attr]
        return path

    def put(self, data: bytes) -> None:
        """Put other bytes in the place of the entry, as another process or a bad disk would."""
        beside = self.path.with_name(".beside")
        beside.write_bytes(data)
        beside.replace(self.path)

    def check(self, what: object) -> bool:
        """Call the function; tell whether it had to run again."""
        RAN.clear()
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            found = self.fresh(1)
        texts = [str(one.message) for one in heard]
        assert same(found, self.right), (what, texts)
        assert len(texts) <= 1, (what, texts)
        assert all(one.category is CacheWarning for one in heard), texts
        # What is said points at the user's line.
        assert all(one.filename == __file__ for one in heard), [one.filename for one in heard]
        ran = bool(RAN)
        assert ran == bool(texts), (what, texts)
        if ran:
            RAN.clear()
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert same(self.fresh(1), self.right), what
            assert not RAN, what
        return ran


def damages(data: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    size = len(data)
    ends = {0, 1, 7, 8, 40, 88, 103, 104, 143, 144, size // 2, size - 1, size - 8}
    for end in sorted(ends | {chance.randrange(size) for _ in range(12)}):
        yield f"cut at {end}", data[:end]
    yield "zeros", bytes(size)
    for start in (0, 104, size // 2):
        yield f"zeros from {start}", data[:start] + bytes(size - start)
    yield "one block of zeros", data[:512] + bytes(min(512, size - 512)) + data[1024:]
    yield "other bytes", chance.randbytes(size)
    yield "text", b"<html>404</html>\n"
    yield "a line end changed", data.replace(b"\n", b"\r\n", 1)
    yield "twice", data + data
    yield "a byte at the front", b"x" + data
    yield "a byte lost", data[:200] + data[201:]
    for _ in range(40):
        place, bit = chance.randrange(size), chance.randrange(8)
        yield f"bit {bit} of byte {place}", flipped(data, place, bit)


def flipped(data: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    return bytes(changed)


CASES = [
    (kind, way)
    for kind in KINDS
    for way in WAYS
    # Mapping asks for arrays.
    if "mapped" not in way or kind in ("array", "large", "nested", "plain")
]


@pytest.mark.parametrize(("kind", "way"), CASES)
def test_a_damaged_entry_is_computed_again(tmp_path: Path, kind: str, way: str) -> None:
    lab = Lab(tmp_path, kind, way)
    again = 0
    few = len(lab.data) > LARGEST
    for number, (what, data) in enumerate(damages(lab.data, random.Random(kind + way))):
        if few and number % 4:
            continue
        lab.put(data)
        again += lab.check(what)
        lab.data = lab.path.read_bytes()
    assert again > 8


@pytest.mark.parametrize("way", ["as it is", "signed"])
def test_no_flipped_bit_of_a_small_entry_gives_another_value(tmp_path: Path, way: str) -> None:
    lab = Lab(tmp_path, "array", way)
    again = 0
    for place in range(0, len(lab.data), 1 if way == "as it is" else 5):
        lab.put(flipped(lab.data, place, place % 8))
        again += lab.check(place)
        lab.data = lab.path.read_bytes()
    if way == "as it is":
        # All but reserved bytes, the header, which is for people, and padding.
        assert again > 104 + 40 * 2 + 40 * 8
    else:
        # All but the digits of the signature's place itself.
        assert again > len(lab.data) // 5 - 5


@given(
    start=st.floats(0, 1), length=st.integers(0, 5000), other=st.binary(max_size=300),
    kind=st.sampled_from(["plain", "nested", "boxed", "frame"]),
)  # fmt: skip
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_part_may_become_anything(
    tmp_path: Path, kind: str, start: float, length: int, other: bytes
) -> None:
    lab = Lab(tmp_path / kind, kind, "as it is")
    place = int(start * len(lab.data))
    lab.put(lab.data[:place] + other + lab.data[place + length :])
    lab.check((place, length, other))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["plain", "large"])
def test_the_entry_of_another_call_is_not_taken_for_this_one(
    tmp_path: Path, kind: str, way: str
) -> None:
    lab = Lab(tmp_path, kind, way)
    other = Lab(tmp_path / "other", "array", way)
    lab.put(other.data)
    assert lab.check("another function")
    lab.fresh(2)
    (second,) = set(lab.path.parent.parent.glob("*/*.entry")) - {lab.path}
    lab.put(second.read_bytes())
    assert lab.check("another argument")


def _folder(path: Path) -> None:
    path.mkdir()


def _folder_with_something(path: Path) -> None:
    path.mkdir()
    (path / "x").write_bytes(b"x")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    "make", [_folder, _folder_with_something, _pipe, _dangling, _loop, _device]
)
@pytest.mark.parametrize("way", ["as it is", "signed", "mapped r"])
def test_what_is_no_file_is_no_result(
    tmp_path: Path, make: Callable[[Path], None], way: str
) -> None:
    lab = Lab(tmp_path, "large", way)
    lab.path.unlink()
    make(lab.path)
    RAN.clear()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert same(lab.fresh(1), lab.right)
        assert same(lab.fresh(1), lab.right)
    # A folder cannot be replaced by a file: it runs again each time, and that is said.
    assert len(heard) <= 2
    assert 1 <= len(RAN) <= 2


@pytest.mark.parametrize("mode", [None, "r", "r+", "c"])
def test_what_is_mapped_stays_what_it_is(tmp_path: Path, mode: Any) -> None:
    memory = Memory(tmp_path, mmap_mode=mode, verbose=0)
    function = memory.cache(KINDS["large"])
    function(1)
    held = function(1)
    right = np.array(held)
    function.call(1)
    assert np.array_equal(held, right)
    function.clear()
    memory.clear()
    assert np.array_equal(held, right)
    function(1)
    store = memory.store
    assert isinstance(store, LocalStore)
    (name,) = [item.name for item in store.list() if item.name.endswith(".entry")]
    held = function(1)
    store.write(name, b"something else")
    assert np.array_equal(held, right)
    with pytest.warns(CacheWarning):
        assert np.array_equal(function(1), right)


def test_a_file_is_trusted_once_a_change_would_show(tmp_path: Path) -> None:
    """Times of files go in steps of milliseconds: within one, a change may leave no trace."""
    now = time.time_ns()
    young, old, ahead = (
        (1, number, 1 << 20, ctime)
        for number, ctime in enumerate((now, now - 10**9, now + 10**12), -3)
    )
    for state in (young, old, ahead):
        remember_verified(state)
    assert not is_verified(young)
    assert is_verified(old)
    # The clock was put back meanwhile.
    assert is_verified(ahead)


def test_rot_in_place_is_seen_after_the_file_was_trusted(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "large", "as it is")
    os.utime(lab.path)
    for place in (5000, len(lab.data) // 2, len(lab.data) - 8):
        time.sleep(0.06)  # Until it is trusted.
        lab.fresh(1)
        status = lab.path.stat()
        assert is_verified((status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns))
        with lab.path.open("r+b") as file:
            file.seek(place)
            file.write(b"rotten")
        # As it was, for whoever looks at size and modification only.
        os.utime(lab.path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert lab.check(place)
