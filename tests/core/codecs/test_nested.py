"""Containers with arrays and frames in them need no pickle."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobtui_core.codecs import Memory, decode, encode, encode_plain
from jobtui_core.errors import CodecError
from jobtui_core.hashing import digest
from tests.core.hashing.strategies import ARRAYS, plain


def stored(value: Any) -> Any:
    encoded = encode(value, allow_pickle=False)
    assert encoded.codec == "nested"
    return decode(encoded.codec, [bytes(frame) for frame in encoded.frames], allow_pickle=False)


@given(st.lists(ARRAYS | plain, max_size=5), ARRAYS)
def test_any_container_with_an_array_comes_back(items: list[Any], array: Any) -> None:
    for value in ([*items, array], (array, *items), {"a": array, "b": [items]}):
        try:
            back = stored(value)
        except CodecError:
            assert "OrderedDict" in repr(items)
        else:
            assert digest(back) == digest(value)


@pytest.mark.parametrize(
    "value",
    [
        (np.arange(3), np.arange(2.0)),
        {"x": np.float64(1.5), "n": np.int8(3), "t": np.datetime64("2026-01-01")},
        {"deep": [{"a": (np.zeros((2, 3)), [np.asfortranarray(np.ones((3, 2)))])}]},
        {"table": pd.DataFrame({"a": [1, 2]}), "s": [pd.Series([1.0])]},
        [np.zeros(0), np.array(5.0)],
        {np.int64(1): "key"},
    ],
)
def test_containers_come_back_with_all_types(value: Any) -> None:
    back = stored(value)
    assert type(back) is type(value)
    assert digest(back) == digest(value)


def test_an_array_that_occurs_twice_is_one_again() -> None:
    array = np.arange(5)
    one, two, (three,) = stored([array, array, [array]])
    assert one is two is three
    assert len(encode([array, array]).frames) == 2


def test_arrays_may_be_changed() -> None:
    back = stored({"a": np.arange(10_000), "b": np.arange(3)})
    back["a"][0] = back["b"][0] = 7


def test_objects_are_left_to_pickle() -> None:
    value = {"a": np.arange(3), "b": object}
    assert encode(value).codec != "nested"
    with pytest.raises(CodecError, match="without pickle"):
        encode(value, allow_pickle=False)
    assert encode([np.array([None, 1], dtype=object)]).codec == "pickle"


def test_thousands_of_parts_are_left_to_pickle_where_it_is_allowed() -> None:
    value = [np.float64(i) for i in range(5000)]
    assert encode(value).codec == "pickle"
    assert digest(stored(value)) == digest(value)


def part(data: bytes) -> bytes:
    return b"x" + struct.pack("<I", len(data)) + data


HEAD = encode_plain(("C", "<i8", (2,))) or b""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        struct.pack("<BI", 0, 5),
        struct.pack("<BI", 0, 0),
        struct.pack("<BI", 1, 1 << 31),
        struct.pack("<BI16s", 2, 0, b"") + HEAD,
        struct.pack("<BI16s", 2, 9, b"") + HEAD,
        struct.pack("<BI16s", 2, 1, b""),
        struct.pack("<BI16s", 3, 1, b"") + (encode_plain(("os.system",)) or b""),
        struct.pack("<BI16s", 7, 1, b"") + HEAD,
    ],
)
def test_made_up_parts_are_refused(data: bytes) -> None:
    with pytest.raises(CodecError):
        decode("nested", [part(data), bytes(16)])


def test_parts_in_plain_data_are_refused() -> None:
    with pytest.raises(CodecError, match="a part that is none"):
        decode("plain", [part(struct.pack("<BI16s", 2, 1, b"") + HEAD)])


def test_buffer_of_another_length_is_refused() -> None:
    with pytest.raises(CodecError, match="not as long"):
        decode("nested", [part(struct.pack("<BI16s", 2, 1, b"") + HEAD), bytes(8)], Memory())
