"""Odd values of every kind, each as a whole."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobtui_core.codecs import decode, encode
from jobtui_core.hashing import digest
from tests.core.hashing.specimens import SPECIMENS

CANNOT_BE_COPIED = ("depth",)
"""Neither ``deepcopy`` nor pickle goes that deep."""


@pytest.mark.parametrize("name", SPECIMENS)
def test_equal_when_made_anew_and_unequal_after_one_change(name: str) -> None:
    make = SPECIMENS[name]
    assert digest(make(0)) == digest(make(0))
    assert digest(make(1)) == digest(make(1))
    assert digest(make(0)) != digest(make(1))


@pytest.mark.parametrize("name", [name for name in SPECIMENS if name not in CANNOT_BE_COPIED])
def test_copied_or_stored_it_is_the_same(name: str) -> None:
    for which in (0, 1):
        value = SPECIMENS[name](which)
        expected = digest(value)
        assert digest(copy.deepcopy(value)) == expected
        encoded = encode(value)
        back = decode(encoded.codec, [bytes(frame) for frame in encoded.frames])
        assert type(back) is type(value)
        assert digest(back) == expected
        assert digest(value) == expected


def test_equal_in_every_process_whatever_its_hash_seed() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-m", "tests.core.hashing.specimens"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert found.pop().count("\n") == len(SPECIMENS)
