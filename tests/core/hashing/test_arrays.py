"""Digests of numpy values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobtui_core.hashing import digest, hash  # noqa: A004
from tests.core.hashing.strategies import ARRAYS


@given(ARRAYS)
def test_copy_of_an_array_has_its_digest(array: Any) -> None:
    assert digest(array.copy(order="K")) == digest(array)
    assert hash(np.ascontiguousarray(array)) == hash(np.ascontiguousarray(array).copy())


@given(ARRAYS, st.integers(0, 1000))
def test_other_dtype_or_shape_changes_the_digest(array: Any, where: int) -> None:
    assert digest(array) != digest(array[None])
    assert digest(array) != digest(array.astype(object))
    if array.dtype.kind in "biuf" and array.size:
        flat = array.copy()
        place = np.unravel_index(where % array.size, array.shape)
        flat[place] = not flat[place] if flat.dtype.kind == "b" else (flat[place] == 0)
        if flat.tobytes() != array.tobytes():
            assert digest(flat) != digest(array)


def test_layout_is_folded_to_what_npy_stores_in_keys_only() -> None:
    wide = np.arange(48.0).reshape(6, 8)
    strided = wide[::2, ::2]
    packed = strided.copy()
    assert digest(strided) == digest(packed)
    assert hash(strided) != hash(packed)
    assert digest(wide) != digest(np.asfortranarray(wide))
    assert digest(np.asfortranarray(wide)) == digest(wide.T.copy().T)
    assert hash(wide) != hash(np.asfortranarray(wide))
    assert digest(wide[::-1]) == digest(wide[::-1].copy())


def test_strided_array_larger_than_a_portion_is_hashed_like_its_copy() -> None:
    wide = np.arange(3 << 18, dtype="f4").reshape(-1, 2)
    assert digest(wide[:, 1]) == digest(wide[:, 1].copy())
    assert digest(wide[:, ::-1]) == digest(np.ascontiguousarray(wide[:, ::-1]))
    cube = np.arange(1 << 18).reshape(64, 64, 64).transpose(1, 2, 0)[:, ::2]
    assert digest(cube) == digest(np.ascontiguousarray(cube))


def test_writability_and_ownership_do_not_count() -> None:
    array = np.arange(10)
    frozen = array.copy()
    frozen.flags.writeable = False
    assert digest(frozen) == digest(array) == digest(array[:]) == digest(np.arange(11)[:10])


def test_byte_order_and_units_count() -> None:
    array = np.arange(3)
    assert digest(array) != digest(array.astype(">i8"))
    assert digest(array.astype("M8[s]")) != digest(array.astype("M8[ms]"))
    assert digest(array.astype("M8[s]")) != digest(array.astype("m8[s]"))


def test_scalars_are_neither_arrays_nor_python_numbers() -> None:
    one: list[Any] = [
        1.0,
        np.float64(1),
        np.float32(1),
        np.array(1.0),
        np.array([1.0]),
        np.int64(1),
    ]
    assert len({digest(value) for value in one}) == len(one)
    assert digest([np.float64(1)] * 3) == digest([np.float64(1), np.float64(1), np.float64(1)])
    assert digest({"a": np.float64(1)}) != digest({"a": 1.0})
    assert digest(np.str_("a")) != digest("a")
    assert digest({np.str_("a"): 1}) != digest({"a": 1})


def test_memmap_counts_as_its_array_in_keys(tmp_path: Path) -> None:
    array = np.arange(10.0)
    np.save(tmp_path / "a.npy", array)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert digest(mapped) == digest(array)
    assert hash(mapped) != hash(array)
    assert hash(mapped, coerce_mmap=True) == hash(array, coerce_mmap=True)


def test_arrays_of_objects_are_hashed_by_their_items() -> None:
    def make(last: Any) -> Any:
        array = np.empty((2, 2), object)
        array[...] = [["a", None], [{"b": {1}}, last]]
        return array

    assert digest(make([1])) == digest(make([1]))
    assert digest(make([1])) != digest(make([2]))
    holds_itself = make(0)
    holds_itself[1, 1] = holds_itself
    assert digest(holds_itself) == digest(holds_itself)


def test_error_says_which_item_of_an_array(tmp_path: Path) -> None:
    array = np.empty((2, 3), object)
    array[1, 2] = iter([])
    with pytest.raises(TypeError, match=r"^a\[1, 2\] cannot be hashed"):
        digest(array, name="a")


class TestStructuredArrays:
    def test_packed(self) -> None:
        dtype = [("a", "i1"), ("b", "f8", (2,))]
        one = np.array([(1, (2.0, 3.0))], dtype)
        other = one.copy()
        other["b"][0, 1] = 4
        assert digest(one) == digest(one.copy()) != digest(other)

    def test_names_of_fields_count(self) -> None:
        one = np.zeros(2, [("a", "i4"), ("b", "i4")])
        assert digest(one) != digest(np.zeros(2, [("a", "i4"), ("c", "i4")]))

    def test_what_lies_between_fields_does_not_count(self) -> None:
        dtype = np.dtype([("a", "i1"), ("b", "f8")], align=True)
        one = np.zeros(3, dtype)
        other = np.frombuffer(bytearray(b"\xff" * 48), dtype)
        other["a"], other["b"] = 0, 0
        assert one.tobytes() != other.tobytes()
        assert digest(one) == digest(other)

    def test_fields_of_objects(self) -> None:
        one = np.array([(1, "x"), (2, None)], [("a", "i4"), ("b", object)])
        other = one.copy()
        other["b"][1] = "y"
        assert digest(one) == digest(one.copy()) != digest(other)

    def test_record_arrays_differ_from_structured_ones(self) -> None:
        one = np.zeros(2, [("a", "i4")])
        assert digest(one) != digest(one.view(np.recarray))

    def test_overlapping_fields(self) -> None:
        dtype = np.dtype({"names": ["a", "b"], "formats": ["i4", "i2"], "offsets": [0, 0]})
        assert digest(np.zeros(2, dtype)) == digest(np.zeros(2, dtype))


def test_masked_arrays_count_by_data_mask_and_fill_value() -> None:
    def make(mask: Any = (0, 1, 0), fill: int = 9, second: int = 2) -> Any:
        return np.ma.MaskedArray([1, second, 3], mask=mask, fill_value=fill)

    assert digest(make()) == digest(make())
    others = [make((0, 0, 0)), make(fill=8), make(second=5), np.array([1, 2, 3])]
    assert len({digest(value) for value in [make(), *others]}) == 5


def test_subclasses_differ_from_arrays() -> None:
    class Tagged(np.ndarray):  # type: ignore[type-arg]
        pass

    array = np.arange(3)
    tagged = array.view(Tagged)
    assert digest(tagged) != digest(array)
    before = digest(tagged)
    tagged.unit = "m"  # type: ignore[attr-defined]
    assert digest(tagged) != before


def test_random_generators_count_by_state() -> None:
    one, other = np.random.default_rng(1), np.random.default_rng(1)
    assert digest(one) == digest(other)
    one.random()
    assert digest(one) != digest(other)
    other.random()
    assert digest(one) == digest(other)
    assert digest(np.random.RandomState(1)) == digest(np.random.RandomState(1))
    assert digest(np.random.RandomState(1)) != digest(np.random.RandomState(2))
    assert digest(np.random.SeedSequence(1)) == digest(np.random.SeedSequence(1))


def test_functions_of_numpy_have_digests() -> None:
    functions = [np.sin, np.cos, np.add, np.linalg.norm, np.random.rand, np.vectorize(len)]
    assert len({digest(function) for function in functions}) == len(functions)


def test_extended_precision_is_hashed_without_its_padding() -> None:
    one = np.array([1.5, 2.5], np.longdouble)
    assert digest(one) == digest(np.array([1.5, 2.5], np.longdouble))
    assert digest(one) != digest(np.array([1.5, 3.5], np.longdouble))
    assert digest(one[::-1]) == digest(one[::-1].copy())


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="numpy 1")
def test_variable_width_strings_are_hashed_by_their_texts() -> None:
    one = np.array(["a", "b" * 100], np.dtypes.StringDType())
    other = np.array(["a", "b" * 99 + "c"], np.dtypes.StringDType())
    assert digest(one) == digest(one.copy()) != digest(other)
