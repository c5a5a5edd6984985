"""Entries that claim to be huge, or nest without end: refused before room is made for them."""

from __future__ import annotations

import json
import resource
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xxhash import xxh3_128_digest

from jobtui_core.codecs import decode_plain, encode_plain
from jobtui_core.entry import CacheWarning, read_info, read_value
from jobtui_core.errors import CodecError, EntryCorruptError
from jobtui_core.stores import LocalStore
from tests.core.entry.test_entries import KEY, NAME
from tests.core.entry.test_hostile import forged

GIB = 1 << 30
PROLOGUE = struct.Struct("<8sBBHIII16s16sddQQ")
FRAME = struct.Struct("<BB6sQQ16s")


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "cache")


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """Neither time nor memory goes into what is refused."""
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.perf_counter() - began < 20
    if sys.platform == "linux":
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000  # KiB


def claiming(
    *, frames: tuple[tuple[int, int], ...] = ((192, 1),), compact: int = 0, header: int = 2,
    count: int | None = None, size: int = 0,
) -> bytes:  # fmt: skip
    """Give the beginning of an entry that says this of itself, with a right checksum."""
    table = b"".join(FRAME.pack(0, 0, bytes(6), at, length, bytes(16)) for at, length in frames)
    number = len(frames) if count is None else count
    start = PROLOGUE.pack(
        b"\x89JOBTUI\n", 1, 0, 0, number, compact, header, bytes.fromhex(KEY), bytes(16),
        0.0, 0.0, size or max((at + length for at, length in frames), default=0), 0,
    )  # fmt: skip
    return start + xxh3_128_digest(start + table) + table


def sparse(store: LocalStore, data: bytes, size: int) -> None:
    """Write a file that is as large as it claims, and takes no room on the disk."""
    store.write(NAME, data)
    with store.local_path(NAME).open("r+b") as file:
        file.truncate(size)


def refused(store: LocalStore) -> None:
    for mode in (None, "r"):
        with pytest.warns(CacheWarning, match="is not used"):
            assert read_value(store, NAME, KEY, mode) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "frames",
    [
        ((192, 1 << 60),), ((192, (1 << 64) - 200),), ((1 << 60, 8),), ((1 << 63, 1 << 63),),
        ((192, 1 << 40), (192 + (1 << 40), 1 << 40)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [0, (1 << 64) - 1, 200])
def test_frames_of_exabytes_are_refused(
    store: LocalStore, frames: tuple[tuple[int, int], ...], size: int
) -> None:
    largest = max(at + length for at, length in frames)
    data = claiming(frames=frames, size=size or min(largest, (1 << 64) - 1))
    store.write(NAME, data + bytes(500))
    refused(store)
    # Whoever looks learns what it says, or that it says nothing, and nothing more.
    with pytest.raises(EntryCorruptError):
        read_info(store, NAME)


@pytest.mark.parametrize("part", ["compact", "count"])
def test_a_first_part_of_gigabytes_is_refused_although_the_file_has_them(
    store: LocalStore, part: str
) -> None:
    claim: dict[str, Any] = {part: (1 << 32) - 1 if part == "compact" else 100_000_000}
    sparse(store, claiming(**claim), 8 * GIB)
    refused(store)
    with pytest.raises(EntryCorruptError):
        read_info(store, NAME)


def test_a_header_of_gigabytes_is_refused_although_the_file_has_it(store: LocalStore) -> None:
    sparse(store, claiming(header=GIB), 8 * GIB)
    with pytest.raises(EntryCorruptError, match="too large"):
        read_info(store, NAME)


@pytest.mark.parametrize("key", [None, "secret"])
def test_a_small_entry_in_a_huge_file_reads_no_more_than_itself(
    store: LocalStore, key: str | None
) -> None:
    store = store.with_key(key)
    value = encode_plain(list(range(10_000)))
    assert value is not None
    sparse(store, forged(frames=[value], key_of_signature=store.signing_key), 64 * GIB)
    found = read_value(store, NAME, KEY)
    assert found is not None
    assert found[0] == list(range(10_000))


NESTED = [b"l\1\0\0\0", b"t\1\0\0\0", b"d\1\0\0\0N", b"e\1\0\0\0"]


def test_an_unsigned_entry_of_gigabytes_is_not_read_to_its_end(store: LocalStore) -> None:
    sparse(store, claiming(frames=((192, 8 * GIB),)), 9 * GIB)
    with pytest.warns(CacheWarning, match="not signed"):
        assert read_value(store.with_key("secret"), NAME, KEY) is None


@pytest.mark.parametrize("opening", NESTED)
def test_values_that_nest_without_end_are_refused(store: LocalStore, opening: bytes) -> None:
    data = opening * 200_000 + b"N"
    with pytest.raises(CodecError):
        decode_plain(data)
    store.write(NAME, forged(frames=[data]))
    refused(store)
    store.write(NAME, forged(compact=data))
    refused(store)
    with pytest.raises(EntryCorruptError):
        read_info(store, NAME)


@pytest.mark.parametrize(
    "data",
    [
        b"l\xff\xff\xff\xff", b"d\xff\xff\xff\xff", b"s\xff\xff\xff\xff", b"I\xff\xff\xff\xff",
        b"pl\xff\xff\xff\xffq", b"pt\xff\xff\xff\xffd", b"pl\xff\xff\xff\xffs\xff\xff\xff\xff",
        b"e\xff\xff\xff\xff" + b"N" * 100, b"d\1\0\0\0l\0\0\0\0N", b"", b"x\1\0\0\0\0",
    ],
)  # fmt: skip
def test_counts_beyond_the_data_make_no_room(store: LocalStore, data: bytes) -> None:
    with pytest.raises(CodecError):
        decode_plain(data)
    store.write(NAME, forged(frames=[data]))
    refused(store)


@pytest.mark.parametrize("depth", [50, 900, 100_000])
def test_headers_that_nest_without_end_are_shown_within_bounds(
    store: LocalStore, depth: int
) -> None:
    inner = '{"kind": "sequence", "type": "list", "items": [["0", ' * depth
    header = '{"preview": ' + inner + "null" + "]]}" * depth + "}"
    store.write(NAME, forged(header=header.encode()))
    try:
        info = read_info(store, NAME)
    except EntryCorruptError:
        assert depth > 500
        return
    assert info is not None
    shown = repr(info.preview)
    assert len(shown) < 100_000
    # The result itself is there whatever stands beside it.
    assert read_value(store, NAME, KEY) is not None


def test_headers_with_millions_of_members_are_shown_within_bounds(store: LocalStore) -> None:
    many = {str(number): {"preview": "x"} for number in range(100_000)}
    rows = [["x"] * 10] * 50_000
    shown = {"kind": "table", "type": "x", "columns": list(many), "rows": rows}
    shown |= dict.fromkeys(("histogram", "line", "shape"), [1] * 100_000)
    header = json.dumps({"arguments": many, "preview": shown}).encode()
    store.write(NAME, forged(header=header))
    info = read_info(store, NAME)
    assert info is not None
    preview = info.preview
    if preview is not None:
        assert len(repr(preview)) < 1_000_000
