"""Frames made smaller, and what is refused where they are made large again."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from jobtui_core.codecs import level_of, pack, unpack
from jobtui_core.codecs import packing as module
from jobtui_core.errors import CodecError


def smaller(data: bytes, width: int = 0, level: int = 3) -> tuple[bytes, int]:
    found = pack(data, level, width)
    assert found is not None
    return found


WALK = np.cumsum(np.random.default_rng(0).normal(size=300_000)).tobytes()


@given(
    st.binary(max_size=3000), st.integers(1, 40), st.sampled_from([0, 1, 2, 4, 8, 16]),
    st.sampled_from([1, 3, 9]),
)  # fmt: skip
def test_whatever_is_packed_comes_back(part: bytes, times: int, width: int, level: int) -> None:
    data = part * times
    found = pack(data, level, width)
    if found is not None:
        assert len(found[0]) < len(data)
        assert unpack(found[0], len(data), found[1]) == data


@pytest.mark.parametrize("size", [511, 512, (1 << 20) - 8, 1 << 20, (1 << 20) + 8, 5 << 20])
def test_sizes_around_those_of_a_piece_come_back(size: int) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    found = pack(data, 3, 8)
    assert (found is None) == (size < 512)
    if found is not None:
        assert unpack(found[0], size, found[1]) == data


def test_noise_is_given_up_on() -> None:
    noise = np.random.default_rng(0).bytes(3 << 20)
    assert pack(noise, 3) is None
    assert pack(noise, 3, 8) is None


def test_numbers_are_sorted_by_bytes_only_where_that_is_smaller() -> None:
    walk, width = smaller(WALK, 8)
    assert width == 8
    assert len(walk) < 0.8 * len(WALK)
    assert len(zstd.compress(WALK, 3)) > 0.85 * len(WALK)
    few = np.round(np.random.default_rng(0).normal(size=300_000), 2).tobytes()
    assert smaller(few, 8)[1] == 0


@pytest.mark.parametrize(
    ("compress", "level"),
    [
        (False, 0), (None, 0), (0, 0), (True, 3), (1, 1), (3, 3), (9, 15),
        ("zlib", 3), ("gzip", 3), ("lz4", 1), ("lzma", 11), (("zlib", 3), 3), (("lzma", 9), 19),
        (("zstd", 22), 22), (("zlib", 0), 0), (("xz", None), 11),
    ],
)  # fmt: skip
def test_joblibs_spellings_have_a_level(compress: object, level: int) -> None:
    assert level_of(compress) == level


def test_more_work_is_never_less_for_a_higher_level() -> None:
    for method in ("zlib", "gzip", "bz2", "lzma", "xz", "lz4"):
        levels = [level_of((method, n)) for n in range(1, 10)]
        assert levels == sorted(levels)


@pytest.mark.parametrize(
    "compress", [10, -1, 2.5, "rar", ("zlib", 10), ("zlib",), ("zlib", True), (3, "zlib"), {}]
)
def test_anything_else_is_a_value_error(compress: object) -> None:
    with pytest.raises(ValueError, match="compress="):
        level_of(compress)


class TestHostileData:
    def test_more_than_was_said_is_never_made(self) -> None:
        bomb = zstd.compress(bytes(1 << 30), 3)
        data = struct.pack("<I", len(bomb)) + bomb
        for size in (0, 10, 1 << 20):
            with pytest.raises(CodecError):
                unpack(data, size, 0)

    def test_a_size_that_cannot_be_true_makes_no_room(self) -> None:
        data, _ = smaller(bytes(1 << 16))
        with pytest.raises(CodecError, match="cannot hold"):
            unpack(data, module.LARGEST, 0)

    def test_more_than_the_machine_has_makes_no_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_memory", lambda: 1 << 30)
        with pytest.raises(CodecError, match="cannot hold"):
            unpack(bytes(1 << 20), 2 << 30, 0)

    def test_less_than_was_said_is_refused(self) -> None:
        data, _ = smaller(bytes(5000))
        with pytest.raises(CodecError, match="not as long"):
            unpack(data, 5001, 0)

    def test_bytes_behind_the_end_are_refused(self) -> None:
        data, _ = smaller(bytes(5000))
        with pytest.raises(CodecError, match="behind its end"):
            unpack(data + b"x", 5000, 0)

    def test_other_widths_than_the_numbers_are_refused(self) -> None:
        data, _ = smaller(bytes(5000))
        with pytest.raises(CodecError):
            unpack(data, 5000, 7)

    @given(st.binary(max_size=200), st.integers(0, 5000), st.integers(0, 127))
    def test_made_up_bytes_are_an_error_or_bytes(self, data: bytes, size: int, width: int) -> None:
        with contextlib.suppress(CodecError):
            assert len(unpack(data, size, width)) == size

    @given(st.data())
    def test_flipped_bits_are_an_error_or_as_many_bytes(self, data: st.DataObject) -> None:
        packed, width = smaller(WALK[:40_000], 8)
        broken = bytearray(packed)
        place = data.draw(st.integers(0, len(broken) - 1))
        broken[place] ^= 1 << data.draw(st.integers(0, 7))
        with contextlib.suppress(CodecError):
            assert len(unpack(broken, 40_000, width)) == 40_000
