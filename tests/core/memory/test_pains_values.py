"""Where ``joblib.Memory`` hurts, second part: arguments and results.

Each test names the joblib issues in which users tell of it.
"""

from __future__ import annotations

import copy
import threading
import time
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest

from jobtui_core import Memory, hash, register_hasher  # noqa: A004  joblib's name
from jobtui_core.errors import CacheWarning
from jobtui_core.memory import NotMemorizedResult

pd = pytest.importorskip("pandas")


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


class Counted:
    """A memoized function of one argument, and how often it ran."""

    def __init__(self, memory, result=lambda value: 1):
        self.count = 0

        def function(value):
            self.count += 1
            return result(value)

        # What it counts in is captured, and changes.
        self.call = memory.cache(function, version=1)


@pytest.fixture
def counted(memory):
    return Counted(memory)


class Client:
    """Something with a handle and with a setting that counts."""

    def __init__(self, region):
        self.lock = threading.Lock()
        self.region = region


def test_what_cannot_be_hashed_is_never_hashed_in_part(memory):
    """joblib #274, #452: two objects got one result, after the state up to the lock."""

    def where(client):
        return client.region

    cached = memory.cache(where)
    with pytest.warns(CacheWarning, match=r"client\.lock") as caught:
        assert [cached(Client(region)) for region in ("eu", "us", "eu")] == ["eu", "us", "eu"]
    assert len(caught) == 1
    with pytest.raises(TypeError, match="lock"):
        hash(Client("eu"))


def shared_and_copied():
    inner = [1, 2]
    return [inner, inner], [[1, 2], [1, 2]]


EQUAL = {
    "a list met twice and its copy (joblib #1283, #393, #231, #213, #239, #250)": shared_and_copied,
    "texts, interned or not (joblib #213)": lambda: (["abc", "abc"], ["abc", "".join("abc")]),
    "an array and its copy (joblib #176)": lambda: (np.arange(5), np.arange(5).copy()),
    "scalars of numpy met twice (joblib #1283)": lambda: (
        [np.float64(1)] * 2,
        [np.float64(1), np.float64(1)],
    ),
    "a frame and one with the columns built apart (joblib #1611, #1817, #854)": lambda: (
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        pd.concat([pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"b": ["x", "y"]})], axis=1),
    ),
    "a frame whose cached names were asked for (joblib #854)": lambda: (
        pd.DataFrame({"a": [1, 2]}),
        asked(pd.DataFrame({"a": [1, 2]})),
    ),
    "a deep copy (joblib #1283)": lambda: (
        {"a": [{1, 2}, (3,)]},
        copy.deepcopy({"a": [{2, 1}, (3,)]}),
    ),
}


def asked(frame):
    frame.columns.is_unique, frame.index.is_unique, frame["a"].sum(), frame.memory_usage()
    return frame


@pytest.mark.parametrize("name", EQUAL)
def test_equal_arguments_hit_however_they_were_built(counted, name):
    one, other = EQUAL[name]()
    counted.call(one), counted.call(other)
    assert counted.count == 1


class Odd:
    pass


@dataclass
class Settings:
    size: int = 1


@pytest.mark.parametrize(
    "value",
    [
        lambda x: x,
        None,
        type(None),
        list[int],
        int | None,
        len,
        np.add,
        Settings,
        Ellipsis,
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_functions_types_and_singletons_are_arguments_like_others(counted, value):
    """joblib #225, #473, #823, #1363: they raised PicklingError."""
    counted.call(value), counted.call(value)
    assert counted.count == 1


@pytest.mark.parametrize(
    "value",
    [threading.Lock(), (n for n in range(3)), open, Odd],
    ids=lambda value: str(type(value)),
)
def test_what_runs_undecorated_runs_decorated(counted, value):
    """joblib #473, #452, #1444: fail softly."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [counted.call(value), counted.call(value)] == [1, 1]
    assert len(caught) == counted.count - 1


def test_sets_of_mixed_types_and_dicts_of_unorderable_keys_are_hashed(counted):
    """joblib #254, #286, #568, #1847, #1850: sorting them raised TypeError."""
    for value in (
        {1, "a", None, (2, "b")},
        OrderedDict([("a", 1), (2, "b")]),
        {Decimal("NaN"): 1, "x": 2},
        {1: "a", "1": "b", None: "c"},
    ):
        before = counted.count
        counted.call(value), counted.call(copy.copy(value))
        assert counted.count == before + 1


def test_the_order_of_an_ordered_dict_and_types_of_keys_count(counted):
    """joblib #568."""
    for value in (OrderedDict(a=1, b=2), OrderedDict(b=2, a=1), {1: 1}, {"1": 1}, {True: 1}):
        counted.call(value)
    assert counted.count == 5


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_byte_order_of_a_result_is_kept_on_a_hit(memory, order):
    """joblib #1545."""
    array = np.arange(5, dtype=f"{order}i4")
    counted = Counted(memory, lambda value: array)
    first, second = counted.call(1), counted.call(1)
    assert first.dtype == second.dtype == array.dtype
    assert first.dtype.byteorder == second.dtype.byteorder == array.dtype.byteorder


def test_masked_arrays_come_back_with_their_mask(memory):
    """joblib #1545."""
    counted = Counted(memory, lambda value: np.ma.masked_array([1, 2, 3], mask=[0, 1, 0]))
    for _ in range(2):
        found = counted.call(1)
        assert isinstance(found, np.ma.MaskedArray)
        assert found.mask.tolist() == [False, True, False]
    assert counted.count == 1


def test_datetimes_of_numpy_are_arguments(counted):
    """joblib #188."""
    for text in ("2026-01-01", "2026-01-02", "2026-01-01"):
        counted.call(np.array([text], "M8[D]"))
    assert counted.count == 2


def test_overlapping_fields_are_arguments(counted):
    """joblib #826."""
    kind = np.dtype({"names": ["a", "b"], "formats": ["<i4", "<i2"], "offsets": [0, 0]})
    counted.call(np.zeros(2, kind)), counted.call(np.zeros(2, kind))
    assert counted.count == 1


def test_positional_only_arguments_leave_their_names_to_keywords(memory):
    """joblib #1313, #1057, #1731, #1800, #750."""

    @memory.cache
    def f(a, /, b=2, *args, c, d=4, **kwargs):
        return a, b, args, c, d, kwargs

    for _ in range(2):
        assert f(1, c=3, a=9) == (1, 2, (), 3, 4, {"a": 9})
        assert f(1, 5, 6, c=3, d=0) == (1, 5, (6,), 3, 0, {})


def test_a_bad_call_raises_what_python_raises_and_what_joblib_raises(memory):
    """joblib raises ValueError, Python TypeError."""
    cached = memory.cache(lambda a, *, b: a)
    for arguments in ((), (1, 2, 3)):
        with pytest.raises(TypeError) as caught:
            cached(*arguments)
        assert isinstance(caught.value, ValueError)


def test_an_argument_that_the_call_changes_is_told_of(memory):
    """joblib #82."""

    @memory.cache
    def f(items):
        items.append(1)

    with pytest.warns(CacheWarning, match="changes its argument 'items'"):
        f([])


class Handle:
    """Of a library: equal ones have one name, whatever else they hold."""

    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()


def test_a_class_is_taught_what_counts_of_it(counted):
    """joblib #1540, #69, #189, #981, #1282, #1599, #1146, #1311, #1444: keys of one's own."""
    register_hasher(Handle, lambda handle: handle.name)
    for name in ("a", "b", "a"):
        counted.call({"in": [Handle(name)]})
    assert counted.count == 2


def test_pictures_of_arguments_are_bounded_and_guarded(memory):
    """joblib #1370, #683, #1195, #926, #822, #467: repr of everything, at each miss."""

    class Loud:
        def __repr__(self):
            raise RuntimeError("no repr")

        def __reduce__(self):
            return Loud, ()

    @memory.cache(ignore=["ignored"])
    def f(table, text, loud, ignored):
        return 1

    class Never:
        def __repr__(self):
            raise AssertionError("an ignored argument was looked at")

    text = "x" * 10_000_000
    f(list(range(1_000_000)), text, Loud(), Never())
    (entry,) = [item for item in memory.store.list() if item.name.endswith(".entry")]
    assert entry.size < 10_000
    _, metadata = f.call([1], "y", Loud(), Never())
    assert set(metadata["input_args"]) == {"table", "text", "loud"}
    assert all(len(shown) < 1000 for shown in metadata["input_args"].values())


def test_secrets_among_the_arguments_are_nowhere_in_the_entry(memory):
    @memory.cache
    def f(password, url):
        return 1

    f("hunter2", "https://user:swordfish@host/x")
    for item in memory.store.list():
        data = memory.store.read(item.name)
        assert b"hunter2" not in data
        assert b"swordfish" not in data


def test_large_arguments_are_hashed_at_the_speed_of_memory(counted):
    """joblib #343, #1231, #467: measured beside joblib, which takes over 100 times as long."""
    joblib = pytest.importorskip("joblib")
    array = np.arange(4_000_000.0)

    def took(function):
        start = time.perf_counter()
        function(array)
        return time.perf_counter() - start

    hash(array[:10])
    assert min(took(hash) for _ in range(3)) < min(took(joblib.hash) for _ in range(3)) / 3


def test_a_result_that_cannot_be_stored_leaves_nothing_behind_and_is_told_of_once(memory):
    """joblib #896, #952, #1046, #1267, #227: a part of it was left, and said to be cached."""
    counted = Counted(memory, lambda value: (n for n in range(value)))
    with pytest.warns(CacheWarning, match="cannot be stored") as caught:
        assert [list(counted.call(3)), list(counted.call(3))] == [[0, 1, 2]] * 2
    assert len(caught) == 1
    assert counted.count == 2
    assert not counted.call.check_call_in_cache(3)
    assert not [item for item in memory.store.list() if "/code/" not in item.name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert isinstance(counted.call.call_and_shelve(3), NotMemorizedResult)


def test_references_to_results_are_handed_on(memory):
    """joblib #782, #747, #757, #1573: what a step gives, to the next, without reading it."""

    @memory.cache
    def one(x):
        return [x] * 3

    @memory.cache
    def total(reference):
        return sum(reference.get())

    shelved = one.call_and_shelve(2)
    assert [total(shelved), total(one.call_and_shelve(2))] == [6, 6]
    assert total.check_call_in_cache(one.call_and_shelve(2))
    assert Memory(None).cache(one.func).call_and_shelve(2).get() == [2, 2, 2]


def test_without_a_location_call_gives_metadata_of_the_same_shape(memory):
    """joblib #1358, #1348: a pair, with a location and without."""

    def f(x):
        return x

    assert memory.cache(f).call(1)[0] == Memory(None).cache(f).call(1)[0] == 1
