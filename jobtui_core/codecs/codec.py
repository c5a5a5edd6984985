"""The choice of a codec: the first that gives the very same value back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from jobtui_core.codecs.arrays import encode_array, number_width
from jobtui_core.codecs.frames import decode_frame, encode_frame
from jobtui_core.codecs.memory import Memory
from jobtui_core.codecs.nested import decode_nested, encode_nested
from jobtui_core.codecs.pickles import decode_pickle, encode_cloudpickle, encode_pickle
from jobtui_core.codecs.plain import decode_plain, encode_plain
from jobtui_core.errors import CodecError, text_of

__all__ = ["CODECS", "Codec", "Encoded", "Frame", "decode", "encode"]

Frame = bytes | bytearray | memoryview

Codec = Literal["plain", "array", "pickle", "cloudpickle", "nested", "frame"]
"""How a value lies in its frames."""

CODECS: tuple[Codec, ...] = ("plain", "array", "pickle", "cloudpickle", "nested", "frame")
"""By the numbers that they have in entries; new ones come last."""

_PARTS = 20_000
"""Parts that plain data may have where pickle may be used instead, which writes them in C."""

_MOST_PARTS = 10_000_000

_ANYBODYS = Memory()


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value as bytes."""

    codec: Codec
    frames: list[Frame]
    """Contiguous pieces; some may lie over the value's own memory, so it must not change."""
    widths: list[int] = field(default_factory=list)
    """Bytes of the numbers that each of them consists of, 0 where it does not; those that are not
    told do not."""


def encode(value: Any, *, allow_pickle: bool = True, known: str | None = None) -> Encoded:
    """Turn a value into bytes that `decode` turns into one of the same type and digest.

    Parameters
    ----------
    value : object
    allow_pickle : bool
        Whether codecs may be used whose reading runs code.
    known : str, optional
        The value's digest, where that is known.

    Raises
    ------
    CodecError
        If none of them takes it.  ``type`` is the name of the value's type.
    """
    parts = _PARTS if allow_pickle else _MOST_PARTS
    plain = encode_plain(value, parts)
    if plain is not None:
        return Encoded("plain", [plain])
    array = encode_array(value)
    if array is not None:
        return Encoded("array", array, [0, number_width(value.dtype)])
    nested = encode_nested(value, parts)
    if nested is not None:
        return Encoded("nested", *nested)
    frame = encode_frame(value, known)
    if frame is not None:
        return Encoded("frame", frame)
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if not allow_pickle:
        raise CodecError(f"a {name} cannot be stored without pickle", type=name)
    # Whatever pickling raises, and it may be anything, the next codec is tried.
    with suppress(Exception):
        return Encoded("pickle", *encode_pickle(value))
    try:
        return Encoded("cloudpickle", *encode_cloudpickle(value))
    except Exception as error:
        raise CodecError(f"a {name} cannot be stored: {text_of(error)}", type=name) from error


def decode(
    codec: Codec,
    frames: Sequence[Frame],
    memory: Memory = _ANYBODYS,
    *,
    allow_pickle: bool = True,
) -> Any:
    """Turn bytes back into the value.

    Parameters
    ----------
    codec : str
    frames : sequence of bytes-like
    memory : Memory
        What they lie in.
    allow_pickle : bool
        Whether reading may run code.

    Raises
    ------
    CodecError
        If the frames are not what the codec makes, or cannot be read here.
    """
    frames = list(frames)
    if codec in ("pickle", "cloudpickle"):
        if not allow_pickle:
            raise CodecError("the value is pickled, which is not allowed here")
        return decode_pickle(frames, memory)
    try:
        if codec == "plain":
            (data,) = frames
            return decode_plain(bytes(data))
        if codec == "array":
            head, body = frames
            return memory.array(head, body, 1)
        if codec == "nested":
            return decode_nested(frames, memory)
        if codec == "frame":
            return decode_frame(frames)
    except CodecError:
        raise
    except Exception as error:
        # Frames are untrusted, and numpy says what it dislikes in many ways.
        raise CodecError(f"a value cannot be read: {error!r}") from error
    raise CodecError(f"nobody knows the codec {codec!r}")
