"""The choice of a codec: the first that gives the very same value back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from jobtui_core.codecs.arrays import decode_array, encode_array
from jobtui_core.codecs.pickles import decode_pickle, encode_cloudpickle, encode_pickle
from jobtui_core.codecs.plain import decode_plain, encode_plain
from jobtui_core.errors import CodecError, text_of

__all__ = ["CODECS", "Codec", "Encoded", "Frame", "decode", "encode"]

Frame = bytes | bytearray | memoryview

Codec = Literal["plain", "array", "pickle", "cloudpickle"]
"""How a value lies in its frames."""

CODECS: tuple[Codec, ...] = ("plain", "array", "pickle", "cloudpickle")
"""In the order in which they are tried."""

_PARTS = 20_000
"""Parts that plain data may have where pickle may be used instead, which writes them in C."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value as bytes."""

    codec: Codec
    frames: list[Frame]
    """Contiguous pieces; some may lie over the value's own memory, so it must not change."""


def encode(value: Any, *, allow_pickle: bool = True) -> Encoded:
    """Turn a value into bytes that `decode` turns into one of the same type and digest.

    Parameters
    ----------
    value : object
    allow_pickle : bool
        Whether codecs may be used whose reading runs code.

    Raises
    ------
    CodecError
        If none of them takes it.  ``type`` is the name of the value's type.
    """
    plain = encode_plain(value, _PARTS) if allow_pickle else encode_plain(value)
    if plain is not None:
        return Encoded("plain", [plain])
    array = encode_array(value)
    if array is not None:
        return Encoded("array", array)
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if not allow_pickle:
        raise CodecError(f"a {name} cannot be stored without pickle", type=name)
    # Whatever pickling raises, and it may be anything, the next codec is tried.
    with suppress(Exception):
        return Encoded("pickle", encode_pickle(value))
    try:
        return Encoded("cloudpickle", encode_cloudpickle(value))
    except Exception as error:
        raise CodecError(f"a {name} cannot be stored: {text_of(error)}", type=name) from error


def decode(
    codec: Codec, frames: Sequence[Frame], *, private: bool = False, allow_pickle: bool = True
) -> Any:
    """Turn bytes back into the value.

    Parameters
    ----------
    codec : str
    frames : sequence of bytes-like
    private : bool
        Whether the frames are memory that nobody else sees or changes.  Arrays then lie over it,
        and are as writable as it is; otherwise they are copied.
    allow_pickle : bool
        Whether reading may run code.

    Raises
    ------
    CodecError
        If the frames are not what the codec makes, or cannot be read here.
    """
    frames = list(frames)
    try:
        if codec == "plain":
            (data,) = frames
            return decode_plain(bytes(data))
        if codec == "array":
            return decode_array(frames, private=private)
    except CodecError:
        raise
    except Exception as error:
        # Frames are untrusted, and numpy says what it dislikes in many ways.
        raise CodecError(f"a value cannot be read: {error!r}") from error
    if codec not in ("pickle", "cloudpickle"):
        raise CodecError(f"nobody knows the codec {codec!r}")
    if not allow_pickle:
        raise CodecError("the value is pickled, which is not allowed here")
    return decode_pickle(frames, private=private)
