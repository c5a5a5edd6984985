"""Entries: written, read, and read when something is wrong with them."""

from __future__ import annotations

import json
import struct
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobtui_core.entry import (
    CacheWarning,
    EntryMeta,
    entry_name,
    layout,
    read_info,
    read_value,
    write_entry,
)
from jobtui_core.errors import (
    CodecError,
    EntryCorruptError,
    EntryVersionError,
    StoreError,
)
from jobtui_core.hashing import combine, digest
from jobtui_core.stores import LocalStore, MemoryStore, Store
from tests.core.hashing.strategies import values

KEY = combine("test", "key")
NAME = entry_name("co2:trend", KEY)


def meta(**facts: Any) -> EntryMeta:
    return EntryMeta(**{"key": KEY, "function": "co2:trend", **facts})


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "cache") if request.param == "local" else MemoryStore()


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "cache")


def put(store: Store, value: Any, **facts: Any) -> bytes:
    write_entry(store, NAME, value, meta(**facts))
    data = store.read(NAME)
    assert data is not None
    return data


def hit(store: Store, mode: Any = None) -> Any:
    found = read_value(store, NAME, KEY, mode)
    assert found is not None
    return found[0]


SAMPLES = [
    None,
    1,
    {"a": [1, 2.5]},
    np.arange(5),
    np.zeros(1 << 18),
    np.asfortranarray(np.ones((600, 600))),
    (np.arange(1 << 17), "x", np.arange(3)),
    "a" * 100_000,
    Decimal("1.1"),
    np.float64(1),
    np.zeros(0),
    [np.arange(600)] * 2 + [np.full(600, i) for i in range(500)],
]


class TestRoundTrip:
    @pytest.mark.parametrize("mode", [None, "r", "c", "r+"])
    @pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
    def test_value_comes_back(self, store: Store, value: Any, mode: Any) -> None:
        result = write_entry(store, NAME, value, meta())
        found = read_value(store, NAME, KEY, mode)
        assert found is not None
        back, info = found
        assert digest(back) == digest(value) == result == info.result
        assert isinstance(back, type(value))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
    @given(value=values)
    def test_any_value_comes_back(self, value: Any) -> None:
        store = MemoryStore()
        result = write_entry(store, NAME, value, meta())
        back = hit(store)
        assert type(back) is type(value)
        assert digest(back) == result

    def test_missing_entry_is_none(self, store: Store) -> None:
        assert read_value(store, NAME, KEY) is None
        assert read_info(store, NAME) is None

    def test_facts_of_the_call_come_back(self, store: Store) -> None:
        put(
            store,
            [1, 2],
            code="c" * 32,
            arguments={"n": {"preview": "3", "digest": "d" * 32}},
            inputs=[["data/a.csv", "e" * 32]],
            met=(("b.txt", "f" * 32),),
            outputs=[{"path": "out.npy", "digest": "0" * 32, "size": 5}],
            inner=[["co2:read", "1" * 32, "2" * 32]],
            started=1000.5,
            duration=2.25,
            run="2026-11-22T10-14-05-ab12",
            call="17-1",
            log="read 3 rows\n\x1b[1mbold",
            versions={"numpy": "2"},
            host="here",
            user="me",
        )
        found = read_value(store, NAME, KEY)
        assert found is not None
        for info in (found[1], read_info(store, NAME)):
            assert info is not None
            assert info.key == KEY
            assert info.result == digest([1, 2])
            assert info.codec == "plain"
            assert (info.function, info.code) == ("co2:trend", "c" * 32)
            assert info.arguments == {"n": {"preview": "3", "digest": "d" * 32}}
            assert info.inputs == [["data/a.csv", "e" * 32]]
            assert info.met == [["b.txt", "f" * 32]]
            assert info.outputs == [{"path": "out.npy", "digest": "0" * 32, "size": 5}]
            assert info.inner == [["co2:read", "1" * 32, "2" * 32]]
            assert (info.started, info.duration) == (1000.5, 2.25)
            assert (info.run, info.call) == ("2026-11-22T10-14-05-ab12", "17-1")
            assert info.log == "read 3 rows\n\x1b[1mbold"
            assert (info.versions, info.host, info.user) == ({"numpy": "2"}, "here", "me")
            assert info.preview is not None
            assert info.preview.text == "[1, 2]"

    def test_facts_that_were_not_given_are_empty(self, store: Store) -> None:
        put(store, 1)
        info = read_info(store, NAME)
        assert info is not None
        assert (info.inputs, info.met, info.outputs, info.inner) == ([], [], [], [])
        assert (info.arguments, info.log, info.host) == ({}, "", "")

    def test_hit_reads_no_json(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        put(store, {"a": 1}, inputs=[["a", "b"]])

        def refuse(*_: Any) -> None:
            raise AssertionError("JSON was read")

        monkeypatch.setattr(json, "loads", refuse)
        found = read_value(store, NAME, KEY)
        assert found is not None
        assert found[1].inputs == [["a", "b"]]

    def test_hit_on_a_small_entry_is_one_read(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(store, {"a": 1})
        reads = []
        read = store.read

        def counted(*words: Any) -> bytes | None:
            reads.append(words)
            return read(*words)

        monkeypatch.setattr(store, "read", counted)
        hit(store)
        assert len(reads) == 1

    def test_long_lists_of_files_come_back(self, store: Store) -> None:
        files = [[f"data/{i}.csv", digest(i)] for i in range(2000)]
        put(store, 1, inputs=files, log="x" * 100_000)
        found = read_value(store, NAME, KEY)
        assert found is not None
        assert found[1].inputs == files
        info = read_info(store, NAME)
        assert info is not None
        assert info.inputs == files
        assert info.log.startswith("…")
        assert len(info.log) < 70_000

    def test_known_digest_of_the_result_is_taken_over(self, store: Store) -> None:
        assert write_entry(store, NAME, 1, meta(), result="ab" * 16) == "ab" * 16
        info = read_info(store, NAME)
        assert info is not None
        assert info.result == "ab" * 16

    def test_result_that_cannot_be_hashed_has_the_digest_of_its_bytes(self, store: Store) -> None:
        first = write_entry(store, NAME, iter([1]), meta())
        assert first == write_entry(store, NAME, iter([1]), meta())
        assert first != write_entry(store, NAME, iter([2]), meta())
        assert list(hit(store)) == [2]

    def test_result_that_cannot_be_stored_is_a_codec_error_and_leaves_nothing(
        self, store: Store
    ) -> None:
        with pytest.raises(CodecError):
            write_entry(store, NAME, (i for i in "a"), meta())
        assert list(store.list()) == []

    def test_name_of_an_entry(self) -> None:
        assert entry_name("co2:trend.<locals>.f", "ab" * 16) == (
            f"co2%3Atrend.%3Clocals%3E.f/ab/{'ab' * 16}.entry"
        )

    def test_frames_begin_at_multiples_of_64(self, store: Store) -> None:
        data = put(store, (np.arange(1000), np.arange(2000), "x"), log="abc")
        assert {frame.offset % 64 for frame in layout.parse(data).frames} == {0}


class TestMapping:
    def test_large_array_is_writable_and_the_entry_stays(self, local: LocalStore) -> None:
        array = np.arange(1 << 18)
        before = put(local, array)
        one = hit(local)
        one[:] = 0
        assert local.read(NAME) == before
        assert (hit(local) == array).all()

    def test_read_only_mode_gives_a_memmap(self, local: LocalStore) -> None:
        put(local, np.arange(10))
        array = hit(local, "r")
        assert isinstance(array, np.memmap)
        assert not array.flags.writeable
        assert array.mode == "r"

    @pytest.mark.parametrize("mode", ["c", "r+", "w+"])
    def test_other_modes_are_copy_on_write(self, local: LocalStore, mode: str) -> None:
        put(local, np.arange(10))
        array = hit(local, mode)
        array[0] = 99
        assert hit(local)[0] == 0

    def test_arrays_inside_a_result_are_mapped_too(self, local: LocalStore) -> None:
        put(local, {"a": np.arange(1 << 18)})
        assert not hit(local, "r")["a"].flags.writeable
        hit(local)["a"][0] = 5
        assert hit(local)["a"][0] == 0

    def test_mapped_array_outlives_its_entry(self, local: LocalStore) -> None:
        put(local, np.arange(1 << 18))
        array = hit(local)
        local.delete(NAME)
        put(local, np.zeros(1 << 18))
        assert array[-1] == (1 << 18) - 1

    def test_other_file_systems_are_read(
        self, local: LocalStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("jobtui_core.entry.reading.may_map", lambda path: False)
        put(local, np.arange(1 << 18))
        for mode in (None, "r", "c"):
            array = hit(local, mode)
            assert not isinstance(array, np.memmap)
            assert array.flags.writeable == (mode != "r")
            assert array[-1] == (1 << 18) - 1

    def test_large_frames_are_verified_once_a_file(
        self, local: LocalStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checked = []

        def check(frame: layout.FrameInfo, data: Any) -> None:
            checked.append(frame.length)
            layout.check_frame(frame, data)

        monkeypatch.setattr("jobtui_core.entry.reading.check_frame", check)
        # A file that was just written is trusted a little later.
        monkeypatch.setattr("jobtui_core.entry.mapping._SETTLED", 0)
        put(local, np.arange(1 << 18))
        hit(local)
        assert max(checked) == 1 << 21
        checked.clear()
        hit(local)
        assert max(checked) < 1000
        put(local, np.arange(1 << 18))
        hit(local)
        assert max(checked) == 1 << 21


def replace(store: Store, data: bytes) -> None:
    store.write(NAME, data)


def expect_miss(store: Store, match: str = "") -> None:
    for mode in (None, "r"):
        with pytest.warns(CacheWarning, match=match):
            assert read_value(store, NAME, KEY, mode) is None  # type: ignore[arg-type]


class TestDamage:
    @pytest.mark.parametrize(
        "data",
        [b"", b"x", b"\0" * 5000, b"text\n" * 500, layout.MAGIC, layout.MAGIC + b"\0" * 500],
        ids=["empty", "byte", "zeros", "text", "magic", "magic and zeros"],
    )
    def test_what_is_no_entry_is_a_miss(self, store: Store, data: bytes) -> None:
        replace(store, data)
        expect_miss(store, "is not used")
        with pytest.raises(EntryCorruptError) as caught:
            read_info(store, NAME)
        assert caught.value.name == NAME

    @pytest.mark.parametrize("value", [{"a": 1}, np.arange(1 << 18)], ids=["small", "large"])
    def test_truncated_entry_is_a_miss(self, store: Store, value: Any) -> None:
        data = put(store, value)
        for size in {*range(0, min(len(data), 900), 7), len(data) // 2, len(data) - 1}:
            replace(store, data[:size])
            expect_miss(store)

    @pytest.mark.parametrize("value", [{"a": 1}, np.arange(1 << 18)], ids=["small", "large"])
    def test_entry_that_ends_in_zeros_is_a_miss(self, store: Store, value: Any) -> None:
        data = put(store, value)
        for size in (0, 50, 200, len(data) // 2, len(data) - 8):
            torn = data[:size] + bytes(len(data) - size)
            if torn != data:
                replace(store, torn)
                expect_miss(store)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
    @given(data=st.data())
    def test_flipped_bits_never_give_another_value(self, data: Any) -> None:
        """A flip is a miss, or lies where no hit looks: in the header or between frames."""
        store = MemoryStore()
        value = data.draw(st.sampled_from([{"a": [1, "x"]}, np.arange(20), Decimal("1.5")]))
        entry = bytearray(put(store, value, inputs=[["a.csv", "0" * 32]], log="hello"))
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.integers(0, len(entry) - 1))
            entry[place] ^= 1 << data.draw(st.integers(0, 7))
        replace(store, bytes(entry))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = read_value(store, NAME, KEY)
        if found is None:
            assert [warning.category for warning in caught] == [CacheWarning]
        else:
            assert digest(found[0]) == digest(value) == found[1].result
            assert found[1].inputs == [["a.csv", "0" * 32]]
            assert isinstance(found[1].log, str)
        try:
            info = read_info(store, NAME)
        except (EntryCorruptError, EntryVersionError):
            return
        assert info is not None
        assert info.function == "co2:trend"

    def test_entry_of_another_call_is_a_miss(self, store: Store) -> None:
        data = put(store, 1)
        other = entry_name("co2:trend", "ab" * 16)
        store.write(other, data)
        with pytest.warns(CacheWarning, match="another call"):
            assert read_value(store, other, "ab" * 16) is None

    def test_newer_format_is_a_miss_and_told_apart_from_damage(self, store: Store) -> None:
        data = put(store, 1)
        replace(store, data[:8] + b"\x03" + data[9:])
        expect_miss(store, "format 3")
        with pytest.raises(EntryVersionError, match="format 3"):
            read_info(store, NAME)

    def test_damaged_header_does_not_spoil_a_hit(self, store: Store) -> None:
        data = put(store, 1, log="hello")
        replace(store, data.replace(b"hello", b"jello"))
        found = read_value(store, NAME, KEY)
        assert found is not None
        assert found[0] == 1
        assert found[1].log == ""
        assert found[1].preview is None
        with pytest.raises(EntryCorruptError, match="header"):
            read_info(store, NAME)

    def test_class_that_is_gone_is_a_miss(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(store, Gone())
        monkeypatch.delattr(f"{__name__}.Gone")
        expect_miss(store, "cannot be read here")

    def test_refused_pickle_is_a_miss(self, store: Store) -> None:
        put(store, Decimal(1))
        with pytest.warns(CacheWarning, match="not allowed"):
            assert read_value(store, NAME, KEY, allow_pickle=False) is None

    def test_store_that_cannot_be_read_is_not_the_fault_of_an_entry(self) -> None:
        class Broken(MemoryStore):
            def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
                raise StoreError("the network is down")

        with pytest.raises(StoreError, match="network is down"):
            read_value(Broken(), NAME, KEY)
        with pytest.raises(StoreError):
            read_info(Broken(), NAME)

    def test_truncation_below_the_first_frame_of_a_mapped_entry(self, local: LocalStore) -> None:
        data = put(local, np.arange(1 << 18))
        replace(local, data[: 1 << 16])
        expect_miss(local, "too early")

    def test_entry_replaced_between_two_reads_is_no_damage(self) -> None:
        """Another process computes the same call and writes its own entry."""

        class Racing(MemoryStore):
            def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
                data = super().read(name, start, length)
                if length is not None:
                    write_entry(self, NAME, np.arange(5000), meta(log="second"))
                return data

        store = Racing()
        write_entry(store, NAME, np.arange(5000), meta(log="first " * 50))
        assert (hit(store) == np.arange(5000)).all()


class Gone:
    pass


def forged(change: Callable[[dict[str, Any]], None]) -> bytes:
    """An entry whose checksums are right and whose content is made up."""
    parts: dict[str, Any] = {
        "key": KEY,
        "result": "00" * 16,
        "started": 0.0,
        "duration": 0.0,
        "codec": "plain",
        "frames": [b"i" + struct.pack("<q", 7)],
        "compact": b"",
        "header": b"{}",
    }
    change(parts)
    return b"".join(layout.build(**parts))


class TestHostileEntries:
    @pytest.mark.parametrize(
        "frames",
        [[b""], [b"l\xff\xff\xff\xff"], [b"l\x01\0\0\0" * 5000 + b"N"], [b"N", b"N"], [b"NN"]],
    )
    def test_made_up_plain_data_is_a_miss(self, store: Store, frames: list[bytes]) -> None:
        replace(store, forged(lambda parts: parts.update(frames=frames)))
        expect_miss(store)

    def test_entry_without_frames_is_a_miss(self, store: Store) -> None:
        replace(store, forged(lambda parts: parts.update(frames=[])))
        expect_miss(store)

    @pytest.mark.parametrize(
        "header", [b"", b"[]", b"{", b"[" * 100_000, b'{"log": 5, "preview": 7, "arguments": [1]}']
    )
    def test_made_up_header_gives_errors_or_empty_facts(self, store: Store, header: bytes) -> None:
        replace(store, forged(lambda parts: parts.update(header=header)))
        found = read_value(store, NAME, KEY)
        assert found is not None
        assert found[0] == 7
        assert (found[1].log, found[1].preview, found[1].arguments) == ("", None, {})

    @pytest.mark.parametrize("compact", [b"x", b"N", b"l\0\0\0\0"])
    def test_made_up_compact_section_is_a_miss(self, store: Store, compact: bytes) -> None:
        replace(store, forged(lambda parts: parts.update(compact=compact)))
        expect_miss(store)

    def test_texts_from_an_entry_steer_no_terminal(self, store: Store) -> None:
        shown = {"kind": "text", "type": "\x1b[2J", "text": "a\x1b]0;title\x07\u202eb"}
        header = {
            "function": "f\x1b[1m",
            "arguments": {"a\x9b": {"preview": "\x1b[31m"}},
            "preview": {"kind": "mapping", "type": "dict", "items": [["\x1b", shown]]},
            "host": "h\n",
            "versions": {"n\x1b": "\x1b"},
        }
        data = json.dumps(header).encode()
        replace(store, forged(lambda parts: parts.update(header=data)))
        info = read_info(store, NAME)
        assert info is not None
        texts = repr((info.function, info.arguments, info.preview, info.host, info.versions))
        assert "\\\\x1b" in texts
        for text in (info.function, info.host, *info.arguments, *info.versions):
            assert text.isprintable()
        assert info.preview is not None
        label, inner = info.preview.items[0]
        assert (label + inner.text + inner.type).isprintable()

    def test_endlessly_nested_preview_is_cut(self, store: Store) -> None:
        shown: dict[str, Any] = {"kind": "sequence", "type": "list"}
        for _ in range(50):
            shown = {"kind": "sequence", "type": "list", "items": [["0", shown]] * 2}
        data = json.dumps({"preview": {**shown, "items": []}}).encode()
        replace(store, forged(lambda parts: parts.update(header=data)))
        assert read_info(store, NAME) is not None
