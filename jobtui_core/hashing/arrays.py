"""Digests of numpy values: what an array holds, without a copy of it.

Nothing here imports numpy: a value of one of its types is proof that somebody else did.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jobtui_core.hashing.handed_out import known_digest
from jobtui_core.hashing.nodes import ORDERED, Attributes, Handler, Node, Options, head, indexed
from jobtui_core.hashing.plain import is_flat

if TYPE_CHECKING:
    import numpy as np

__all__ = ["describe_dtype", "handler_for"]

_CHUNK = 1 << 20
"""Bytes of a strided array that are made contiguous at a time."""

_RAW_KINDS = "biufcmMSUV"
"""Kinds of dtypes whose buffer is their content."""


def handler_for(cls: type) -> Handler | None:
    """Give the handler for a type that is, or derives from, one of numpy's."""
    numpy = sys.modules["numpy"]
    if issubclass(cls, numpy.ndarray):
        if issubclass(cls, numpy.ma.MaskedArray):
            return _masked if cls is numpy.ma.MaskedArray else None
        if cls in (numpy.ndarray, numpy.memmap):
            return _array
        own = cls.__reduce__ is not numpy.ndarray.__reduce__
        return None if own or cls.__reduce_ex__ is not numpy.ndarray.__reduce_ex__ else _subclass
    if issubclass(cls, numpy.generic):
        return _scalar if cls.__module__.partition(".")[0] == "numpy" else None
    if issubclass(cls, numpy.dtype):
        return _dtype
    return None


def describe_dtype(dtype: np.dtype[Any]) -> str:
    """Give a text that two dtypes share only if arrays of them hold the same things."""
    if dtype.names is not None:
        fields: Any = dtype.fields
        parts = []
        for name in dtype.names:
            inner, offset, *title = fields[name]
            parts.append(f"{name!r}@{offset}{title!r}={describe_dtype(inner)}")
        kind = "" if dtype.type.__name__ == "void" else dtype.type.__name__
        return f"{kind}{{{','.join(parts)}}}{dtype.itemsize}{'a' if dtype.isalignedstruct else ''}"
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return f"{describe_dtype(base)}{shape}"
    if dtype.type.__module__ != "numpy":
        # Dtypes of other libraries (ml_dtypes) share their kind and size with plain bytes.
        return f"{dtype.type.__module__}.{dtype.type.__qualname__} {dtype!r}"
    return dtype.str if dtype.kind in _RAW_KINDS + "O" else repr(dtype)


def _dtype(value: np.dtype[Any], options: Options) -> bytes:
    return options.digest(head("dtype", describe_dtype(value).encode()))


def _array(value: np.ndarray[Any, Any], options: Options) -> bytes | Node:
    kind = "ndarray"
    if options.recalls:
        known = known_digest(value)
        if known is not None:
            return known
    if options.memmaps and type(value).__name__ == "memmap":
        kind = "memmap"
    return _content(value, kind, options)


def _scalar(value: np.generic, options: Options) -> bytes | Node:
    numpy = sys.modules["numpy"]
    return _content(numpy.asarray(value), "scalar", options)


def _content(value: np.ndarray[Any, Any], kind: str, options: Options) -> bytes | Node:
    dtype = value.dtype
    flags = value.flags
    order = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
    layout: Any = value.strides if options.strides else order
    start = head(kind, f"{describe_dtype(dtype)} {value.shape} {layout}".encode())
    if dtype.names is not None and (dtype.hasobject or _has_padding(dtype)):
        # What lies between the fields is not content.
        return Node(start, ORDERED, [value[name] for name in dtype.names], _field(dtype.names))
    if dtype.hasobject or dtype.kind not in _RAW_KINDS:
        items = value.ravel().tolist()
        if is_flat(items):
            # Such as the texts in a column of a data frame.
            return Node(start, ORDERED, [items], indexed)
        return Node(start, ORDERED, items, _place(value.shape))
    state = options.state(start)
    for part in _buffers(value.T if order == "F" else value):
        state.update(part)
    return state.digest()


def _field(names: tuple[str, ...]) -> Any:
    return lambda children, index: f"[{names[index]!r}]"


def _place(shape: tuple[int, ...]) -> Any:
    def label(children: list[Any], index: int) -> str:
        place = []
        for size in reversed(shape):
            index, position = divmod(index, size)
            place.append(str(position))
        return f"[{', '.join(reversed(place))}]"

    return label


def _has_padding(dtype: np.dtype[Any]) -> bool:
    if dtype.subdtype is not None:
        return _has_padding(dtype.subdtype[0])
    if dtype.names is None:
        return dtype.char in "gG"
    known: Any = dtype.fields
    fields = [known[name] for name in dtype.names]
    end = 0
    for inner, offset, *_ in sorted(fields, key=lambda field: field[1]):
        if offset != end or _has_padding(inner):
            return True
        end = offset + inner.itemsize
    return end != dtype.itemsize


def _buffers(value: np.ndarray[Any, Any]) -> Iterator[Any]:
    """Give an array's content in C order, without a copy where it lies that way."""
    numpy = sys.modules["numpy"]
    if value.size == 0 or value.dtype.itemsize == 0:
        return
    if value.dtype.char in "gG":
        yield from _long_doubles(value)
    elif value.flags.c_contiguous:
        yield value.reshape(-1).view(numpy.uint8).data
    else:
        row = max(1, value.nbytes // len(value))
        step = max(1, _CHUNK // row)
        for begin in range(0, len(value), step):
            part = numpy.ascontiguousarray(value[begin : begin + step])
            yield part.reshape(-1).view(numpy.uint8).data


def _long_doubles(value: np.ndarray[Any, Any]) -> Iterator[Any]:
    # On x86 ten bytes of sixteen are the number; the rest is whatever lay there before.
    numpy = sys.modules["numpy"]
    size = numpy.dtype("g").itemsize
    used = 10 if numpy.finfo("g").nmant == 63 else size
    flat = numpy.ascontiguousarray(value).reshape(-1).view(numpy.uint8).reshape(-1, size)
    yield numpy.ascontiguousarray(flat[:, :used]).reshape(-1).data


def _masked(value: np.ma.MaskedArray[Any, Any], options: Options) -> Node:
    numpy = sys.modules["numpy"]
    parts = [
        value.data,
        numpy.ma.getmaskarray(value),
        value.mask is numpy.ma.nomask,
        value.fill_value,
        value.hardmask,
        Attributes(getattr(value, "_optinfo", {})),
    ]
    return Node(head("MaskedArray"), ORDERED, parts, indexed)


def _subclass(value: np.ndarray[Any, Any], options: Options) -> Node:
    numpy = sys.modules["numpy"]
    parts = [type(value), value.view(numpy.ndarray), Attributes(getattr(value, "__dict__", {}))]
    return Node(head("ndarray subclass"), ORDERED, parts, lambda children, index: "")
