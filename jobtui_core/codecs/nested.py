"""Containers with arrays and frames in them: plain data, and each such part in frames of its own.

So a dict of arrays needs no pickle, and its arrays are mapped like one that stands alone.  A part
that occurs twice is one part again when it is read.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any

from jobtui_core.codecs.arrays import decode_array, encode_array, number_width
from jobtui_core.codecs.frames import decode_frame, encode_frame
from jobtui_core.codecs.memory import Memory
from jobtui_core.codecs.plain import decode_plain, encode_plain
from jobtui_core.errors import CodecError
from jobtui_core.hashing import digest, remember_digest

if TYPE_CHECKING:
    Frame = bytes | bytearray | memoryview

__all__ = ["decode_nested", "encode_nested"]

_CONTAINERS = (list, tuple, dict)

_KNOWN = 1 << 18
"""Bytes from which an array's digest is noted, since hashing it again would be felt."""

_AGAIN, _SCALAR, _ARRAY, _FRAME = range(4)
# kind, number of the part that it is
_again = Struct("<BI")
# kind, length of the first part; both parts follow
_scalar = Struct("<BI")
# kind, number of the frame, digest or zeros; what describes it follows
_apart = Struct("<BI16s")


class _Parts:
    """Takes arrays and frames out of containers."""

    def __init__(self) -> None:
        self.frames: list[Frame] = [b""]
        self.widths = [0]
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []

    def __call__(self, value: Any) -> bytes | None:
        known = self._seen.get(id(value))
        if known is not None:
            return _again.pack(_AGAIN, known)
        data = self._data(value)
        if data is not None:
            self._seen[id(value)] = len(self._seen)
            # Its id must not be given away meanwhile.
            self._kept.append(value)
        return data

    def _data(self, value: Any) -> bytes | None:
        array = encode_array(value)
        if array is not None:
            head, data = array
            if not hasattr(value, "__setitem__"):
                return _scalar.pack(_SCALAR, len(head)) + bytes(head) + bytes(data)
            note = bytes.fromhex(digest(value)) if len(data) >= _KNOWN else bytes(16)
            return self._apart(_ARRAY, head, data, number_width(value.dtype), note)
        frame = encode_frame(value)
        if frame is None:
            return None
        head, data = frame
        return self._apart(_FRAME, head, data, 0, bytes(16))

    def _apart(self, kind: int, head: Frame, data: Frame, width: int, note: bytes) -> bytes:
        number = len(self.frames)
        self.frames.append(data)
        self.widths.append(width)
        return _apart.pack(kind, number, note) + bytes(head)


def encode_nested(value: Any, budget: int) -> tuple[list[Frame], list[int]] | None:
    """Give the frames of a container with arrays or frames in it, and the widths of their numbers.

    ``None`` for everything else.
    """
    if type(value) not in _CONTAINERS:
        return None
    parts = _Parts()
    data = encode_plain(value, budget, parts)
    if data is None:
        return None
    parts.frames[0] = data
    return parts.frames, parts.widths


def decode_nested(frames: list[Frame], memory: Memory) -> Any:
    """Give the container behind some frames.

    Raises
    ------
    CodecError
        If they are none that `encode_nested` makes.
    """
    made: list[Any] = []

    def part(data: bytes) -> Any:
        if data[0] == _AGAIN:
            return made[_again.unpack(data)[1]]
        made.append(_part(data, frames, memory))
        return made[-1]

    return decode_plain(bytes(frames[0]), part)


def _part(data: bytes, frames: list[Frame], memory: Memory) -> Any:
    if data[0] == _SCALAR:
        _, size = _scalar.unpack_from(data)
        end = _scalar.size + size
        return decode_array([data[_scalar.size : end], data[end:]], private=False)
    kind, number, note = _apart.unpack_from(data)
    head = data[_apart.size :]
    # The first frame holds the container itself.
    if not 0 < number < len(frames):
        raise CodecError("a container has a part that is not there")
    if kind == _FRAME:
        return decode_frame([head, frames[number]])
    if kind != _ARRAY:
        raise CodecError("a container has a part that nobody knows")
    array = memory.array(head, frames[number], number)
    if memory.fixed and any(note):
        remember_digest(array, note)
    return array
