"""What must hold for the digest of any value."""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jobtui_core.hashing import combine, digest, digest_bytes
from tests.core.hashing.strategies import changed, plain, rebuilt, spelled, values

OTHER_PROCESS = """
import base64, pickle, sys
from jobtui_core.hashing import digest
for value in pickle.loads(base64.b64decode(sys.stdin.read())):
    print(digest(value))
"""


def digests_elsewhere(found: list[Any], seed: int) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS],
        input=base64.b64encode(pickle.dumps(found)).decode(),
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@settings(max_examples=4, deadline=None)
@given(st.lists(values, min_size=20, max_size=40), st.integers(1, 1000))
def test_digest_is_equal_in_every_process(found: list[Any], seed: int) -> None:
    """Neither PYTHONHASHSEED nor a trip through pickle shows."""
    assert digests_elsewhere(found, seed) == [digest(value) for value in found]


@given(values)
def test_digest_is_blind_to_identity_sharing_and_order(value: Any) -> None:
    assert digest(rebuilt(value)) == digest(value)


@given(values, st.integers(0, 10**6))
def test_single_change_anywhere_changes_the_digest(value: Any, where: int) -> None:
    assert digest(changed(value, where)) != digest(value)


@given(values)
def test_copies_of_one_part_count_like_one_part_met_twice(value: Any) -> None:
    assert digest([value, value, {"a": value}]) == digest([value, rebuilt(value), {"a": value}])


@given(values)
def test_wrapping_changes_the_digest(value: Any) -> None:
    wrapped = [value, [value], (value,), {"a": value}, {0: value}]
    assert len({digest(item) for item in wrapped}) == len(wrapped)


@given(plain, plain)
def test_digests_are_equal_only_for_the_same_values(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) == (spelled(one) == spelled(other))


@given(st.lists(st.text() | st.binary() | st.integers()))
def test_combine_tells_all_lists_of_parts_apart(parts: list[Any]) -> None:
    assert combine("tag", *parts) != combine("tag", *parts, "")
    assert combine("tag", *parts) != combine("gat", *parts)
    if parts:
        assert combine("tag", *parts) != combine("tag", *parts[:-1])


def test_combine_tells_types_and_boundaries_apart() -> None:
    made = [("ab", "c"), ("a", "bc"), (b"ab", "c"), ("abc",), ("ab", "c", ""), (1,), ("1",), (-1,)]
    assert len({combine("t", *parts) for parts in made}) == len(made)


def test_combine_takes_ints_of_any_size() -> None:
    assert combine("t", 10**10_000) != combine("t", 10**10_000 + 1)


@given(st.lists(st.binary()))
def test_digest_of_bytes_is_that_of_their_concatenation(parts: list[bytes]) -> None:
    assert digest_bytes(*parts) == digest_bytes(b"".join(parts))
