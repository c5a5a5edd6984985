"""What goes into a codec comes out as the same value."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import threading
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jobtui_core.codecs import Encoded, Memory, decode, encode
from jobtui_core.errors import CodecError
from jobtui_core.hashing import digest
from tests.core.hashing.strategies import ARRAYS, plain, values


def stored(value: Any, **options: Any) -> tuple[Any, Encoded]:
    encoded = encode(value, **options)
    frames = [bytes(frame) for frame in encoded.frames]
    return decode(encoded.codec, frames), encoded


@given(values)
def test_any_value_comes_back_with_its_type_and_digest(value: Any) -> None:
    back, _ = stored(value)
    assert type(back) is type(value)
    assert digest(back) == digest(value)


@given(plain)
def test_plain_values_need_no_pickle_unless_their_types_do(value: Any) -> None:
    try:
        back, encoded = stored(value, allow_pickle=False)
    except CodecError:
        assert "OrderedDict" in repr(value)
    else:
        assert encoded.codec == "plain"
        assert digest(back) == digest(value)


@given(ARRAYS)
def test_any_array_comes_back_with_dtype_order_and_content(array: Any) -> None:
    for value in (array, np.asfortranarray(array), array[::-1] if array.ndim else array):
        back, encoded = stored(value, allow_pickle=False)
        assert encoded.codec == "array"
        assert type(back) is np.ndarray
        assert (back.dtype, back.shape) == (value.dtype, value.shape)
        assert back.tobytes() == value.tobytes()
        assert digest(back) == digest(value)
        assert back.flags.writeable


@given(hnp.arrays(hnp.array_dtypes(allow_subarrays=True), hnp.array_shapes(max_side=3)))
def test_structured_arrays_come_back(array: Any) -> None:
    back, _ = stored(array)
    assert back.dtype == array.dtype
    assert digest(back) == digest(array)


@given(ARRAYS.filter(lambda array: array.size > 0))
def test_numpy_scalars_come_back_as_scalars(array: Any) -> None:
    scalar = array.reshape(-1)[0]
    back, encoded = stored(scalar)
    assert encoded.codec == "array"
    assert type(back) is type(scalar)
    assert digest(back) == digest(scalar)


@dataclasses.dataclass
class Fit:
    slope: float
    curve: Any


class Weird(dict[Any, Any]):
    def __init__(self, x: int) -> None:
        super().__init__(x=x)
        self.extra = [x]


SAMPLES = [
    Fit(1.0, np.arange(10_000.0)),
    (np.zeros((300, 300)), np.asfortranarray(np.ones((200, 100)))),
    {"a": np.arange(5)[::2], "b": [np.float32(1), None]},
    np.array(["a", None, [1]], dtype=object),
    np.ma.MaskedArray([1.0, 2.0], [True, False]),
    np.zeros(3, [("a", "i4")]).view(np.recarray),
    np.random.default_rng(3),
    np.dtype("f4"),
    np.array([1.5], np.longdouble),
    np.zeros((0, 3)),
    np.array(5.0),
    collections.OrderedDict(b=1, a=2),
    collections.Counter("abc"),
    collections.defaultdict(list, a=[1]),
    Decimal("1.10"),
    Weird(3),
    ValueError("x", 1),
    [float("nan"), -0.0, float("inf")],
    -(2**63),
    2**63,
    -(2**2000),
    "\ud800",
    ["\ud83d", "\ude00"] * 10,
    ["", "ä", "😀"] * 10,
    list(range(1000)),
    [2**62, -(2**62)] * 10,
    [2**70] * 10,
    [True] * 20,
    [1, True] * 20,
    [0.5] * 20,
    (1.0, 2) * 10,
    {i: (i, str(i)) for i in range(5000)},
    [{"a": i} for i in range(40_000)],
    lambda x: x + 1,
    len,
    Fit,
]


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: f"{type(value).__name__}")
def test_sample_comes_back(value: Any) -> None:
    back, _ = stored(value)
    assert type(back) is type(value)
    assert digest(back) == digest(value)


def test_closures_come_back_working() -> None:
    def adder(amount: int) -> Any:
        return lambda x: x + amount

    back, encoded = stored([adder(2)])
    assert encoded.codec == "cloudpickle"
    assert back[0](3) == 5


def test_shared_containers_stay_shared() -> None:
    part = [1]
    back, _ = stored([part, part])
    assert back[0] is back[1]


def test_packed_lists_stay_shared() -> None:
    part = list(range(100))
    back, _ = stored({"a": part, "b": part})
    assert back["a"] is back["b"]


def test_cycles_come_back() -> None:
    ring: list[Any] = []
    ring.append(ring)
    back, _ = stored(ring)
    assert back[0] is back


def test_deep_nesting_is_left_to_the_next_codec() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    back, encoded = stored(deep)
    assert encoded.codec == "pickle"
    assert digest(back) == digest(deep)


def test_large_arrays_are_handed_out_without_copying() -> None:
    array = np.arange(100_000)
    for value in (array, {"a": [array]}):
        frames = encode(value).frames
        assert any(np.shares_memory(np.frombuffer(frame, "u1"), array) for frame in frames[1:])


def test_arrays_from_a_pickle_can_be_written_to() -> None:
    back, _ = stored({"a": np.arange(10_000), "b": np.arange(3)})
    back["a"][0] = 5
    back["b"][0] = 5


def test_private_frames_are_used_in_place() -> None:
    array = np.arange(10_000)
    for value in (array, [array]):
        encoded = encode(value)
        frames: list[Any] = [bytearray(frame) for frame in encoded.frames]
        back = decode(encoded.codec, frames, Memory(private=True))
        back = back if isinstance(back, np.ndarray) else back[0]
        assert np.shares_memory(back, np.frombuffer(frames[1], "u1"))
        back[0] = 7


class TestRefusals:
    @pytest.mark.parametrize(
        "value",
        [threading.Lock(), (i for i in "a"), [threading.Lock()]],
        ids=["lock", "generator", "lock in a list"],
    )
    def test_what_no_codec_takes_is_an_error_that_names_the_type(self, value: Any) -> None:
        with pytest.raises(CodecError, match=type(value).__name__) as caught:
            encode(value)
        assert caught.value.__cause__ is not None

    def test_pickle_can_be_refused_both_ways(self) -> None:
        with pytest.raises(CodecError, match=r"Fit cannot be stored without pickle"):
            encode(Fit(1.0, None), allow_pickle=False)
        encoded = encode(Fit(1.0, None))
        with pytest.raises(CodecError, match="not allowed"):
            decode(encoded.codec, encoded.frames, allow_pickle=False)

    def test_large_plain_data_is_plain_where_pickle_is_refused(self) -> None:
        value = [{"a": i} for i in range(40_000)]
        assert encode(value).codec == "pickle"
        assert encode(value, allow_pickle=False).codec == "plain"

    def test_unknown_codec_is_an_error(self) -> None:
        with pytest.raises(CodecError, match="runes"):
            decode("runes", [b""])  # type: ignore[arg-type]

    @given(st.binary(max_size=200))
    def test_any_bytes_are_a_plain_value_or_a_codec_error(self, data: bytes) -> None:
        with contextlib.suppress(CodecError):
            decode("plain", [data])

    @given(plain, st.data())
    def test_damaged_plain_data_is_a_value_or_a_codec_error(self, value: Any, data: Any) -> None:
        encoded = bytearray(encode(value).frames[0])
        place = data.draw(st.integers(0, len(encoded) - 1))
        encoded[place] ^= 1 << data.draw(st.integers(0, 7))
        with contextlib.suppress(CodecError):
            decode("plain", [bytes(encoded[: data.draw(st.integers(0, len(encoded)))])])

    @given(ARRAYS, st.data())
    def test_damaged_array_heads_are_a_value_or_a_codec_error(self, value: Any, data: Any) -> None:
        head, body = map(bytes, encode(value).frames)
        broken = bytearray(head)
        broken[data.draw(st.integers(0, len(head) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        for frames in ([bytes(broken), body], [head, body + b"x"], [head], [head, body, b""]):
            with contextlib.suppress(CodecError):
                decode("array", frames)

    def test_buffer_is_never_taken_for_objects(self) -> None:
        head, _ = encode(np.zeros(1)).frames
        with pytest.raises(CodecError):
            decode("array", [bytes(head).replace(b"<f8", b"|O8"), bytes(8)])

    @given(st.binary(max_size=100))
    def test_garbage_instead_of_a_pickle_is_a_codec_error(self, data: bytes) -> None:
        with pytest.raises(CodecError):
            decode("pickle", [b"\x80\x05" + data[:0] + b"\xff" + data])
