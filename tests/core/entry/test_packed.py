"""Entries whose frames are packed."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pandas as pd
import pytest
from xxhash import xxh3_128_digest

from jobtui_core.entry import CacheWarning, layout, read_info, read_value, write_entry
from jobtui_core.entry.layout import Packed
from jobtui_core.hashing import digest
from jobtui_core.stores import LocalStore, Store
from tests.core.entry.test_entries import KEY, NAME, SAMPLES, expect_miss, hit, local, meta, store

__all__ = ["local", "store"]

WALK = np.cumsum(np.random.default_rng(0).normal(size=1 << 18))
BOTH = {"walk": WALK, "table": pd.DataFrame({"a": WALK})}


def put(store: Store, value: Any, level: int = 3) -> bytes:
    write_entry(store, NAME, value, meta(), level=level)
    data = store.read(NAME)
    assert data is not None
    return data


@pytest.mark.parametrize("mode", [None, "r", "c"])
@pytest.mark.parametrize("value", [*SAMPLES, WALK, BOTH], ids=lambda value: type(value).__name__)
def test_value_comes_back(store: Store, value: Any, mode: Any) -> None:
    put(store, value)
    back = hit(store, mode)
    assert type(back) is type(value) or isinstance(back, np.memmap)
    assert digest(back) == digest(value)


def test_packed_entry_is_smaller(store: Store) -> None:
    assert len(put(store, WALK)) < 0.8 * WALK.nbytes
    assert len(put(store, WALK, level=0)) > WALK.nbytes


def test_packed_arrays_are_writable_unless_asked_for_read_only(store: Store) -> None:
    put(store, {"a": WALK})
    for mode in (None, "c"):
        back = hit(store, mode)["a"]
        back[0] = 1
    assert not hit(store, "r")["a"].flags.writeable


def test_what_does_not_become_smaller_is_stored_as_it_is_and_mapped(local: LocalStore) -> None:
    noise = np.frombuffer(np.random.default_rng(0).bytes(1 << 21), np.uint8)
    data = put(local, noise)
    assert data[8] == 1
    assert isinstance(hit(local, "r"), np.memmap)


def test_entries_without_anything_new_are_those_of_version_1(store: Store) -> None:
    """Released versions read them, from a store that they share."""
    assert [put(store, value, level=0)[8] for value in (1, np.arange(5), 1 + 2j)] == [1, 1, 1]
    assert put(store, np.zeros(5000))[8] == 2
    assert put(store, {"a": np.zeros(5)}, level=0)[8] == 2


def table_row(data: bytes, number: int, **changes: Any) -> bytes:
    """Change a line of the frame table, and make its checksum right."""
    place = 104 + 40 * number
    kind, flags, size, offset, length, checksum = struct.unpack_from("<BB6sQQ16s", data, place)
    fields = {"kind": kind, "flags": flags, "offset": offset, "length": length,
              "size": int.from_bytes(size, "little"), "checksum": checksum} | changes  # fmt: skip
    row = struct.pack(
        "<BB6sQQ16s", fields["kind"], fields["flags"], fields["size"].to_bytes(6, "little"),
        fields["offset"], fields["length"], fields["checksum"],
    )  # fmt: skip
    data = data[:place] + row + data[place + 40 :]
    end = 104 + 40 * struct.unpack_from("<I", data, 12)[0] + struct.unpack_from("<I", data, 16)[0]
    return data[:88] + xxh3_128_digest(data[:88] + data[104:end]) + data[104:]


class TestHostileTables:
    @pytest.mark.parametrize(
        "changes",
        [
            {"size": (1 << 48) - 1},
            {"size": 1 << 40},
            {"size": 0},
            {"size": 100},
            {"flags": 1 | 127 << 1},
            {"flags": 1 | 3 << 1},
            {"flags": 2},
            {"offset": 0},
            {"offset": (1 << 64) - 1},
            {"length": (1 << 64) - 1},
            {"length": 1},
            {"kind": 255},
        ],
        ids=str,
    )
    def test_made_up_line_is_a_miss(self, store: Store, changes: dict[str, int]) -> None:
        data = put(store, WALK)
        store.write(NAME, table_row(data, 1, **changes))
        expect_miss(store)

    def test_packed_frames_are_none_of_version_1(self, store: Store) -> None:
        data = put(store, WALK)
        assert data[8] == 2
        store.write(NAME, table_row(data[:8] + b"\x01" + data[9:], 1))
        expect_miss(store, "nobody knows")

    def test_frames_over_each_other_are_a_miss(self, store: Store) -> None:
        """A small file would stand for a value of any size."""
        data = put(store, {"a": np.zeros(1000), "b": np.ones(1000)}, level=0)
        first = layout.parse(data).frames[1]
        same = {"offset": first.offset, "length": first.length, "checksum": first.checksum}
        store.write(NAME, table_row(data, 2, **same))
        expect_miss(store, "over each other")

    def test_more_frames_than_there_are_bytes_makes_no_room(self, store: Store) -> None:
        for place, what in ((12, "frames"), (16, "compact"), (20, "header")):
            data = bytearray(put(store, np.arange(5000), level=0))
            struct.pack_into("<I", data, place, (1 << 32) - 1)
            store.write(NAME, bytes(data))
            if what != "header":
                with pytest.warns(CacheWarning, match="too early"):
                    assert read_value(store, NAME, KEY) is None
            with pytest.raises(layout.EntryCorruptError):
                read_info(store, NAME)

    def test_bomb_of_zeros_is_bounded_by_the_table(self, store: Store) -> None:
        from backports import zstd

        bomb = zstd.compress(bytes(1 << 28))
        piece = struct.pack("<I", len(bomb)) + bomb
        head = b"N"
        pieces = layout.build(
            key=KEY, result="00" * 16, started=0.0, duration=0.0, codec="array",
            frames=[head, Packed(piece, 5000, 0)], compact=b"", header=b"{}",
        )  # fmt: skip
        store.write(NAME, pieces)
        expect_miss(store, "not as long")


@pytest.mark.parametrize("place", [10, -5])
def test_flipped_bit_in_a_packed_frame_is_a_miss(store: Store, place: int) -> None:
    data = bytearray(put(store, WALK))
    frame = layout.parse(bytes(data)).frames[1]
    data[frame.offset + place % frame.length] ^= 1
    store.write(NAME, bytes(data))
    expect_miss(store, "checksum")
