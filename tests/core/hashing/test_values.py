"""Digests of plain values and of Python's own objects."""

from __future__ import annotations

import array
import collections
import copy
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import io
import marshal
import pathlib
import random
import re
import subprocess
import sys
import threading
import time
import tracemalloc
import types
import typing
import uuid
import zoneinfo
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.errors import UnhashableError
from jobtui_core.hashing import digest, hash, plain, register_hasher  # noqa: A004


class Point:
    def __init__(self, x: Any, y: Any = 0) -> None:
        self.x = x
        self.y = y


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: Any) -> None:
        self.a = a


@dataclasses.dataclass(frozen=True)
class Settings:
    rate: float
    names: tuple[str, ...] = ()


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Flags(enum.Flag):
    A = 1
    B = 2


class MyInt(int):
    pass


class MyStr(str):
    __slots__ = ()


class MyList(list[Any]):
    pass


class MyDict(dict[Any, Any]):
    pass


class MySet(set[Any]):
    pass


class Holder:
    """Its state says only what it wants to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name}


def test_golden_digests_never_change() -> None:
    """A change here makes every cache in the world miss: raise ALGORITHM and KEY_FORMAT."""
    golden = {
        "b43a4514c6d4d1e4e99dcaa8de4d257c": 1,
        "c5cfbc0f280e15291a2eb1b64ede67a2": 1.0,
        "1d33c0bd3511c80d20948828081ddcb4": True,
        "626d368fe0e74b4f1a038927df1311d6": None,
        "42cff90093d232be3dcd9b448107e113": "a",
        "8336092c2249129daa63e0e8d4fcaf16": [1, [2]],
        "0147560f1a78c033d172aac9ca985249": {"a": [1]},
        "317a51db46595acfd22d5d6f1894e112": {"a": 1},
        "671b3a1c6f5dfbdfcd8aeabb1e55be76": {1: 2, "a": (3,)},
        "e11bab1d15d80898d34a373b21829cf5": [[1] * 20, {"x"}],
        "eb06d3457ca5df1587d658fb5545f1c0": (1, {"k": {2}}),
        "93e6e32b1555aeee20e7b4741a2e8b05": {(1, 2): 3},
        "a11a86d4b4399dc28dd2c9d55db6d9c4": b"x" * 70_000,
        "63343204c5faf67ca9a8ab9d345d7bd6": [b"x" * 70_000],
    }
    assert {digest(value): value for value in golden.values()} == golden


def test_one_long_text_met_often_is_not_copied_as_often() -> None:
    text = "x" * (1 << 20)
    tracemalloc.start()
    for value in ([text] * 2000, [1, text] * 1000, {str(i): text for i in range(2000)}):
        digest(value)
    _, largest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert largest < 40 << 20


def test_what_marshal_cannot_take_is_hashed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As texts of 2 GB are, without any here."""

    def refuses(value: Any, version: int) -> bytes:
        if "too long" in repr(value) and type(value) is not str:
            raise ValueError("unmarshallable object")
        return marshal.dumps(value, version)

    monkeypatch.setattr(plain, "dumps", refuses)
    values: list[Any] = [
        ["too long", 1], ["too long", 2], ["too long", [1]], {"too long": 1}, {"too long": 2},
        {"too long": [1]}, ("too long", 1), [1, ["too long"]], {"a": ("too long", ())},
    ]  # fmt: skip
    assert len({digest(value) for value in values}) == len(values)
    with pytest.raises(UnhashableError) as caught:
        digest(["too long", threading.Lock()])
    assert caught.value.where == "[1]"


def test_equal_values_of_different_types_differ() -> None:
    alike: list[Any] = [
        1, 1.0, True, 1 + 0j, MyInt(1), decimal.Decimal(1), fractions.Fraction(1), "1", b"1",
        [1], (1,), {1}, frozenset({1}), {1: 1}, MyList([1]), MyDict({1: 1}), MySet({1}),
        collections.OrderedDict({1: 1}), collections.Counter({1: 1}), collections.deque([1]),
        bytearray(b"1"), memoryview(b"1"), MyStr("1"), range(1, 2), array.array("b", [1]),
    ]  # fmt: skip
    assert len({digest(value) for value in alike}) == len(alike)


def test_numbers_that_compare_equal_but_act_differently_differ() -> None:
    assert digest(0.0) != digest(-0.0)
    assert digest([0.0]) != digest([-0.0])


def test_nan_is_equal_to_itself() -> None:
    nan = float("nan")
    assert digest(nan) == digest(float("nan"))
    assert digest({"a": nan}) == digest({"a": float("nan")})
    assert digest({nan}) == digest({float("nan")})
    assert digest(decimal.Decimal("NaN")) == digest(decimal.Decimal("NaN"))
    assert digest({decimal.Decimal("NaN"): 1}) == digest({decimal.Decimal("NaN"): 1})


def test_order_of_sets_and_dicts_does_not_count() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1, 2: 1}) == digest({2: 1, "a": 1})
    assert digest({8, 0, "x"}) == digest({"x", 0, 8})
    assert digest(MyDict(a=1, b=2)) == digest(MyDict(b=2, a=1))
    assert digest(MySet([8, 0])) == digest(MySet([0, 8]))


def test_order_of_an_ordered_dict_counts() -> None:
    one, other = collections.OrderedDict(a=1, b=2), collections.OrderedDict(b=2, a=1)
    assert digest(one) != digest(other)
    assert digest(collections.OrderedDict({"a": 1, 2: 3})) == digest(
        collections.OrderedDict({"a": 1, 2: 3})
    )


def test_keys_and_values_are_told_apart() -> None:
    assert digest({"a": "b"}) != digest({"b": "a"})
    assert digest({"a": 1, "b": 2}) != digest({"a": 2, "b": 1})
    assert digest({(1,): [2], (2,): [1]}) != digest({(1,): [1], (2,): [2]})


@pytest.mark.parametrize(
    "make",
    [
        lambda: dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
        lambda: dt.date(2026, 1, 2),
        lambda: dt.time(3, 4),
        lambda: dt.timedelta(days=1),
        lambda: dt.timezone(dt.timedelta(hours=1)),
        lambda: zoneinfo.ZoneInfo("UTC"),
        lambda: decimal.Decimal("1.10"),
        lambda: fractions.Fraction(1, 3),
        lambda: uuid.UUID(int=5),
        lambda: pathlib.PurePosixPath("/a/b"),
        lambda: pathlib.Path("a"),
        lambda: re.compile("a+", re.IGNORECASE),
        lambda: Colour.RED,
        lambda: Flags.A | Flags.B,
        lambda: Settings(1.0, ("a",)),
        lambda: Point([1], {"a": 2}),
        lambda: Slotted(3),
        lambda: types.SimpleNamespace(a=1),
        lambda: types.MappingProxyType({"a": 1}),
        lambda: functools.partial(print, 1, end=""),
        lambda: random.Random(3),
        lambda: io.BytesIO(b"abc"),
        lambda: collections.defaultdict(list, a=[1]),
        lambda: collections.deque([1, 2], 3),
        lambda: slice(1, None, 2),
        lambda: ValueError("no", 3),
        lambda: typing.Optional[int],  # noqa: UP045  # the old spelling is an object of its own
        lambda: list[int],
        lambda: int | str,
        lambda: Point([1]).__init__,
        lambda: "abc".upper,
        lambda: str.upper,
        lambda: len,
        lambda: random.random,
        lambda: pathlib.Path.cwd,
        lambda: ...,
        lambda: NotImplemented,
        lambda: type(None),
    ],
)
def test_object_and_its_equal_have_one_digest(make: Any) -> None:
    assert digest(make()) == digest(make())
    assert hash(make()) == hash(make())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (dt.datetime(2026, 1, 2), dt.datetime(2026, 1, 2, fold=1)),
        (dt.datetime(2026, 1, 2), dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
        (decimal.Decimal("1.1"), decimal.Decimal("1.10")),
        (pathlib.PurePosixPath("a"), pathlib.PureWindowsPath("a")),
        (re.compile("a"), re.compile("a", re.IGNORECASE)),
        (Colour.RED, Colour.BLUE),
        (Settings(1.0), Settings(1)),
        (Point(1), Point(2)),
        (Slotted(1), Slotted(2)),
        (functools.partial(print, 1), functools.partial(print, 2)),
        (functools.partial(print, end=""), functools.partial(print, end="\n")),
        (random.Random(3), random.Random(4)),
        (io.BytesIO(b"a"), io.BytesIO(b"b")),
        (collections.deque([1], 2), collections.deque([1], 3)),
        (collections.defaultdict(list), collections.defaultdict(dict)),
        ("abc".upper, "abd".upper),
        (len, print),
        (int, float),
        (list[int], list[str]),
    ],
)
def test_objects_that_differ_in_one_point_have_two_digests(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


def test_object_with_other_attributes_differs() -> None:
    point = Point(1)
    before = digest(point)
    point.z = None  # type: ignore[attr-defined]
    assert digest(point) != before


def test_attributes_set_in_another_order_count_the_same() -> None:
    one, other = Point(1), Point.__new__(Point)
    other.y, other.x = 0, 1
    assert digest(one) == digest(other)


def test_state_decides_what_counts() -> None:
    assert digest(Holder("a")) == digest(Holder("a"))
    assert digest(Holder("a")) != digest(Holder("b"))


def test_depth_is_no_limit() -> None:
    def nested(bottom: Any) -> Any:
        for _ in range(10_000):
            bottom = {"a": [bottom]}
        return bottom

    one, other = nested("x"), nested("y")
    assert digest(one) == digest(nested("x"))
    assert digest(one) != digest(other)


def test_shared_parts_cost_nothing_however_often_they_are_met() -> None:
    value: Any = [object()]
    for _ in range(200):
        value = [value, value]
    start = time.perf_counter()
    digest(value)
    assert time.perf_counter() - start < 5


class TestCycles:
    def test_list_that_holds_itself(self) -> None:
        def make(item: int) -> list[Any]:
            made: list[Any] = [item]
            made.append(made)
            return made

        assert digest(make(1)) == digest(make(1))
        assert digest(make(1)) != digest(make(2))
        assert digest(make(1)) != digest([1, [1]])

    def test_cycle_of_objects_survives_copying(self) -> None:
        parent = Point("parent", [])
        for i in range(5):
            parent.y.append(Point(i, parent))
        assert digest(copy.deepcopy(parent)) == digest(parent)
        other = copy.deepcopy(parent)
        other.y[3].x = "changed"
        assert digest(other) != digest(parent)

    def test_cycle_shared_or_copied_counts_the_same(self) -> None:
        ring: list[Any] = []
        ring.append((1, ring))
        assert digest([ring, ring]) == digest([ring, copy.deepcopy(ring)])

    def test_cycles_of_different_lengths_differ(self) -> None:
        def ring(*names: str) -> Any:
            points = [Point(name) for name in names]
            for one, other in zip(points, [*points[1:], points[0]], strict=True):
                one.y = other
            return points[0]

        rings = [ring("a", "b"), ring("a", "b", "c"), ring("a", "b", "c", "d"), ring("a")]
        assert len({digest(item) for item in rings}) == len(rings)

    def test_where_in_a_cycle_one_begins_counts(self) -> None:
        one, other = Point("one"), Point("other")
        one.y, other.y = other, one
        assert digest(one) != digest(other)

    def test_dictionary_in_a_cycle_has_no_order(self) -> None:
        def make(*names: str) -> dict[Any, Any]:
            made: dict[Any, Any] = {}
            for name in names:
                made[name] = [name, made]
            return made

        assert digest(make("a", "b", "c")) == digest(make("c", "a", "b"))

    def test_dense_graph_takes_no_exponential_time(self) -> None:
        points = [Point(i, []) for i in range(60)]
        for point in points:
            point.y.extend(points)
        start = time.perf_counter()
        digest(points)
        assert time.perf_counter() - start < 5


class TestWhatCannotBeHashed:
    @pytest.mark.parametrize(
        "make",
        [
            threading.Lock,
            lambda: (i for i in range(3)),
            lambda: iter([1]),
            lambda: map(str, [1]),
            lambda: sys,
            {}.keys,
            sys._getframe,
            threading.current_thread,
        ],
    )
    def test_it_is_an_error_that_is_a_type_error(self, make: Any) -> None:
        with pytest.raises(UnhashableError):
            digest(make())
        with pytest.raises(TypeError):
            hash([make()])

    def test_open_file_and_socket(self, tmp_path: Path) -> None:
        with (tmp_path / "a").open("w") as file, pytest.raises(UnhashableError):
            digest(file)

    @pytest.mark.parametrize(
        ("make", "where"),
        [
            (lambda lock: lock, "config"),
            (lambda lock: {"model": Point(lock)}, 'config["model"].x'),
            (lambda lock: [0, (1, {2: lock})], "config[1][1][2]"),
            (lambda lock: Point({"a": Slotted([lock])}), 'config.x["a"].a[0]'),
            (lambda lock: functools.partial(print, lock), "config.args[0]"),
            (lambda lock: MyList([lock]), "config[0]"),
            (lambda lock: MyDict(a=lock), 'config["a"]'),
            (lambda lock: {"a\x1b" * 100: lock}, None),
        ],
    )
    def test_error_says_where(self, make: Any, where: str | None) -> None:
        with pytest.raises(UnhashableError) as caught:
            digest(make(threading.Lock()), name="config")
        assert caught.value.type == "_thread.lock"
        if where is not None:
            assert caught.value.where == where
            assert str(caught.value).startswith(f"{where} cannot be hashed: _thread.lock")

    def test_error_says_where_beside_a_cycle(self) -> None:
        ring: list[Any] = [1]
        ring.append(ring)
        with pytest.raises(UnhashableError) as caught:
            digest({"a": [ring, {"m": threading.Lock()}]}, name="config")
        assert caught.value.where == 'config["a"][1]["m"]'

    def test_failing_reducer_is_no_digest(self) -> None:
        class Broken:
            def __reduce__(self) -> Any:
                raise ZeroDivisionError("no state")

        with pytest.raises(UnhashableError, match="no state") as caught:
            digest([Broken()])
        assert isinstance(caught.value.__cause__, ZeroDivisionError)

    def test_failing_code_of_the_value_is_no_digest(self) -> None:
        class Strange(set[int]):
            def __iter__(self) -> Any:
                raise ZeroDivisionError("not now")

        ring: list[Any] = [Strange({1})]
        for value in (Strange({1}), ring):
            with pytest.raises(UnhashableError, match="not now"):
                digest(value)
            ring.append(ring)

    def test_what_comes_before_the_bad_part_does_not_matter(self) -> None:
        """Two objects that differ behind an unhashable part never get one digest."""
        for state in (1, 2):
            with pytest.raises(UnhashableError):
                digest(Point(threading.Lock(), state))


class TestRegisteredHashers:
    class Handle:
        def __init__(self, name: str) -> None:
            self.name = name
            self.lock = threading.Lock()

    class Derived(Handle):
        pass

    def test_it_decides_what_counts_for_the_class_and_those_below(self) -> None:
        with pytest.raises(UnhashableError):
            digest(self.Handle("a"))
        register_hasher(self.Handle, lambda handle: handle.name)
        assert digest(self.Handle("a")) == digest(self.Handle("a"))
        assert digest(self.Handle("a")) != digest(self.Handle("b"))
        assert digest(self.Derived("a")) == digest(self.Derived("a"))
        assert digest(self.Derived("a")) != digest(self.Handle("a"))
        assert digest(self.Handle("a")) != digest("a")

    def test_failure_in_it_is_no_digest(self) -> None:
        class Bad:
            pass

        register_hasher(Bad, lambda bad: bad.missing)
        with pytest.raises(UnhashableError, match="missing"):
            digest({"a": Bad()})

    def test_only_classes_can_be_taught(self) -> None:
        with pytest.raises(TypeError):
            register_hasher("Bad", lambda bad: 1)  # type: ignore[arg-type]


class TestPublicHash:
    def test_hash_names_of_joblib_are_accepted(self) -> None:
        assert hash(1) == hash(1, "md5") == hash(1, hash_name="sha1")

    def test_other_hash_names_are_refused(self) -> None:
        with pytest.raises(ValueError, match="blue"):
            hash(1, hash_name="blue")

    def test_it_is_exported_at_the_top(self) -> None:
        import jobtui_core

        assert jobtui_core.hash is hash


def test_class_of_a_script_has_one_identity_run_or_imported(tmp_path: Path) -> None:
    (tmp_path / "jobtui.toml").write_text("")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "shapes.py").write_text(
        "import sys\n"
        "class Shape:\n    def __init__(self): self.a = 1\n"
        "if __name__ == '__main__':\n"
        "    from jobtui_core.hashing import digest\n"
        "    print(digest([Shape, Shape()]))\n"
    )
    (tmp_path / "other.py").write_text(
        "import sys\nsys.path.insert(0, 'sub')\nimport shapes\n"
        "from jobtui_core.hashing import digest\n"
        "print(digest([shapes.Shape, shapes.Shape()]))\n"
    )
    root = str(Path(__file__).parents[3])
    printed = {
        subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env={"PYTHONPATH": root},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for words in (["sub/shapes.py"], ["other.py"], ["-m", "sub.shapes"])
    }
    assert len(printed) == 1
