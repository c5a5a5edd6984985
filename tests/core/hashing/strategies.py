"""Values of many kinds, and small changes of them."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from decimal import Decimal
from pathlib import PurePosixPath
from struct import pack
from typing import Any

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.complex_numbers(allow_nan=False)
    | st.text()
    | st.binary()
)
hashable_leaves = leaves.filter(lambda value: value == value)
objects = (
    leaves
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.fractions()
    | st.binary().map(bytearray)
    | st.builds(range, st.integers(-9, 9))
    | st.text("abc/", min_size=1).map(PurePosixPath)
)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.integers() | st.text() | st.tuples(st.integers(), st.text())
    return (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(keys, inner, max_size=5)
        | st.dictionaries(keys, inner, max_size=5).map(OrderedDict)
        | st.sets(hashable_leaves, max_size=5)
        | st.frozensets(st.tuples(hashable_leaves, hashable_leaves), max_size=5)
    )


plain = st.recursive(leaves, containers, max_leaves=20)
"""Builtin containers of leaves."""

values = st.recursive(objects, containers, max_leaves=20)
"""The same, of more kinds of objects."""

DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?"),
    hnp.complex_number_dtypes(),
    hnp.datetime64_dtypes(),
    hnp.timedelta64_dtypes(),
    hnp.byte_string_dtypes(),
    hnp.unicode_string_dtypes(),
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
"""Numpy arrays of all dtypes without objects."""


def rebuilt(value: Any) -> Any:
    """Give an equal value that shares nothing with the first and is filled in another order."""
    cls = type(value)
    if cls in (list, tuple):
        return cls([rebuilt(item) for item in value])
    if cls is OrderedDict:
        return cls([(rebuilt(key), rebuilt(item)) for key, item in value.items()])
    if cls is dict:
        return {rebuilt(key): rebuilt(item) for key, item in reversed(value.items())}
    if cls in (set, frozenset):
        return cls(reversed([rebuilt(item) for item in value]))
    if cls is str:
        return "".join([*value, "x"])[:-1]
    if cls is bytes:
        return bytes(bytearray(value))
    if cls is int:
        return int(hex(value), 16)
    if cls is Decimal:
        return Decimal(str(value))
    if cls is dt.datetime:
        return value.replace()
    return value


def changed(value: Any, where: int) -> Any:
    """Give a value that differs in one place only: the leaf that ``where`` leads to."""
    cls = type(value)
    if cls in (list, tuple) and value:
        place = where % len(value)
        items = list(value)
        items[place] = changed(items[place], where // len(value))
        return cls(items)
    if cls in (dict, OrderedDict) and value:
        place = where % len(value)
        return cls(
            (key, changed(item, where // len(value)) if i == place else item)
            for i, (key, item) in enumerate(value.items())
        )
    if cls in (set, frozenset):
        return cls({*value, "one more member"})
    return ["another value", value]


def spelled(value: Any) -> Any:
    """Give a text that two plain values share if, and only if, they are the same."""
    cls = type(value)
    if cls in (list, tuple, OrderedDict):
        items = value.items() if cls is OrderedDict else value
        return f"{cls.__name__}[{' '.join(spelled(item) for item in items)}]"
    if cls in (set, frozenset):
        return f"{cls.__name__}[{' '.join(sorted(spelled(item) for item in value))}]"
    if cls is dict:
        return f"dict[{' '.join(sorted(spelled(item) for item in value.items()))}]"
    if cls in (float, complex):
        parts = (value,) if cls is float else (value.real, value.imag)
        return f"{cls.__name__}:{' '.join(pack('<d', part).hex() for part in parts)}"
    return f"{cls.__name__}:{value!r}"
