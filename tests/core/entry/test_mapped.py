"""Arrays inside of results, over the file."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jobtui_core.entry import read_value, write_entry
from jobtui_core.hashing import digest
from jobtui_core.hashing.handed_out import known_digest
from jobtui_core.stores import LocalStore, MemoryStore, Store
from tests.core.entry.test_entries import KEY, NAME, hit, local, meta

__all__ = ["local"]

LARGE = np.arange(1 << 18)


@dataclasses.dataclass
class Fit:
    """A result that only pickle takes."""

    curve: Any
    name: str


def put(store: Store, value: Any) -> str:
    return write_entry(store, NAME, value, meta())


def arrays_in(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [one for part in parts for one in arrays_in(getattr(part, "curve", part))]


NESTED: list[Any] = [
    {"a": LARGE, "b": [np.arange(3), (np.asfortranarray(np.ones((600, 600))),)]},
    (np.arange(5), LARGE),
    [Fit(LARGE, "x"), Fit(np.asfortranarray(np.ones((600, 600))), "y")],
]
IDS = ["dict", "tuple", "objects"]


@pytest.mark.parametrize("value", NESTED, ids=IDS)
def test_without_a_mode_large_arrays_are_mapped_and_writable(local: LocalStore, value: Any) -> None:
    put(local, value)
    before = local.read(NAME)
    for array in arrays_in(hit(local)):
        assert type(array) is np.ndarray
        array[...] = 7
    assert local.read(NAME) == before
    assert digest(hit(local)) == digest(value)


@pytest.mark.parametrize("mode", ["r", "c", "r+", "w+"])
@pytest.mark.parametrize("value", NESTED, ids=IDS)
def test_with_a_mode_all_arrays_are_memmaps(local: LocalStore, value: Any, mode: Any) -> None:
    put(local, value)
    back = hit(local, mode)
    for array in arrays_in(back):
        assert isinstance(array, np.memmap)
        assert (array.mode, array.filename) == (mode, str(local.local_path(NAME)))
        assert array.flags.writeable == (mode != "r")
    assert digest(back) == digest(value)


def test_arrays_are_aligned(local: LocalStore) -> None:
    put(local, {"text": "x", "a": np.arange(5, dtype="i1"), "b": np.arange(3.0)})
    for mode in ("r", None):
        for array in list(hit(local, mode).values())[1:]:
            assert array.flags.aligned
    assert hit(local, "r")["b"].ctypes.data % 64 == 0


def test_frames_of_a_mapped_entry_may_be_changed(local: LocalStore) -> None:
    frame = pd.DataFrame({"a": LARGE})
    put(local, frame)
    back = hit(local)
    back.loc[0, "a"] = 5
    assert digest(hit(local)) == digest(frame)


class TestKnownDigests:
    """What a store handed out read-only is not hashed again."""

    def read(self, store: Store, mode: Any = "r", *, remember: bool = True) -> Any:
        found = read_value(store, NAME, KEY, mode, remember=remember)
        assert found is not None
        return found[0]

    @pytest.mark.parametrize("kind", ["local", "memory"])
    def test_read_only_array_is_known_by_the_digest_in_its_entry(
        self, local: LocalStore, kind: str
    ) -> None:
        store = local if kind == "local" else MemoryStore()
        result = put(store, LARGE)
        array = self.read(store)
        known = known_digest(array)
        assert known is not None
        assert known.hex() == result == digest(LARGE) == digest(array)

    def test_large_arrays_in_containers_are_known_too(self, local: LocalStore) -> None:
        put(local, {"a": LARGE, "b": np.arange(3)})
        back = self.read(local)
        known = known_digest(back["a"])
        assert known is not None
        assert known.hex() == digest(LARGE)
        assert known_digest(back["b"]) is None

    @pytest.mark.parametrize("mode", [None, "c", "r+"])
    def test_writable_arrays_are_always_hashed(self, local: LocalStore, mode: Any) -> None:
        put(local, [LARGE])
        (array,) = self.read(local, mode)
        assert known_digest(array) is None
        array[0] = 99
        assert digest(array) != digest(LARGE)

    def test_views_are_hashed(self, local: LocalStore) -> None:
        put(local, LARGE)
        array = self.read(local)
        assert known_digest(array[:]) is None
        assert digest(array[1:]) == digest(LARGE[1:])

    def test_objects_of_classes_are_hashed(self, local: LocalStore) -> None:
        """Their digest is also that of their class, which may have been edited since."""
        put(local, [Fit(LARGE, "x")])
        (fit,) = self.read(local)
        assert known_digest(fit.curve) is None

    def test_nothing_is_known_of_entries_found_without_their_key(self, local: LocalStore) -> None:
        """They may have been written by another version of the algorithm."""
        put(local, LARGE)
        assert known_digest(self.read(local, remember=False)) is None
