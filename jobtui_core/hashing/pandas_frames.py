"""Digests of pandas' frames: by columns, index and types, however their blocks lie in memory.

Nothing here imports pandas: a value of one of its types is proof that somebody did.
"""

from __future__ import annotations

import sys
from typing import Any

from jobtui_core.hashing.nodes import (
    ORDERED,
    Attributes,
    Handler,
    Node,
    Options,
    Sequence,
    head,
)

__all__ = ["handler_for"]


def handler_for(cls: type) -> Handler | None:
    """Give the handler for one of pandas' containers; subclasses go by what they pickle."""
    pandas = sys.modules["pandas"]
    if cls is pandas.DataFrame:
        return _data_frame
    if cls is pandas.Series:
        return _series
    if cls is pandas.RangeIndex:
        return _range_index
    if cls is pandas.MultiIndex:
        return _multi_index
    if issubclass(cls, pandas.Index) and cls.__module__.partition(".")[0] == "pandas":
        return _index
    if issubclass(cls, pandas.api.extensions.ExtensionArray):
        return _extension_array if cls.__module__.partition(".")[0] == "pandas" else None
    return None


def _data_frame(value: Any, options: Options) -> Node:
    columns = [value.iloc[:, place].array for place in range(value.shape[1])]
    parts = [value.columns, value.index, *columns, _extras(value)]
    return Node(head("pandas.DataFrame"), ORDERED, parts, _column_label)


def _column_label(children: list[Any], index: int) -> str:
    if index < 2:
        return (".columns", ".index")[index]
    return ".attrs" if index == len(children) - 1 else f".iloc[:, {index - 2}]"


def _series(value: Any, options: Options) -> Node:
    parts = [value.name, value.index, value.array, _extras(value)]
    return Node(head("pandas.Series"), ORDERED, parts, _series_label)


def _series_label(children: list[Any], index: int) -> str:
    return (".name", ".index", ".array", ".attrs")[index]


def _extras(value: Any) -> Attributes:
    return Attributes({"attrs": value.attrs, "flags": value.flags.allows_duplicate_labels})


def _range_index(value: Any, options: Options) -> Node:
    parts = [value.start, value.stop, value.step, value.name]
    return Node(head("pandas.RangeIndex"), ORDERED, parts, _unlabelled)


def _multi_index(value: Any, options: Options) -> Node:
    levels = [value.get_level_values(level) for level in range(value.nlevels)]
    parts = [Sequence(value.names), *levels]
    return Node(head("pandas.MultiIndex"), ORDERED, parts, _unlabelled)


def _index(value: Any, options: Options) -> Node:
    frequency = getattr(value, "freq", None)
    parts = [type(value), value.name, value.array, frequency and str(frequency)]
    return Node(head("pandas.Index"), ORDERED, parts, _unlabelled)


def _unlabelled(children: list[Any], index: int) -> str:
    return ""


def _extension_array(value: Any, options: Options) -> Node:
    pandas, numpy = sys.modules["pandas"], sys.modules["numpy"]
    dtype = value.dtype
    parts: list[Any]
    if isinstance(dtype, numpy.dtype):
        parts = [numpy.asarray(value)]
    elif isinstance(dtype, pandas.CategoricalDtype):
        parts = [value.codes, value.categories, bool(value.ordered)]
    elif isinstance(dtype, pandas.DatetimeTZDtype):
        parts = [numpy.asarray(value.view("i8"))]
    elif getattr(dtype, "numpy_dtype", None) is not None and dtype.kind in "biuf":
        # What lies under the mask is not content.
        plain = value.to_numpy(dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
        parts = [plain, numpy.asarray(value.isna())]
    else:
        parts = [value.to_numpy(object)]
    return Node(head("pandas array", repr(dtype).encode()), ORDERED, parts, _unlabelled)
