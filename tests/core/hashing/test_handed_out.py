"""Digests that are remembered of arrays which nobody can have changed."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from jobtui_core.hashing import digest, remember_digest
from jobtui_core.hashing import hash as joblib_hash
from jobtui_core.hashing.handed_out import _known, known_digest

NOTE = bytes(range(16))


def fixed(size: int = 100) -> Any:
    """Give an array that can never be written to."""
    return np.frombuffer(np.arange(size).tobytes(), np.int64)


def test_the_very_array_is_known_without_being_read() -> None:
    array = fixed()
    remember_digest(array, NOTE)
    assert digest(array) == NOTE.hex()
    assert digest([array]) != digest([fixed()])


def test_public_hash_is_not_concerned() -> None:
    array = fixed()
    before = joblib_hash(array)
    remember_digest(array, NOTE)
    assert joblib_hash(array) == before


@pytest.mark.parametrize(
    "view", [lambda a: a[:], lambda a: a.view(), lambda a: a[:50], lambda a: a.T, np.array]
)
def test_views_and_copies_are_not_it(view: Any) -> None:
    array = fixed()
    remember_digest(array, NOTE)
    other = view(array)
    assert digest(other) == digest(np.array(other))


def test_what_can_be_written_to_is_never_remembered() -> None:
    array = np.arange(100)
    remember_digest(array, NOTE)
    assert known_digest(array) is None


def test_an_array_that_becomes_writable_is_hashed() -> None:
    base = np.arange(100)
    array = base.view()
    array.flags.writeable = False
    remember_digest(array, NOTE)
    array.flags.writeable = True
    assert digest(array) == digest(base)


@pytest.mark.filterwarnings("ignore:Setting the:DeprecationWarning")
def test_an_array_that_is_given_another_shape_in_place_is_hashed() -> None:
    for change in ({"shape": (10, 10)}, {"dtype": np.dtype("f8")}):
        array = fixed()
        remember_digest(array, NOTE)
        for name, value in change.items():
            setattr(array, name, value)
        assert digest(array) == digest(np.array(array))


def test_structured_arrays_are_not_remembered_as_their_names_can_be_changed_in_place() -> None:
    array = np.frombuffer(bytes(16), [("a", "i4"), ("b", "i4")])
    remember_digest(array, NOTE)
    assert known_digest(array) is None


def test_an_id_that_is_given_away_again_is_not_it() -> None:
    array = fixed()
    place = id(array)
    remember_digest(array, NOTE)
    # What another object at the same address would find.
    entry = _known[place]
    del array
    gc.collect()
    assert place not in _known
    other = fixed()
    _known[id(other)] = entry
    try:
        assert known_digest(other) is None
    finally:
        del _known[id(other)]


def test_only_arrays_are_remembered() -> None:
    for value in ("text", (1, 2), frozenset({1}), np.float64(1)):
        remember_digest(value, NOTE)
        assert digest(value) != NOTE.hex()
