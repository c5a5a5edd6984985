"""Decorated methods of all kinds, in the class body and bound."""

from __future__ import annotations

import abc
import asyncio
import dataclasses
import enum
import functools
import inspect
import pickle
import sys
import threading
import warnings
from types import MethodType
from typing import Generic, NamedTuple, TypeVar

import pytest

from jobtui_core import Memory, NotMemorizedFunc, make
from jobtui_core import hash as hash_of
from jobtui_core.errors import CacheWarning

T = TypeVar("T")

ran: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


@pytest.fixture(params=["cache", "make"])
def decorate(request, memory):
    return memory.cache if request.param == "cache" else make


def makes_kinds(decorate):
    """Give a class with a method of every kind, one that inherits it, and one that overrides."""

    class Base:
        def __init__(self, n):
            self.n = n

        @decorate
        def plain(self, x=1):
            ran.append("plain")
            return self.n + x

        @classmethod
        @decorate
        def of_class(cls, x=1):
            ran.append("of_class")
            return cls.__name__, x

        @decorate
        @classmethod
        def over_class(cls, x=1):
            ran.append("over_class")
            return cls.__name__, x

        @staticmethod
        @decorate
        def static(x=1):
            ran.append("static")
            return x

        @decorate
        @staticmethod
        def over_static(x=1):
            ran.append("over_static")
            return x

        @property
        @decorate
        def named(self):
            ran.append("named")
            return self.n

        @decorate
        @property
        def over_named(self):
            ran.append("over_named")
            return self.n

        @functools.cached_property
        @decorate
        def once(self):
            ran.append("once")
            return self.n

        @decorate
        @functools.cached_property
        def over_once(self):
            ran.append("over_once")
            return self.n

        @abc.abstractmethod
        @decorate
        def abstract(self):
            ran.append("abstract")
            return self.n

        @decorate
        def __call__(self, x):
            ran.append("called")
            return self.n * x

    class Derived(Base):
        pass

    class Overriding(Base):
        def plain(self, x=1):
            return super().plain(x) + 100

    return Base, Derived, Overriding


USES = {
    "plain": (lambda cls: cls(3).plain(x=2), 5),
    "over_class": (lambda cls: cls.over_class(4)[1], 4),
    "of_class": (lambda cls: cls.of_class(4)[1], 4),
    "over_static": (lambda cls: cls.over_static(5), 5),
    "static": (lambda cls: cls(1).static(5), 5),
    "over_named": (lambda cls: cls(6).over_named, 6),
    "named": (lambda cls: cls(6).named, 6),
    "over_once": (lambda cls: cls(7).over_once, 7),
    "once": (lambda cls: cls(7).once, 7),
    "abstract": (lambda cls: cls(8).abstract(), 8),
    "called": (lambda cls: cls(3)(3), 9),
}


@pytest.mark.parametrize("kind", USES)
def test_a_method_is_computed_once_for_each_state_of_its_object(decorate, kind):
    base, derived, _ = makes_kinds(decorate)
    use, expected = USES[kind]
    assert [use(base), use(base)] == [expected] * 2
    assert ran == [kind]
    assert [use(derived), use(derived)] == [expected] * 2
    # The class counts where the method can see it.
    assert len(ran) == (1 if "static" in kind else 2)


def test_a_method_that_was_overridden_and_is_called_by_super(decorate):
    _, _, overriding = makes_kinds(decorate)
    assert [overriding(1).plain(), overriding(1).plain(), overriding(2).plain()] == [102, 102, 103]
    assert ran == ["plain"] * 2


def test_classes_tell_classmethods_apart(decorate):
    base, derived, _ = makes_kinds(decorate)
    assert [base.of_class(), derived.of_class(), base(1).of_class()] == [
        ("Base", 1), ("Derived", 1), ("Base", 1),
    ]  # fmt: skip
    assert len(ran) == 2


def test_abstract_methods_stay_abstract(memory):
    class Shape(abc.ABC):
        @memory.cache
        @abc.abstractmethod
        def area(self):
            return 0

        @property
        @abc.abstractmethod
        @memory.cache
        def name(self):
            return ""

    assert Shape.__abstractmethods__ == {"area", "name"}
    with pytest.raises(TypeError, match="abstract"):
        Shape()


@pytest.mark.parametrize(
    "kind", [functools.singledispatchmethod, lambda f: functools.partialmethod(f, 1)]
)
def test_what_has_no_function_of_its_own_is_refused_with_the_order_that_works(decorate, kind):
    with pytest.raises(TypeError, match="put it below"):
        decorate(kind(lambda self, x: x))
    with pytest.raises(TypeError, match="cannot be read"):
        decorate(property(None, lambda self, value: None))


def test_setters_of_a_decorated_property_stay(decorate):
    class Box:
        n = 1

        @decorate
        @property
        def size(self):
            ran.append("size")
            return self.n

        @size.setter
        def size(self, value):
            self.n = value

    box = Box()
    assert box.size == 1
    box.size = 5
    assert [box.size, box.size] == [5, 5]
    assert len(ran) == 2


@dataclasses.dataclass(slots=True)
class Slotted:
    n: int = 1

    @make
    def twice(self):
        ran.append("twice")
        return 2 * self.n


@dataclasses.dataclass(frozen=True)
class Frozen:
    n: int = 1

    @make
    def twice(self):
        ran.append("twice")
        return 2 * self.n


class Pair(NamedTuple):
    n: int

    @make
    def twice(self):
        ran.append("twice")
        return 2 * self.n


class Colour(enum.Enum):
    RED = 2

    @make
    def twice(self):
        ran.append("twice")
        return 2 * self.value


class Stack(Generic[T]):
    n = 2

    @make
    def twice(self):
        ran.append("twice")
        return 2 * self.n


@pytest.mark.parametrize(
    "make_one",
    [lambda: Slotted(2), lambda: Frozen(2), lambda: Pair(2), lambda: Colour.RED, Stack[int]],
    ids=["slots", "frozen", "named tuple", "enum", "generic"],
)
def test_instances_of_every_kind_of_class_count_by_their_state(make_one):
    assert [make_one().twice(), make_one().twice()] == [4, 4]
    assert ran == ["twice"]


def test_an_object_with_a_handle_runs_uncached_with_one_warning(decorate):
    class Client:
        def __init__(self):
            self.lock = threading.Lock()

        @decorate
        def fetch(self, x):
            ran.append("fetch")
            return x

    with pytest.warns(CacheWarning, match=r"fetch runs uncached: self\.lock") as caught:
        assert [Client().fetch(1), Client().fetch(1)] == [1, 1]
    assert len(caught) == 1
    assert len(ran) == 2


def test_an_object_that_is_ignored_may_hold_anything(memory):
    """joblib #271, #981: ``ignore=["self"]``."""

    class Client:
        def __init__(self):
            self.lock = threading.Lock()

        @memory.cache(ignore=["self"])
        def fetch(self, x):
            ran.append("fetch")
            return x

    assert [Client().fetch(1), Client().fetch(1), Client().fetch(2)] == [1, 1, 2]
    assert len(ran) == 2


def test_a_bound_method_is_cached_as_joblibs_documentation_does_it(memory):
    """joblib #14, #431: ``self.fit = memory.cache(self.fit)`` where the object is made."""

    class Model:
        def __init__(self, k):
            self.k = k
            self.fit = memory.cache(self.fit)

        def fit(self, x):
            ran.append("fit")
            return self.k * x

    assert [Model(2).fit(5), Model(2).fit(5), Model(3).fit(5)] == [10, 10, 15]
    assert len(ran) == 2


# What a bound method offers


class Shape:
    memory = Memory("memory://shapes", verbose=0)

    def __init__(self, side):
        self.side = side

    @memory.cache
    def area(self, factor=1):
        """Give the area."""
        ran.append("area")
        return factor * self.side**2


def test_a_bound_method_knows_its_object_in_all_that_it_offers():
    shape = Shape(3)
    assert not shape.area.check_call_in_cache(2)
    assert shape.area(2) == 18
    assert shape.area.check_call_in_cache(2)
    assert not Shape(4).area.check_call_in_cache(2)
    assert shape.area.call_and_shelve(factor=2).get() == 18
    assert ran == ["area"]
    result, metadata = shape.area.call(2)
    assert (result, set(metadata["input_args"])) == (18, {"self", "factor"})
    assert shape.area.ignore is None
    assert shape.area.explain(2).hit
    assert not shape.area.explain(3).hit
    assert shape.area.forget(2)
    shape.area(2)
    shape.area.clear()
    assert not shape.area.check_call_in_cache(2)


def test_a_bound_method_is_like_any_other():
    shape = Shape(3)
    assert str(inspect.signature(shape.area)) == "(factor=1)"
    assert (shape.area.__name__, shape.area.__self__) == ("area", shape)
    assert shape.area.__func__ is Shape.area
    assert shape.area == shape.area != Shape(3).area
    assert len({shape.area, shape.area}) == 1
    assert shape.area != 3
    assert "area" in repr(shape.area)
    with pytest.raises(AttributeError, match="nothing"):
        _ = shape.area.nothing


def test_a_bound_method_is_pickled_with_its_object():
    again = pickle.loads(pickle.dumps(Shape(3).area))
    assert again() == 9
    assert again.__self__.side == 3


def test_a_bound_cached_method_is_unwrapped_where_it_is_cached_again(memory):
    again = memory.cache(Shape(3).area)
    assert isinstance(again.func, MethodType)
    assert [again(2), again(2)] == [18, 18]
    assert ran == ["area"]


def test_a_bound_cached_method_is_an_argument(memory):
    @memory.cache
    def apply(method):
        ran.append("apply")
        return method()

    assert [apply(Shape(n).area) for n in (2, 3, 2)] == [4, 9, 4]
    assert ran.count("apply") == 2


def test_a_traceback_through_a_method_shows_the_users_code_alone(decorate):
    class Model:
        @decorate
        def fit(self):
            raise KeyError("mine")

    with pytest.raises(KeyError) as caught:
        Model().fit()
    assert {entry.path.name for entry in caught.traceback} == {"test_methods.py"}


def test_without_a_location_methods_are_methods():
    class Model:
        @Memory(None).cache
        def fit(self, x):
            return x

        @Memory(None).cache
        @property
        def name(self):
            return "model"

    assert isinstance(Model.fit, NotMemorizedFunc)
    assert (Model().fit(3), Model().name) == (3, "model")
    assert Model().fit.call(3) == (3, {})


def test_methods_that_are_coroutines(memory):
    class Model:
        @memory.cache
        async def fit(self, x):
            ran.append("fit")
            return x

    for _ in range(2):
        assert asyncio.run(Model().fit(3)) == 3
    assert ran == ["fit"]
    if sys.version_info >= (3, 12):
        assert inspect.iscoroutinefunction(Model.fit)
        assert inspect.iscoroutinefunction(Model().fit)
        assert inspect.iscoroutinefunction(Memory(None).cache(Model.fit.func))


def test_no_method_of_a_class_warns_that_is_stored(decorate):
    base, _, _ = makes_kinds(decorate)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for use, _ in USES.values():
            use(base)


def test_where_an_object_keeps_results_is_no_part_of_what_it_is(tmp_path, memory):
    class Model:
        def __init__(self, place):
            self.memory = Memory(place, verbose=0)

        @memory.cache
        def fit(self, x):
            ran.append("fit")
            return x

    assert [Model(tmp_path / place).fit(1) for place in ("a", "b")] == [1, 1]
    assert ran == ["fit"]


def test_what_a_function_is_does_not_depend_on_where_its_results_are_kept(tmp_path):
    """A project that was moved keeps its results, of methods cached in ``__init__`` too."""

    class Model:
        def __init__(self, place, verbose):
            self.fit = Memory(place, verbose=verbose).cache(self.fit)

        def fit(self, x):
            return x

    assert len({hash_of(Model(tmp_path / place, n)) for n, place in enumerate("ab")}) == 1
    assert hash_of(Shape.area) != hash_of(make(USES["plain"][0]))
