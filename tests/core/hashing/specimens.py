"""One value of each odd kind, beside the same with a single change.

Run as a script it prints the digest of each, for comparing processes.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import enum
import functools
import operator
import pathlib
import random
import types
import typing
import uuid
import zoneinfo
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pydantic
from scipy import sparse

from jobtui_core.hashing import digest


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Plain:
    def __init__(self, x: Any) -> None:
        self.x = x

    def double(self) -> Any:
        return 2 * self.x


class Slotted:
    __slots__ = ("a", "unset")

    def __init__(self, a: Any) -> None:
        self.a = a


class SlotsAndMore(Slotted):
    """Has a dictionary beside its slots."""


class Says:
    """Its state leaves something out."""

    def __init__(self, x: Any) -> None:
        self.x, self.handle = x, (i for i in ())

    def __getstate__(self) -> Any:
        return {"x": self.x}

    def __setstate__(self, state: Any) -> None:
        self.__init__(state["x"])  # type: ignore[misc]  # that is how it comes back


class Reduces:
    def __init__(self, x: Any) -> None:
        self.x = x

    def __reduce__(self) -> Any:
        return Reduces, (self.x,)


class NewArguments:
    def __new__(cls, x: Any, *, keyword: Any = None) -> typing.Self:
        made = super().__new__(cls)
        made.x = x  # type: ignore[attr-defined]
        return made

    def __getnewargs_ex__(self) -> Any:
        return (self.x,), {"keyword": 1}  # type: ignore[attr-defined]


class Tags(set[Any]):
    """A set with a name."""


class Pair(typing.NamedTuple):
    a: Any
    b: Any = 0


@dataclasses.dataclass
class Settings:
    rate: Any
    names: set[str] = dataclasses.field(default_factory=set)


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: Any


class Inner(pydantic.BaseModel):
    a: int
    when: dt.datetime | None = None
    _private: int = pydantic.PrivateAttr(default=3)


class Model(pydantic.BaseModel):
    inner: Inner
    tags: set[str] = set()


@pydantic.dataclasses.dataclass
class Checked:
    a: int


def ring(name: str) -> Any:
    """Give a cycle through an object, a list, a dictionary and a set's member."""
    made: dict[str, Any] = {"names": {name, "b", "c"}}
    made["holder"] = Plain([made, {"again": made}])
    return made


def deep(bottom: Any) -> Any:
    """Give 10,000 levels."""
    for _ in range(5000):
        bottom = {"a": [bottom]}
    return bottom


def objects(last: Any) -> Any:
    """Give an array of objects."""
    array = np.empty((2, 2), object)
    array[...] = [["a", None], [{"b", "c", "d"}, last]]
    return array


def masked(mask: Any) -> Any:
    """Give a masked array."""
    return np.ma.MaskedArray([1.0, 2.0], mask=mask)


def frame(last: Any) -> Any:
    """Give a frame with sets in it, whose order depends on the seed."""
    return pd.DataFrame({"a": [1, 2], "b": [{"x", "y", "z"}, last]})


def drawn(generator: Any, times: int) -> Any:
    """Give a generator after some draws."""
    for _ in range(times):
        generator.random()
    return generator


BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
SPECIMENS: dict[str, Callable[[int], Any]] = {
    "date": lambda n: dt.date(2026, 1, 1 + n),
    "time": lambda n: dt.time(1, n, tzinfo=dt.UTC),
    "datetime": lambda n: dt.datetime(2026, 1, 1, microsecond=n),
    "datetime in a zone": lambda n: dt.datetime(2026, 10, 25, 2, 30, fold=n, tzinfo=BERLIN),
    "zone": lambda n: (BERLIN, zoneinfo.ZoneInfo("UTC"))[n],
    "offset": lambda n: dt.timezone(dt.timedelta(hours=n + 1)),
    "timedelta": lambda n: dt.timedelta(microseconds=n),
    "Decimal": lambda n: (Decimal("1.1"), Decimal("1.10"))[n],
    "Fraction": lambda n: Fraction(1, 3 + n),
    "UUID": lambda n: uuid.UUID(int=n),
    "path": lambda n: pathlib.PurePosixPath(f"a/{n}"),
    "enum": lambda n: list(Colour)[n],
    "flag": lambda n: (Rights.READ, Rights.READ | Rights.WRITE)[n],
    "object": lambda n: Plain({"a", "b", n}),
    "slots": lambda n: Slotted([n]),
    "slots and attributes": lambda n: setattr(made := SlotsAndMore(1), "b", n) or made,
    "state": lambda n: Says({"a", "b", n}),
    "reduce": lambda n: Reduces(frozenset(("a", "b", n))),
    "new arguments": NewArguments,
    "named tuple": lambda n: Pair(1, n),
    "namespace": lambda n: types.SimpleNamespace(a=n, b={"x", "y"}),
    "dataclass": lambda n: Settings(0.1, {"a", "b", str(n)}),
    "frozen dataclass": lambda n: Frozen((n, {"a", "b"})),
    "pydantic model": lambda n: Model(inner=Inner(a=n), tags={"x", "y", "z"}),
    "pydantic model in a zone": lambda n: Inner(
        a=1, when=dt.datetime(2026, 1, 1 + n, tzinfo=BERLIN)
    ),
    "pydantic dataclass": Checked,
    "field that was not given": lambda n: Model(inner=Inner(a=1), **({}, {"tags": set()})[n]),
    "partial": lambda n: functools.partial(operator.add, n),
    "bound method": lambda n: Plain(n).double,
    "bound method of a builtin": lambda n: f"text {n}".upper,
    "class": lambda n: (Plain, Slotted)[n],
    "itemgetter": operator.itemgetter,
    "set of tuples": lambda n: {("a", 1), ("b", 2), (str(n), 3)},
    "set of frozensets": lambda n: {frozenset("ab"), frozenset("cd"), frozenset(str(n))},
    "set of enums": lambda n: set(list(Colour)[: n + 1]),
    "set of a class of its own": lambda n: Tags(("a", "b", n)),
    "dict with keys of many types": lambda n: {"a": 1, 2: n, (3, "x"): 4, None: 5, b"y": 6},
    "defaultdict": lambda n: collections.defaultdict(list, a={"x", "y", str(n)}),
    "Counter": lambda n: collections.Counter("abc" + "d" * n),
    "OrderedDict": lambda n: collections.OrderedDict([("a", 1), ("b", 2)][:: 1 - 2 * n]),
    "deque": lambda n: collections.deque([1], 2 + n),
    "cycle": lambda n: ring(str(n)),
    "depth": deep,
    "nan": lambda n: [float("nan"), n],
    "zero": lambda n: (0.0, -0.0)[n],
    "one": lambda n: (1, True)[n],
    "numpy scalar": lambda n: (np.float64(1), 1.0)[n],
    "numpy integer": lambda n: {"a": (np.int64(1), 1)[n]},
    "array of objects": objects,
    "masked array": lambda n: masked([True, bool(n)]),
    "structured array": lambda n: np.array([(1, 2.0, n)], "i4, f8, u1"),
    "record array": lambda n: np.rec.array([(1, "a"), (2, "b" * (n + 1))]),
    "structured array of objects": lambda n: np.array([(1, {"a", "b", n})], "i4, O"),
    "days": lambda n: np.array(["2026-01-01", "NaT"], ("M8[D]", "M8[s]")[n]),
    "random.Random": lambda n: drawn(random.Random(1), n),
    "numpy generator": lambda n: drawn(np.random.default_rng(1), n),
    "RandomState": lambda n: drawn(np.random.RandomState(1), n),
    "bit generator": np.random.PCG64,
    "other bit generator": lambda n: np.random.Generator(np.random.MT19937(n)),
    "sparse matrix": lambda n: sparse.csr_array([[0, 1], [2 + n, 0]]),
    "sparse dictionary": lambda n: sparse.dok_matrix(np.array([[0, 1], [2, n]])),
    "frame": frame,
    "categorical": lambda n: pd.Series(pd.Categorical(["a", "b"], ordered=bool(n))),
    "index": lambda n: pd.MultiIndex.from_product([["a", "b"], [1, 2 + n]]),
    "polars frame": lambda n: pl.DataFrame({"a": [1, n], "b": [["x"], []]}),
    "polars categorical": lambda n: pl.Series("a", ["x", "yz"[n]], dtype=pl.Categorical),
}
"""By name: gives the value for 0, and for 1 the same with one change."""


def digests() -> Iterator[str]:
    """Give the names with the digests."""
    for name, make in SPECIMENS.items():
        yield f"{name}: {digest(make(0))} {digest(make(1))}"


if __name__ == "__main__":
    print("\n".join(digests()))
