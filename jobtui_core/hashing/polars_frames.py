"""Digests of polars' frames and series: by name, type and content, however they are chunked.

Nothing here imports polars: a value of one of its types is proof that somebody did.
"""

from __future__ import annotations

import sys
from typing import Any

from jobtui_core.hashing.nodes import ORDERED, Handler, Node, Options, head

__all__ = ["handler_for"]

_AS_NUMPY = (
    "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64",
)  # fmt: skip
_AS_OBJECTS = (
    "Boolean", "Binary", "Null", "Object", "Decimal", "Categorical", "Enum",
    "Int128", "UInt128",
)  # fmt: skip
"""Types whose values Python's own hold without loss; instants, say, it has in microseconds only."""


def handler_for(cls: type) -> Handler | None:
    """Give the handler for one of polars' containers."""
    polars = sys.modules["polars"]
    if cls is polars.DataFrame:
        return _frame
    return _series if cls is polars.Series else None


def _frame(value: Any, options: Options) -> Node:
    parts = [value.shape, *value.get_columns()]
    return Node(head("polars.DataFrame"), ORDERED, parts, _column_label)


def _column_label(children: list[Any], index: int) -> str:
    return f"[{children[index].name!r}]" if index else ""


def _series(value: Any, options: Options) -> Node:
    start = head("polars.Series", f"{value.name!r} {value.dtype!r} {len(value)}".encode())
    return Node(start, ORDERED, _parts(value), lambda children, index: "")


def _parts(value: Any) -> list[Any]:
    dtype = value.dtype
    kind = type(dtype).__name__
    if kind in _AS_NUMPY:
        return [value.fill_null(0).to_numpy(), value.is_null().to_numpy()]
    if kind == "String":
        texts = value.fill_null("")
        return [
            texts.str.len_chars().to_numpy(),
            value.is_null().to_numpy(),
            texts.str.join("").item(),
        ]
    if kind in _AS_OBJECTS:
        return [value.to_list()]
    if dtype.is_temporal():
        return [value.to_physical().fill_null(0).to_numpy(), value.is_null().to_numpy()]
    if kind == "Struct":
        return [value.is_null().to_numpy(), *value.struct.unnest().get_columns()]
    if kind == "Array":
        return [value.arr.to_list()]
    if kind == "List":
        lengths = value.list.len()
        # Explode makes a null of an empty list, as of a list that is null itself.
        return [lengths, value.filter((lengths > 0).fill_null(value=False)).explode()]
    # A type of later versions: what polars itself pickles.
    return [value.rechunk().__getstate__()]
