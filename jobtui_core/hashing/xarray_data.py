"""Digests of xarray's containers: what is in them, whatever was asked of them before.

They keep indexes and the like as they are used, which their pickles hold too.
"""

from __future__ import annotations

import sys
from typing import Any

from jobtui_core.hashing.nodes import ORDERED, Handler, Node, Options, Pairs, head

__all__ = ["handler_for"]

_BOOKKEEPING = frozenset({"source", "original_shape"})
"""What an encoding says of the file that was read, and not of one that is to be written."""


def handler_for(cls: type) -> Handler | None:
    """Give the handler for one of xarray's containers."""
    xarray = sys.modules["xarray"]
    found: dict[Any, Handler] = {
        xarray.DataArray: _data_array,
        xarray.Dataset: _dataset,
        xarray.Variable: _variable,
        xarray.IndexVariable: _variable,
        getattr(xarray, "DataTree", None): _data_tree,
    }
    return found.get(cls)


def _variable(value: Any, options: Options) -> Node:
    parts = [type(value), value.dims, value.data, value.attrs, _encoding(value)]
    return Node(head("xarray variable"), ORDERED, parts, _plain_label)


def _data_array(value: Any, options: Options) -> Node:
    coordinates = Pairs([(name, one.variable) for name, one in value.coords.items()])
    parts = [type(value), value.name, value.variable, coordinates, _indexes(value)]
    return Node(head("xarray.DataArray"), ORDERED, parts, _plain_label)


def _dataset(value: Any, options: Options) -> Node:
    parts = [
        type(value),
        Pairs(list(value.variables.items())),
        sorted(map(repr, value.coords)),
        value.attrs,
        _encoding(value),
        _indexes(value),
    ]
    return Node(head("xarray.Dataset"), ORDERED, parts, _plain_label)


def _data_tree(value: Any, options: Options) -> Node:
    parts = [type(value), value.name, value.to_dataset(inherit=False), dict(value.children)]
    return Node(head("xarray.DataTree"), ORDERED, parts, _plain_label)


def _encoding(value: Any) -> dict[Any, Any]:
    return {name: fact for name, fact in value.encoding.items() if name not in _BOOKKEEPING}


def _indexes(value: Any) -> Pairs:
    """Tell what is indexed; what pandas' own indexes hold are the coordinates themselves."""
    return Pairs([(name, _index(index)) for name, index in value.xindexes.items()])


def _index(index: Any) -> Any:
    known = type(index).__name__ in ("PandasIndex", "PandasMultiIndex")
    return type(index) if known and type(index).__module__.startswith("xarray.") else index


def _plain_label(children: list[Any], index: int) -> str:
    return ""
