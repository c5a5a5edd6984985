"""Digests by another algorithm tell values apart just as well."""

from __future__ import annotations

import datetime as dt
import pickle
from collections import OrderedDict
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core.hashing import (
    XXH3,
    algorithm_of,
    combine,
    combining,
    digest,
    digest_bytes,
    digest_file,
    digester,
    remember_digest,
)

BLAKE2B = algorithm_of("blake2b")
by_blake2b = digester(BLAKE2B)


class Thing:
    def __init__(self, x: Any) -> None:
        self.x = x


def _cycle() -> list[Any]:
    found: list[Any] = [1]
    found.append(found)
    return found


SHARED = [1, [2, {3: 4}]]

VALUES = {
    "int": 1,
    "text": "a",
    "long text": "a" * 100_000,
    "long bytes": b"a" * 100_000,
    "list": [1, "a", None],
    "long list": list(range(100)),
    "nested": {"a": [1, {"b": (Thing(1), {2, "x"})}]},
    "shared": [SHARED, SHARED, Thing(SHARED)],
    "mixed set": {1, "a", (2, 3)},
    "bytearray": bytearray(b"abc"),
    "memoryview": memoryview(b"abc"),
    "ordered": OrderedDict(a=1, b=[Thing(2)]),
    "array": np.arange(10.0),
    "strided": np.arange(20.0).reshape(4, 5)[:, ::2],
    "objects": np.array([Thing(1), "a"], dtype=object),
    "dtype": np.dtype("i4"),
    "scalar": np.float32(2.5),
    "class": Thing,
    "function": _cycle,
    "builtin": len,
    "date": dt.date(2026, 1, 2),
    "path": Path("a/b"),
    "cycle": _cycle(),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_has_a_digest_of_its_own(name: str) -> None:
    found = by_blake2b(VALUES[name])
    assert len(bytes.fromhex(found)) == 16
    assert found != digest(VALUES[name])
    assert found == by_blake2b(VALUES[name])
    assert [other for other, value in VALUES.items() if by_blake2b(value) == found] == [name]


def test_no_part_of_a_value_is_left_to_the_quick_algorithm() -> None:
    quick = {XXH3.digest, XXH3.state, XXH3.hexdigest}
    (options,) = (cell.cell_contents for cell in by_blake2b.__closure__)  # type: ignore[attr-defined]  # a function
    leaves = options.leaves.values()
    inner = {cell.cell_contents for leaf in leaves for cell in leaf.__closure__}
    assert quick.isdisjoint({options.digest, options.state, *inner})


def test_a_leaf_is_digested_by_blake2b_itself() -> None:
    import marshal

    expected = blake2b(marshal.dumps(12345, 2), digest_size=16).hexdigest()
    assert by_blake2b(12345) == expected


def test_bytes_files_and_facts_are_digested_by_it(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"content" * 1000)
    expected = blake2b(b"content" * 1000, digest_size=16).hexdigest()
    assert digest_file(place, BLAKE2B) == expected
    assert digest_bytes(b"content" * 500, b"content" * 500, algorithm=BLAKE2B) == expected
    assert digest_file(place) != expected == digest_file(place, BLAKE2B)
    assert combining("tag", "a")("b") == combine("tag", "a", "b")
    assert combining("tag", "a", algorithm=BLAKE2B)("b") != combine("tag", "a", "b")


def test_what_a_store_said_of_an_array_is_not_believed() -> None:
    array = np.arange(5)
    array.flags.writeable = False
    before = by_blake2b(array)
    remember_digest(array, bytes(16))
    assert digest(array) == bytes(16).hex()
    assert by_blake2b(array) == before


def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    for name in ("md5", "", None, ["blake2b"]):
        with pytest.raises(ValueError, match=r"'xxh3_128' or 'blake2b'"):
            algorithm_of(name)  # type: ignore[arg-type]  # what is refused


def test_an_algorithm_is_itself_after_a_pickle() -> None:
    assert pickle.loads(pickle.dumps(BLAKE2B)) is BLAKE2B
    assert digester(XXH3) is digest
