"""``compress=``, ``mmap_mode=``, ``allow_pickle=`` and ``signing_key=`` of a Memory."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jobtui_core import Memory, make
from jobtui_core.entry import CacheWarning, read_info
from jobtui_core.hashing import digest
from jobtui_core.hashing.handed_out import known_digest

WALK = np.cumsum(np.random.default_rng(0).normal(size=1 << 18))
CALLS: list[Any] = []


@pytest.fixture(autouse=True)
def no_calls() -> None:
    CALLS.clear()


def size_of(memory: Memory) -> int:
    assert memory.store is not None
    return sum(item.size for item in memory.store.list() if item.name.endswith(".entry"))


def walk(memory: Memory) -> Any:
    def function(seed):
        CALLS.append(seed)
        return WALK + seed

    return memory.cache(function)


class TestCompress:
    @pytest.mark.parametrize(
        "compress", [True, 1, 9, "zlib", "lz4", ("zlib", 3), ("lzma", 2), ("zstd", 1)], ids=str
    )
    def test_joblibs_spellings_make_smaller_entries(self, tmp_path: Path, compress: Any) -> None:
        memory = Memory(tmp_path, compress=compress, verbose=0)
        function = walk(memory)
        assert (function(1) == function(1)).all()
        assert CALLS == [1]
        assert size_of(memory) < 0.85 * WALK.nbytes

    def test_false_leaves_arrays_as_they_are(self, tmp_path: Path) -> None:
        memory = Memory(tmp_path, compress=False, verbose=0)
        walk(memory)(1)
        assert size_of(memory) > WALK.nbytes

    def test_entries_of_either_kind_are_hits_for_both(self, tmp_path: Path) -> None:
        walk(Memory(tmp_path, compress=True, verbose=0))(1)
        walk(Memory(tmp_path, verbose=0))(1)
        assert CALLS == [1]

    @pytest.mark.parametrize("compress", [10, "rar", ("zlib", 99)])
    def test_unknown_spelling_is_a_value_error_at_once(self, tmp_path: Path, compress: Any) -> None:
        with pytest.raises(ValueError, match="compress="):
            Memory(tmp_path, compress=compress)

    def test_mapping_what_is_compressed_is_warned_of(self, tmp_path: Path) -> None:
        with pytest.warns(UserWarning, match="compressed results cannot be mapped"):
            Memory(tmp_path, compress=True, mmap_mode="r")

    def test_a_pickled_memory_compresses_still(self, tmp_path: Path) -> None:
        memory = pickle.loads(pickle.dumps(Memory(tmp_path, compress=("lzma", 3), verbose=0)))
        walk(memory)(1)
        assert memory.compress == ("lzma", 3)
        assert size_of(memory) < 0.85 * WALK.nbytes

    def test_a_steps_memory_compresses(self, tmp_path: Path) -> None:
        memory = Memory(tmp_path, compress=True, verbose=0)

        @make(memory=memory)
        def step():
            return WALK

        step()
        assert size_of(memory) < 0.85 * WALK.nbytes


class TestMmapMode:
    def test_what_is_no_mode_is_refused_at_once(self, tmp_path: Path) -> None:
        mode: Any = "q"
        with pytest.raises(ValueError, match=r"'r\+', 'w\+', 'c', not 'q'"):
            Memory(tmp_path, mmap_mode=mode)
        with pytest.raises(ValueError, match="not 'q'"):
            Memory(tmp_path).cache(mmap_mode=mode)

    @pytest.mark.parametrize("mode", ["r", "c", "r+"])
    def test_the_miss_gives_what_a_hit_gives(self, tmp_path: Path, mode: Any) -> None:
        function = walk(Memory(tmp_path, mmap_mode=mode, verbose=0))
        first, second = function(1), function(1)
        assert CALLS == [1]
        for array in (first, second):
            assert isinstance(array, np.memmap)
            assert array.mode == mode
            assert array.flags.writeable == (mode != "r")
            assert (array == WALK + 1).all()

    def test_containers_too(self, tmp_path: Path) -> None:
        @Memory(tmp_path, mmap_mode="r", verbose=0).cache
        def function():
            return {"a": WALK, "b": (np.arange(3), "x")}

        for found in (function(), function()):
            assert isinstance(found["a"], np.memmap)
            assert isinstance(found["b"][0], np.memmap)

    def test_call_and_coroutines_too(self, tmp_path: Path) -> None:
        import asyncio

        memory = Memory(tmp_path, mmap_mode="r", verbose=0)

        @memory.cache
        async def function(x):
            return WALK + x

        assert isinstance(asyncio.run(function(1)), np.memmap)
        assert isinstance(walk(memory).call(1)[0], np.memmap)

    def test_of_the_decorator_counts_before_that_of_the_memory(self, tmp_path: Path) -> None:
        """joblib #1522: it was ignored."""
        memory = Memory(tmp_path, verbose=0)
        function = memory.cache(lambda: WALK, mmap_mode="r")
        assert isinstance(function(), np.memmap)

    def test_without_a_mode_a_result_can_be_written_to_and_the_next_hit_is_not_changed(
        self, tmp_path: Path
    ) -> None:
        function = walk(Memory(tmp_path, verbose=0))
        for _ in range(3):
            array = function(1)
            assert (array == WALK + 1).all()
            array[:] = 0
        assert CALLS == [1]

    def test_results_that_are_no_arrays_are_themselves(self, tmp_path: Path) -> None:
        function = Memory(tmp_path, mmap_mode="r", verbose=0).cache(lambda: [1, "x"])
        assert function() == function() == [1, "x"]

    def test_a_result_that_could_not_be_stored_is_given_all_the_same(self, tmp_path: Path) -> None:
        function = Memory(tmp_path, mmap_mode="r", verbose=0).cache(lambda: (i for i in "ab"))
        with pytest.warns(CacheWarning, match="cannot be stored"):
            assert list(function()) == ["a", "b"]

    def test_what_was_handed_out_read_only_is_not_hashed_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        memory = Memory(tmp_path, mmap_mode="r", verbose=0)
        function = walk(memory)
        array = function(1)
        assert known_digest(array) is not None
        mean = memory.cache(lambda values: float(values.mean()))
        first = mean(array)

        def refuse(*_: Any) -> Any:
            raise AssertionError("it was read")

        monkeypatch.setattr("jobtui_core.hashing.arrays._buffers", refuse)
        assert mean(array) == first
        with pytest.warns(CacheWarning, match="runs uncached"):
            mean(array[1:])

    def test_keys_do_not_depend_on_where_an_array_came_from(self, tmp_path: Path) -> None:
        array = walk(Memory(tmp_path / "a", mmap_mode="r", verbose=0))(1)
        assert digest(array) == digest(WALK + 1)
        memory = Memory(tmp_path / "b", verbose=0)
        function = memory.cache(lambda x: CALLS.append("ran"))
        CALLS.clear()
        function(array)
        function(WALK + 1)
        assert CALLS == ["ran"]


PLAIN = [
    {"a": [1, 2.5, "x", None]},
    np.arange(5),
    {"fit": np.arange(3.0), "score": np.float64(0.5)},
    pd.DataFrame({"a": [1.5, None]}, index=["x", "y"]),
    [pd.Series([1, 2]), np.arange(3)],
    [{"a": i} for i in range(30_000)],
]


class TestAllowPickle:
    @pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
    def test_plain_data_arrays_and_frames_need_no_pickle(self, tmp_path: Path, value: Any) -> None:
        @Memory(tmp_path, allow_pickle=False, verbose=0).cache
        def function():
            CALLS.append(1)
            return value

        for _ in range(2):
            found = function()
            assert type(found) is type(value)
            assert digest(found) == digest(value)
        assert CALLS == [1]

    def test_other_results_are_given_not_stored_and_warned_of_once(self, tmp_path: Path) -> None:
        memory = Memory(tmp_path, allow_pickle=False, verbose=0)

        @memory.cache
        def total(n):
            CALLS.append(n)
            return Decimal(n)

        with pytest.warns(CacheWarning, match="cannot be stored without pickle") as caught:
            assert [total(1), total(1), total(2)] == [1, 1, 2]
        assert len(caught) == 1
        assert CALLS == [1, 1, 2]
        assert size_of(memory) == 0

    def test_pickled_entries_are_misses_with_a_warning(self, tmp_path: Path) -> None:
        def total(n):
            CALLS.append(n)
            return Decimal(n)

        Memory(tmp_path, verbose=0).cache(total)(1)
        with pytest.warns(CacheWarning) as caught:
            Memory(tmp_path, allow_pickle=False, verbose=0).cache(total)(1)
        read, stored = (str(one.message) for one in caught)
        assert "pickled, which is not allowed here" in read
        assert "cannot be stored without pickle" in stored
        assert CALLS == [1, 1]

    def test_results_by_reference_refuse_too(self, tmp_path: Path) -> None:
        memory = Memory(tmp_path, verbose=0)
        shelved = memory.cache(lambda: Decimal(1)).call_and_shelve()
        assert shelved.get() == 1
        shelved.allow_pickle = False
        with pytest.warns(CacheWarning, match="not allowed"), pytest.raises(KeyError):
            pickle.loads(pickle.dumps(shelved)).get()

    def test_it_goes_with_a_pickled_memory_and_function(self, tmp_path: Path) -> None:
        memory = pickle.loads(pickle.dumps(Memory(tmp_path, allow_pickle=False, verbose=0)))
        assert memory.allow_pickle is False
        function = pickle.loads(pickle.dumps(memory.cache(len)))
        assert function.allow_pickle is False

    def test_a_step_refuses_by_itself_or_by_its_memory(self, tmp_path: Path) -> None:
        safe = Memory(tmp_path / "safe", allow_pickle=False, verbose=0)
        usual = Memory(tmp_path / "usual", verbose=0)

        def total():
            return Decimal(1)

        steps = [make(total, memory=safe), make(total, memory=usual, allow_pickle=False)]
        assert [step.allow_pickle for step in steps] == [False, False]
        assert make(total, memory=safe, allow_pickle=True).allow_pickle
        assert pickle.loads(pickle.dumps(make(allow_pickle=False)(len))).allow_pickle is False
        with pytest.warns(CacheWarning, match="without pickle"):
            assert steps[0]() == 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CacheWarning)
            assert steps[1]() == 1
        assert size_of(safe) == size_of(usual) == 0


SECRET = "correct horse battery staple"


class TestSigningKey:
    def test_signed_results_are_hits(self, tmp_path: Path) -> None:
        for _ in range(2):
            walk(Memory(tmp_path, signing_key=SECRET, verbose=0))(1)
        assert CALLS == [1]

    @pytest.mark.parametrize("first", [None, "another", b"bytes"])
    def test_others_are_misses_with_a_warning(self, tmp_path: Path, first: Any) -> None:
        walk(Memory(tmp_path, signing_key=first, verbose=0))(1)
        with pytest.warns(CacheWarning, match="not signed"):
            walk(Memory(tmp_path, signing_key=SECRET, verbose=0))(1)
        walk(Memory(tmp_path, signing_key=SECRET, verbose=0))(1)
        assert CALLS == [1, 1]

    def test_environment_says_it_for_every_store(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        walk(Memory(tmp_path, verbose=0))(1)
        monkeypatch.setenv("JOBTUI_SIGNING_KEY", SECRET)
        with pytest.warns(CacheWarning, match="not signed"):
            walk(Memory(tmp_path, verbose=0))(1)
        walk(Memory(tmp_path, verbose=0))(1)
        assert CALLS == [1, 1]
        monkeypatch.delenv("JOBTUI_SIGNING_KEY")
        walk(Memory(tmp_path, signing_key=SECRET, verbose=0))(1)
        assert CALLS == [1, 1]

    def test_memory_stores_of_one_name_keep_their_own_keys(self) -> None:
        signed = Memory("memory://keys", signing_key=SECRET, verbose=0)
        other = Memory("memory://keys", verbose=0)
        assert signed.store is not None
        assert other.store is not None
        assert other.store.signing_key is None
        walk(signed)(1)
        walk(other)(1)
        assert CALLS == [1]

    def test_key_is_shown_nowhere(self, tmp_path: Path) -> None:
        memory = Memory(tmp_path, signing_key=SECRET, verbose=0)
        function = walk(memory)
        shelved = function.call_and_shelve(1)
        for thing in (memory, function, memory.store, shelved, vars(memory), vars(shelved)):
            assert SECRET not in repr(thing)
        for thing in (memory, memory.store, shelved, memory.cache(len)):
            assert SECRET.encode() not in pickle.dumps(thing)
        for path in tmp_path.rglob("*.*"):
            if path.is_file():
                assert SECRET.encode() not in path.read_bytes()

    def test_wrong_type_is_an_error_that_does_not_show_it(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError) as caught:
            Memory(tmp_path, signing_key=[SECRET])  # type: ignore[arg-type]
        assert SECRET not in str(caught.value)

    def test_keys_do_not_depend_on_it(self, tmp_path: Path) -> None:
        signed, plain = Memory(tmp_path, signing_key=SECRET), Memory(tmp_path)
        assert signed.store is not None
        assert plain.store is not None
        assert digest(Memory(tmp_path, signing_key="another")) == digest(signed)

    def test_pickled_in_this_process_it_signs_on(self, tmp_path: Path) -> None:
        memory = pickle.loads(pickle.dumps(Memory(tmp_path, signing_key=SECRET, verbose=0)))
        walk(memory)(1)
        shelved = pickle.loads(pickle.dumps(walk(memory).call_and_shelve(1)))
        assert (shelved.get() == WALK + 1).all()
        assert CALLS == [1]
        (item,) = [one for one in memory.store.list() if one.name.endswith(".entry")]
        assert read_info(memory.store, item.name) is not None

    def test_started_processes_need_it_in_their_environment(self, tmp_path: Path) -> None:
        memory = Memory(tmp_path / "cache", signing_key=SECRET, verbose=0)
        shelved = memory.cache(len).call_and_shelve("abc")
        (tmp_path / "shelved").write_bytes(pickle.dumps(shelved))
        code = (
            "import pathlib, pickle, sys, warnings; warnings.simplefilter('ignore')\n"
            "found = pickle.loads(pathlib.Path('shelved').read_bytes())\n"
            "try: print(found.get())\n"
            "except KeyError: print('nothing')\n"
        )
        said = []
        for key in ("", "another", SECRET):
            environment = {**os.environ, "JOBTUI_SIGNING_KEY": key, "JOBTUI_TRACE": "0"}
            done = subprocess.run(
                [sys.executable, "-c", code],
                cwd=tmp_path, env=environment, capture_output=True, text=True,
            )  # fmt: skip
            said.append(done.stdout.strip() or done.stderr)
        assert said == ["nothing", "nothing", "3"]

    def test_an_unsigned_entry_is_no_entry_for_a_look(self, tmp_path: Path) -> None:
        walk(Memory(tmp_path, verbose=0))(1)
        signed = walk(Memory(tmp_path, signing_key=SECRET, verbose=0))
        assert not signed.check_call_in_cache(1)
        with pytest.warns(CacheWarning):
            signed(1)
        assert signed.check_call_in_cache(1)
