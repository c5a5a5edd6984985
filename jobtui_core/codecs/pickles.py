"""Everything else as bytes: pickle protocol 5, its large buffers as frames of their own.

Reading a pickle runs what it says.  Whoever browses must not come here; those who ask for a value
may refuse with ``allow_pickle=False``.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from jobtui_core.codecs.memory import Mapped, Memory, lay_memmap
from jobtui_core.codecs.scripts import (
    check_import,
    find_in_main,
    name_of_script_object,
    script_object,
)
from jobtui_core.errors import CodecError, text_of

if TYPE_CHECKING:
    Frame = bytes | bytearray | memoryview

__all__ = ["decode_pickle", "encode_cloudpickle", "encode_pickle"]

_APART = 4096
"""Bytes from which a buffer becomes a frame of its own."""

_NOT_THE_SAME = (memoryview, io.TextIOWrapper)
"""What cloudpickle gives back as another type: bytes, and a ``StringIO``."""


class _Buffers:
    """Takes the large buffers out of a stream."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.widths: list[int] = []

    def __call__(self, buffer: pickle.PickleBuffer) -> bool:
        try:
            raw = buffer.raw()
        except BufferError:
            # Not contiguous: only the stream can hold it.
            return True
        if len(raw) < _APART:
            return True
        self.frames.append(raw)
        # Of the numbers in it: raw bytes tell nothing of them.
        self.widths.append(memoryview(buffer).itemsize)
        return False


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        name = name_of_script_object(obj)
        return NotImplemented if name is None else (script_object, name)


class _Unpickler(pickle.Unpickler):
    arrays: _Arrays | None = None

    def find_class(self, module: str, name: str) -> Any:
        found = find_in_main(module, name)
        if found is not None:
            return found
        check_import(module)
        if name == "_frombuffer" and self.arrays is not None and module in _NUMERIC:
            return self.arrays
        return super().find_class(module, name)


_NUMERIC = ("numpy._core.numeric", "numpy.core.numeric")


class _Arrays:
    """Stands for numpy's function that lays an array over a buffer, and gives a ``memmap``."""

    def __init__(self, mapped: Mapped, buffers: list[Frame]) -> None:
        self._mapped = mapped
        self._numbers = {id(buffer): number for number, buffer in enumerate(buffers, 1)}

    def __call__(self, buffer: Any, dtype: Any, shape: Any, order: Any, axes: Any = None) -> Any:
        import numpy as np

        place = self._mapped.offsets.get(self._numbers.get(id(buffer), -1))
        if place is None or order not in ("C", "F") or 0 in shape:
            array = np.frombuffer(buffer, dtype).reshape(shape, order="F" if order == "F" else "C")
        else:
            array = lay_memmap(self._mapped, place, dtype, shape, order)
        return array if axes is None else array.transpose(axes)


def encode_pickle(value: Any) -> tuple[list[Frame], list[int]]:
    """Give the stream and the buffers of a value, and the widths of the numbers in them.

    Raises
    ------
    Exception
        Whatever pickling it raises.
    """
    stream, buffers = io.BytesIO(), _Buffers()
    _Pickler(stream, 5, buffer_callback=buffers).dump(value)
    return [stream.getbuffer(), *buffers.frames], [0, *buffers.widths]


def encode_cloudpickle(value: Any) -> tuple[list[Frame], list[int]]:
    """Do the same for a value with functions and classes that have no importable name.

    Raises
    ------
    Exception
        Whatever pickling it raises.
    """
    # 20 ms to import, for values that are rare.
    import cloudpickle

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # untyped
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, _NOT_THE_SAME):
                raise pickle.PicklingError(f"a {type(obj).__name__} would not come back as one")
            name = name_of_script_object(obj)
            return super().reducer_override(obj) if name is None else (script_object, name)

    stream, buffers = io.BytesIO(), _Buffers()
    Pickler(stream, 5, buffer_callback=buffers).dump(value)
    return [stream.getbuffer(), *buffers.frames], [0, *buffers.widths]


def decode_pickle(frames: list[Frame], memory: Memory) -> Any:
    """Give the value behind a stream and its buffers.

    Raises
    ------
    CodecError
        If it cannot be read here: a class is gone, a script is not loaded, the stream is bad.
    """
    stream, *rest = frames
    # Arrays over immutable bytes could not be written to, unlike those that were stored.
    buffers: list[Frame] = [data if memory.owns(data) else bytearray(data) for data in rest]
    unpickler = _Unpickler(io.BytesIO(stream), buffers=buffers)
    if memory.mapped is not None:
        unpickler.arrays = _Arrays(memory.mapped, buffers)
    try:
        return unpickler.load()
    except Exception as error:
        # Reading runs constructors of anybody's classes.
        raise CodecError(f"a pickle cannot be read here: {text_of(error)}") from error
