"""Where two results differ first, and by how much."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobtui_core.diffs.values import difference, differences
from jobtui_core.hashing import digest


@dataclass
class Point:
    x: float
    y: list[int]


class Fit:
    def __init__(self, **values):
        self.__dict__.update(values)


class Odd:
    """Its own comparison fails."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None


@pytest.mark.parametrize(
    "value",
    [1, "a", None, [1, {"a": (2, 3)}], {1, 2}, float("nan"), Point(1.0, [2]), {"a": 1, "b": 2}],
)
def test_equal_values_have_no_difference(value):
    assert difference(value, copy.deepcopy(value)) is None


def test_the_order_of_a_dict_is_no_difference():
    assert difference({"a": 1, "b": 2}, {"b": 2, "a": 1}) is None


@pytest.mark.parametrize(
    ("old", "new", "where", "texts"),
    [
        (1, 2, "", ("1", "2")),
        (1, 1.0, "", ("int 1", "float 1.0")),
        ([1, 2, 3], [1, 5, 4], "[1]", ("2", "5")),
        ([1], [1, 2], "", ("1 items", "2 items")),
        ({"a": {"b": [0, 1]}}, {"a": {"b": [0, 2]}}, "['a']['b'][1]", ("1", "2")),
        ({"a": 1}, {}, "['a']", ("1", "nothing")),
        ({}, {"a": 1}, "['a']", ("nothing", "1")),
        (Point(1.0, [2]), Point(1.0, [3]), ".y[0]", ("2", "3")),
        (Fit(a=1, b=2), Fit(a=1, b=3), ".b", ("2", "3")),
        ({1, 2}, {1, 3}, "", ("{1, 2}", "{1, 3}")),
        (0.0, -0.0, "", ("0.0", "-0.0")),
        ({"password": "x"}, {"password": "y"}, "['password']", ("<hidden>", "<hidden>")),
    ],
)
def test_the_first_difference_is_named_by_its_path(old, new, where, texts):
    found = difference(old, new)
    assert (found.where, (found.old, found.new)) == (where, texts)


def test_numbers_differ_by_an_amount():
    found = difference({"a": 2.0}, {"a": 2.5})
    assert (found.largest, found.relative) == (0.5, 0.25)
    assert difference(0, 1).relative is None
    assert difference(10**400, 10**400 + 1).largest is None


def test_arrays_differ_by_their_largest_absolute_and_relative_difference():
    np = pytest.importorskip("numpy")
    old = np.arange(10.0)
    new = old.copy()
    new[3], new[9] = 3.5, 9.75
    found = difference((1, old), (1, new))
    assert (found.where, found.old, found.new) == ("[1][3]", "3.0", "3.5")
    assert (found.count, found.largest) == (2, 0.75)
    assert found.relative == pytest.approx(0.5 / 3)


@pytest.mark.parametrize(
    ("old", "new"),
    [([1, 2], [1, 2, 3]), ([1, 2], [1.0, 2.0])],
)
def test_arrays_of_another_shape_or_dtype_show_both(old, new):
    np = pytest.importorskip("numpy")
    found = difference(np.array(old), np.array(new))
    assert "ndarray int64 (2,)" in found.old
    assert found.new != found.old
    assert found.largest is None


def test_arrays_with_nans_unsigned_integers_objects_and_fields_are_compared():
    np = pytest.importorskip("numpy")
    nan = np.array([np.nan, 1.0])
    assert difference(nan, nan.copy()) is None
    assert difference(nan, np.array([np.nan, 2.0])).where == "[1]"
    assert difference(nan, np.array([0.0, 1.0])).where == "[0]"
    small = np.array([1], dtype="u1"), np.array([3], dtype="u1")
    assert difference(*small).largest == 2
    assert difference(*small[::-1]).largest == 2
    objects = np.array([{"a": 1}, 2], object), np.array([{"a": 2}, 2], object)
    assert difference(*objects).where == "[0]['a']"
    dtype = [("a", "i4"), ("b", "f8")]
    assert difference(np.zeros(2, dtype), np.array([(0, 0), (0, 1)], dtype)).where == "['b'][1]"
    assert difference(np.float64(1), np.float64(2)).largest == 1
    assert "other bits" in difference(np.array([0.0]), np.array([-0.0])).new


def test_frames_name_the_column():
    pd = pytest.importorskip("pandas")
    old = pd.DataFrame({"a": [1, 2], "b": [1.0, 2.0]})
    new = old.assign(b=[1.0, 2.5])
    found = difference({"f": old}, {"f": new})
    assert found.where == "['f']['b'].iloc[1]"
    assert found.largest == 0.5
    assert difference(old, old.copy()) is None
    assert "'c'" in difference(old, old.rename(columns={"b": "c"})).new


def test_cycles_depth_and_values_without_hash_are_survived():
    one, other = [1], [1]
    one.append(one)
    other.append(other)
    assert difference(one, other) is None
    deep, deeper = 1, 2
    for _ in range(20_000):
        deep, deeper = [deep], [deeper]
    found = difference(deep, deeper)
    assert found.old == "1"
    assert len(found.where) < 200
    assert difference(threading.Lock(), threading.Lock()) is None
    assert difference(Odd(1), Odd(2)).where == ".value"


def test_all_differences_are_told_where_all_are_asked_for():
    old = {"a": [1, 2], "b": {"x": 1.0}, "gone": 0}
    new = {"a": [1, 3, 4], "b": {"x": 2.0}, "come": 0}
    assert [one.where for one in differences(old, new)] == [
        "['gone']",
        "['come']",
        "['a']",
        "['a'][1]",
        "['b']['x']",
    ]


def test_fields_and_parts_of_an_array_are_each_compared():
    np = pytest.importorskip("numpy")
    dtype = [("a", "i4"), ("b", "f8"), ("c", "f8")]
    old = np.zeros(50, dtype)
    new = old.copy()
    new["a"][3], new["c"][4] = 1, 0.5
    assert [one.where for one in differences(old, new)] == ["['a'][3]", "['c'][4]"]


def test_arrays_of_another_dtype_are_compared_as_numbers_too():
    np = pytest.importorskip("numpy")
    old = np.linspace(0, 1, 7)
    found = list(differences(old, old.astype("f4")))
    assert (found[0].old, found[0].new) == ("ndarray float64 (7,)", "ndarray float32 (7,)")
    assert 0 < found[1].largest < 1e-7
    assert len(list(differences(np.array([1, 2]), np.array([1.0, 2.0])))) == 1
    assert len(list(differences(np.array(["a"]), np.array(["bc"])))) == 1


def test_an_array_over_a_file_is_an_array(tmp_path):
    np = pytest.importorskip("numpy")
    old = np.arange(6.0)
    np.save(tmp_path / "a.npy", old)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert difference(mapped, old) is None
    assert difference({"a": old}, {"a": mapped}) is None
    assert difference(mapped, old + 1).largest == 1


def test_a_walk_through_many_parts_can_be_ended():
    told = []

    def beat(done, total):
        told.append((done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(differences(list(range(200_000)), list(range(200_000)), beat))
    assert told == [(1 << 16, 0)]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.tuples(parts, parts)
        | st.dictionaries(st.text(max_size=2), parts, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(PLAIN, PLAIN)
def test_plain_data_differ_exactly_where_their_digests_do(old, new):
    for one, other in ((old, new), (old, copy.deepcopy(old)), ([old, 1], [old, new])):
        assert (difference(one, other) is None) == (digest(one) == digest(other))
