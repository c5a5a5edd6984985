"""Numpy arrays and scalars as bytes: what a ``.npy`` file holds, without its text header.

The first frame is plain data (dtype, shape, order), the second the buffer as it lies in memory.
Object dtypes are left to pickle, and so is every dtype that would not come back the same.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

from jobtui_core.codecs.plain import decode_plain, encode_plain
from jobtui_core.errors import CodecError
from jobtui_core.hashing.arrays import describe_dtype

if TYPE_CHECKING:
    import numpy as np

    Frame = bytes | bytearray | memoryview

__all__ = ["decode_array", "encode_array", "number_width", "read_head"]

_KINDS = "biufcmMSUV"


def encode_array(value: Any) -> list[Frame] | None:
    """Give the two frames of an array or numpy scalar; ``None`` for everything else."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    cls = type(value)
    if cls is numpy.ndarray or cls is numpy.memmap:
        kind = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
        array = value
    elif isinstance(value, numpy.generic) and cls.__module__ == "numpy":
        kind, array = "S", numpy.asarray(value)
        if array.dtype.type is not cls:
            return None
    else:
        return None
    spec = _describe(array.dtype)
    if spec is None:
        return None
    head = encode_plain((kind, spec, tuple(array.shape)))
    assert head is not None
    return [head, _buffer(array.T if kind == "F" else array)]


def _describe(dtype: np.dtype[Any]) -> Any:
    """Give a dtype as plain data; ``None`` if it would not come back the same."""
    spec = _spec(dtype)
    if spec is None or dtype.hasobject or dtype.metadata:
        return None
    try:
        same = describe_dtype(_dtype(spec)) == describe_dtype(dtype)
    except (TypeError, ValueError):
        return None
    return spec if same else None


def _spec(dtype: np.dtype[Any]) -> Any:
    if dtype.subdtype is not None:
        base = _spec(dtype.subdtype[0])
        return None if base is None else ("sub", base, dtype.subdtype[1])
    if dtype.names is None:
        return dtype.str if dtype.kind in _KINDS else None
    known: Any = dtype.fields
    fields = [known[name] for name in dtype.names]
    formats = [_spec(field[0]) for field in fields]
    if None in formats or any(len(field) > 2 or field[0].metadata for field in fields):
        return None
    offsets = tuple(field[1] for field in fields)
    return ("struct", dtype.names, tuple(formats), offsets, dtype.itemsize, dtype.isalignedstruct)


def _dtype(spec: Any) -> np.dtype[Any]:
    import numpy as np

    if isinstance(spec, str):
        dtype = np.dtype(spec)
    elif spec[0] == "sub":
        dtype = np.dtype((_dtype(spec[1]), spec[2]))
    else:
        _, names, formats, offsets, itemsize, align = spec
        layout: Any = {
            "names": list(names),
            "formats": [_dtype(item) for item in formats],
            "offsets": list(offsets),
            "itemsize": itemsize,
        }
        dtype = np.dtype(layout, align=align)
    if dtype.hasobject:
        # Its buffer would be taken for addresses of objects.
        raise CodecError("an array of objects cannot be read from a buffer")
    return dtype


def _buffer(array: np.ndarray[Any, Any]) -> Frame:
    import numpy as np

    if array.nbytes == 0:
        return b""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def number_width(dtype: np.dtype[Any]) -> int:
    """Give the bytes of the numbers that an array's buffer consists of; 0 if it does not."""
    if dtype.kind not in "biufcmM":
        return 0
    return dtype.itemsize // 2 if dtype.kind == "c" else dtype.itemsize


def decode_array(frames: list[Frame], *, private: bool) -> Any:
    """Give the array or scalar behind two frames.

    Parameters
    ----------
    frames : list of bytes-like
    private : bool
        Whether the second frame is memory that nobody else sees, over which the array may lie.

    Raises
    ------
    CodecError
        If the frames do not fit together.
    """
    import numpy as np

    head, data = frames
    kind, dtype, shape = read_head(head, len(data))
    order: Any = "F" if kind == "F" else "C"
    if len(data) == 0:
        array = np.zeros(shape, dtype, order)
    else:
        array = np.frombuffer(data, dtype).reshape(shape, order=order)
        if not private:
            array = array.copy(order="K")
    return array[()] if kind == "S" else array


def read_head(head: Frame, size: int) -> tuple[str, np.dtype[Any], tuple[int, ...]]:
    """Give order, dtype and shape of an array whose buffer has a size.

    Raises
    ------
    CodecError
        If they do not fit together.
    """
    kind, spec, shape = decode_plain(bytes(head))
    dtype = _dtype(spec)
    if kind not in ("C", "F", "S") or not all(type(n) is int and n >= 0 for n in shape):
        raise CodecError("an array has an impossible shape")
    if math.prod(shape) * dtype.itemsize != size:
        raise CodecError("an array's buffer is not as long as its shape says")
    return kind, dtype, shape
