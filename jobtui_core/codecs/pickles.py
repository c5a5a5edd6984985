"""Everything else as bytes: pickle protocol 5, its large buffers as frames of their own.

Reading a pickle runs what it says.  Whoever browses must not come here; those who ask for a value
may refuse with ``allow_pickle=False``.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

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

    def __call__(self, buffer: pickle.PickleBuffer) -> bool:
        try:
            raw = buffer.raw()
        except BufferError:
            # Not contiguous: only the stream can hold it.
            return True
        if len(raw) < _APART:
            return True
        self.frames.append(raw)
        return False


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        name = name_of_script_object(obj)
        return NotImplemented if name is None else (script_object, name)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = find_in_main(module, name)
        if found is not None:
            return found
        check_import(module)
        return super().find_class(module, name)


def encode_pickle(value: Any) -> list[Frame]:
    """Give the stream and the buffers of a value.

    Raises
    ------
    Exception
        Whatever pickling it raises.
    """
    stream, buffers = io.BytesIO(), _Buffers()
    _Pickler(stream, 5, buffer_callback=buffers).dump(value)
    return [stream.getbuffer(), *buffers.frames]


def encode_cloudpickle(value: Any) -> list[Frame]:
    """Give stream and buffers of a value with functions and classes that have no importable name.

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
    return [stream.getbuffer(), *buffers.frames]


def decode_pickle(frames: list[Frame], *, private: bool) -> Any:
    """Give the value behind a stream and its buffers.

    Parameters
    ----------
    frames : list of bytes-like
    private : bool
        Whether the buffers are memory that nobody else sees, over which arrays may lie.

    Raises
    ------
    CodecError
        If it cannot be read here: a class is gone, a script is not loaded, the stream is bad.
    """
    stream, *buffers = frames
    # Arrays over immutable bytes could not be written to, unlike those that were stored.
    memory = buffers if private else [bytearray(buffer) for buffer in buffers]
    try:
        return _Unpickler(io.BytesIO(stream), buffers=memory).load()
    except Exception as error:
        # Reading runs constructors of anybody's classes.
        raise CodecError(f"a pickle cannot be read here: {text_of(error)}") from error
