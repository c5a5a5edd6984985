"""``Memory(hash="blake2b")``: keys and results by an algorithm that nobody finds collisions of."""

from __future__ import annotations

import asyncio
import pickle
from hashlib import blake2b
from marshal import dumps
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core import Memory
from jobtui_core.entry import read_info
from jobtui_core.hashing import algorithm_of, digest, digester
from jobtui_core.hashing.walk import digest_value
from jobtui_core.memory import MemorizedFunc

calls: list[Any] = []
SETTINGS = {"level": [1]}


def square(x: Any) -> Any:
    calls.append(x)
    return x * x


def levelled(x: Any) -> Any:
    return x * SETTINGS["level"][0]


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


def entry(memory: Memory) -> Any:
    (item,) = (one for one in memory.store.list() if one.name.endswith(".entry"))
    return read_info(memory.store, item.name)


def test_a_result_is_stored_and_found_by_it(tmp_path: Path) -> None:
    memory = Memory(tmp_path, hash="blake2b", verbose=0)
    assert [memory.cache(square)(3) for _ in range(2)] == [9, 9]
    assert calls == [3]
    info = entry(memory)
    assert (info.hash, info.result) == ("blake2b", blake2b(dumps(9, 2), digest_size=16).hexdigest())
    assert info.arguments["x"]["digest"] == blake2b(dumps(3, 2), digest_size=16).hexdigest()


def test_results_of_one_algorithm_are_none_of_the_other(tmp_path: Path) -> None:
    for name in ("xxh3_128", "blake2b", "xxh3_128", "blake2b"):
        assert Memory(tmp_path, hash=name, verbose=0).cache(square)(3) == 9
    assert calls == [3, 3]
    assert Memory(tmp_path, verbose=0).cache(square).check_call_in_cache(3)


def test_the_default_says_nothing_of_it(tmp_path: Path) -> None:
    memory = Memory(tmp_path, verbose=0)
    memory.cache(square)(3)
    info = entry(memory)
    assert (info.hash, info.result, info.bare) == ("", digest(9), True)


def test_arguments_that_the_quick_algorithm_takes_for_one_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands in for collisions that somebody made: of any two things."""
    function = Memory(tmp_path, hash="blake2b", verbose=0).cache(square)
    monkeypatch.setattr("jobtui_core.hashing.values.digest_value", _colliding)
    assert [function(3), function(4)] == [9, 16]
    usual = Memory(tmp_path, verbose=0).cache(square)
    assert [usual(3), usual(4)] == [9, 9]


def _colliding(obj: Any, options: Any, name: str) -> bytes:
    return bytes(16) if options.recalls else digest_value(obj, options, name)


def test_a_name_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    for make in (
        lambda: Memory(tmp_path, hash="md5"),
        lambda: Memory(None, hash="md5"),
        lambda: MemorizedFunc(square, tmp_path, hash="md5"),
    ):
        with pytest.raises(ValueError, match=r"hash must be 'xxh3_128' or 'blake2b', not 'md5'"):
            make()


def test_it_goes_with_a_pickle(tmp_path: Path) -> None:
    memory = Memory(tmp_path, hash="blake2b", verbose=0)
    again = pickle.loads(pickle.dumps(memory))
    assert again.hash == "blake2b"
    assert [one.cache(square)(3) for one in (memory, again)] == [9, 9]
    function = pickle.loads(pickle.dumps(memory.cache(square)))
    assert function(3) == 9
    assert calls == [3]


def test_coroutines_and_references_go_by_it_too(tmp_path: Path) -> None:
    memory = Memory(tmp_path, hash="blake2b", verbose=0)

    async def cubed(x: int) -> int:
        calls.append(x)
        return x**3

    function = memory.cache(cubed)
    assert [asyncio.run(function(2)) for _ in range(2)] == [8, 8]
    assert entry(memory).hash == "blake2b"
    assert memory.cache(square).call_and_shelve(3).get() == 9
    assert calls == [2, 3]


def test_an_array_from_such_a_store_is_hashed_by_its_content(tmp_path: Path) -> None:
    """The digest that an entry has of it is of another kind than keys elsewhere are made of."""
    memory = Memory(tmp_path / "a", hash="blake2b", mmap_mode="r", verbose=0)
    function = memory.cache(square)
    value = np.arange(30_000.0)
    function(value)
    handed_out = function(value)
    assert not handed_out.flags.writeable
    assert digest(handed_out) == digest(value * value)
    assert digester(algorithm_of("blake2b"))(handed_out) != digest(handed_out)
    shelved = function.call_and_shelve(value).get()
    assert digest(shelved) == digest(value * value)


def test_globals_that_count_by_content_count_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = Memory(tmp_path, hash="blake2b", verbose=0).cache(levelled)
    keys = [function._request((3,), {}).key for _ in range(2)]
    monkeypatch.setattr("jobtui_core.fingerprint.watched.content_digest", lambda *_: ("", ""))
    monkeypatch.setitem(SETTINGS, "level", [2])
    assert keys[0] == keys[1] != function._request((3,), {}).key
