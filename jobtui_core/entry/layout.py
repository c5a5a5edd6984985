"""The binary part of an entry: where its pieces lie and how they are checked.

See ``FORMAT.md`` for the bytes.  Everything here is untrusted until its checksum is right, and
stays within bounds even then, since whoever writes a file can write its checksums too.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from xxhash import xxh3_64_intdigest, xxh3_128_digest

from jobtui_core.codecs import CODECS, Codec, Frame, unpack
from jobtui_core.entry.signature import SIGNATURE, sign
from jobtui_core.errors import EntryCorruptError, EntryVersionError
from jobtui_core.stores import SigningKey

__all__ = [
    "FIRST_READ",
    "LARGEST_BEGINNING",
    "LARGEST_HEADER",
    "MAGIC",
    "VERSION",
    "FrameInfo",
    "Layout",
    "Packed",
    "Simple",
    "build",
    "check_frame",
    "check_header",
    "needed",
    "open_frame",
    "parse",
    "parse_simple",
]

MAGIC = b"\x89JOBTUI\n"
"""First bytes of every entry: not text, and broken by whoever changes line ends."""

VERSION = 2
"""Version of the format; raised by changes that an older reader must not misread.

An entry that needs nothing of version 2 (packed frames, newer codecs, a signature) is written as
version 1, which released readers read.
"""

LARGEST_HEADER = 64 << 20
"""Bytes of a JSON header that are read; what is written stays far below."""

LARGEST_BEGINNING = 256 << 20
"""Bytes before the value that are read: a table of six million frames, or the names of a million
files.  A file that takes no room on the disk can claim terabytes, and have them."""

_SIGNED = 1
"""Flag of an entry that is signed."""

_PACKED = 1
"""Flag of a frame that is packed; the other bits are the width by which it is sorted."""

_CODECS_OF_1 = 4
"""Codecs that version 1 knows."""

FIRST_READ = 1 << 14
"""Bytes of the first read: most entries are smaller, so one read has them whole."""

_ALIGNMENT = 64
"""Frames begin at multiples of it, as vector instructions and cache lines like them."""

# magic, version, flags, reserved, frames, size of compact section, size of header,
# key, result, started, duration, size of the file, checksum of the header
_prologue = Struct("<8sBBHIII16s16sddQQ")
_SIZES = 12
_sizes = Struct("<III").unpack_from
_CHECKSUM = 16
_PROLOGUE = _prologue.size
_read_prologue = _prologue.unpack_from
_TABLE = _PROLOGUE + _CHECKSUM
# codec, flags, size when unpacked, offset, length, checksum
_frame = Struct("<BB6sQQ16s")
_SIMPLE = _TABLE + _frame.size
"""Where the JSON header of an entry with one frame begins, if it speaks of nothing else."""

_read_simple = Struct(f"{_prologue.format}{_CHECKSUM}s{_frame.format[1:]}").unpack_from


class FrameInfo(NamedTuple):
    """Where a frame lies and what it must be."""

    offset: int
    length: int
    checksum: bytes
    flags: int = 0
    size: int = 0
    """Bytes when it is unpacked, if it is packed."""


class Packed(NamedTuple):
    """A frame made smaller, on its way into an entry."""

    data: bytes
    size: int
    """Bytes that it had before."""
    width: int
    """Bytes of the numbers by which it is sorted, or 0."""


class Layout(NamedTuple):
    """What the binary part of an entry says."""

    key: str
    result: str
    started: float
    duration: float
    size: int
    """Bytes of the whole entry."""
    codec: Codec
    frames: tuple[FrameInfo, ...]
    compact: bytes
    """Plain data about inputs, files met, outputs and inner calls; empty where there are none."""
    header: tuple[int, int]
    """Offset and length of the JSON header."""
    header_checksum: int
    signature: int
    """Offset of the signature; 0 in an entry without one."""


Simple = tuple[str, str, float, float, int, bytes, int, bytes]
"""Key, digest of the result, start, duration, size, JSON header, its checksum, and the frame."""


def build(
    *,
    key: str,
    result: str,
    started: float,
    duration: float,
    codec: Codec,
    frames: Sequence[Frame | Packed],
    compact: bytes,
    header: bytes,
    key_of_signature: SigningKey | None = None,
) -> list[Frame]:
    """Give the pieces of an entry, in order, without joining them."""
    number = CODECS.index(codec)
    signed = key_of_signature is not None
    packed = any(isinstance(frame, Packed) for frame in frames)
    version = 2 if signed or packed or number >= _CODECS_OF_1 else 1
    position = _TABLE + _frame.size * len(frames) + len(compact) + len(header)
    position += SIGNATURE if signed else 0
    table: list[bytes] = []
    body: list[Frame] = []
    for frame in frames:
        flags, size = 0, 0
        if isinstance(frame, Packed):
            flags, size = _PACKED | frame.width << 1, frame.size
        data = frame.data if isinstance(frame, Packed) else frame
        padding = -position % _ALIGNMENT
        offset = position + padding
        position = offset + len(data)
        unpacked = size.to_bytes(6, "little")
        table.append(_frame.pack(number, flags, unpacked, offset, len(data), _sum(data)))
        body += [bytes(padding), data]
    start = _prologue.pack(
        MAGIC,
        version,
        _SIGNED if signed else 0,
        0,
        len(frames),
        len(compact),
        len(header),
        bytes.fromhex(key),
        bytes.fromhex(result),
        started,
        duration,
        position,
        xxh3_64_intdigest(header),
    )
    rest = b"".join(table) + compact
    head: list[Frame] = [start, _sum(start + rest), rest, header]
    if key_of_signature is not None:
        head.append(sign(key_of_signature, head, body))
    return [*head, *body]


def _sum(data: Frame) -> bytes:
    return xxh3_128_digest(data)


def needed(data: Frame, *, header: bool = False) -> int:
    """Give how many bytes from the start `parse` must see of the entry that ``data`` begins.

    With ``header``, those of the JSON header and of a signature are counted too.

    Raises
    ------
    EntryCorruptError
        If it does not begin like an entry.
    EntryVersionError
        If a newer version of the format wrote it.
    """
    if len(data) < _TABLE or data[:8] != MAGIC:
        raise EntryCorruptError("it does not begin like an entry")
    version = data[8]
    if version > VERSION:
        raise EntryVersionError(f"it has format {version}; this version reads up to {VERSION}")
    if version < 1:
        raise EntryCorruptError("it has no version")
    count, compact, text = _sizes(data, _SIZES)
    end = _TABLE + _frame.size * count + compact
    if header:
        end += text + (SIGNATURE if data[9] & _SIGNED else 0)
    return int(end)


def parse(data: Frame) -> Layout:
    """Read the binary part of an entry from its first `needed` bytes, or more.

    Raises
    ------
    EntryCorruptError
        If checksum or structure are wrong.
    EntryVersionError
        If a newer version of the format wrote it.
    """
    compact_end = needed(data)
    (_, version, flags, _, count, _, header_size, key, result, started, duration, size, check) = (
        _read_prologue(data)
    )
    end = compact_end + header_size
    if len(data) < compact_end:
        raise EntryCorruptError("it ends too early")
    first = bytes(data[:compact_end])
    rest = first[_TABLE:]
    if xxh3_128_digest(first[:_PROLOGUE] + rest) != first[_PROLOGUE:_TABLE]:
        raise EntryCorruptError("the checksum of its first part is wrong")
    signature = 0
    if flags:
        if version < 2 or flags != _SIGNED:
            raise EntryCorruptError("it is marked in a way that nobody knows")
        signature, end = end, end + SIGNATURE
    number, frames = _frames(rest, count, version, end, size)
    # By place, since names take as long again, on every hit.
    return Layout(
        key.hex(),
        result.hex(),
        started,
        duration,
        size,
        CODECS[number],
        tuple(frames),
        rest[_frame.size * count :],
        (compact_end, header_size),
        check,
        signature,
    )


def parse_simple(data: bytes) -> Simple | None:
    """Read an entry of one small frame of plain data, about which there is nothing to check.

    Most hits are such: it takes a third as long as `parse`, which is there for all others, and
    for saying what is wrong.

    Returns
    -------
    Simple or None
        ``None`` for any other entry, and for what is damaged or no entry at all.
    """
    size = len(data)
    if size < _SIMPLE:
        return None
    # All at once, and no tuple with names: that would take as long again.
    (
        magic, version, marked, _, count, compact, header, key, result, started, duration, whole,
        header_checksum, checksum, codec, flags, _, offset, length, sum_of_part,
    ) = _read_simple(data)  # fmt: skip
    if (
        magic != MAGIC
        or not 1 <= version <= VERSION
        or marked
        or count != 1
        or compact
        or whole != size
        or codec
        or flags
        or offset < _SIMPLE + header
        or offset + length > size
        or xxh3_128_digest(data[:_PROLOGUE] + data[_TABLE:_SIMPLE]) != checksum
    ):
        return None
    part = data[offset : offset + length]
    if xxh3_128_digest(part) != sum_of_part:
        return None
    text = data[_SIMPLE : _SIMPLE + header]
    return key.hex(), result.hex(), started, duration, size, text, header_checksum, part


def _frames(
    table: bytes, count: int, version: int, end: int, size: int
) -> tuple[int, list[FrameInfo]]:
    """Read the frame table; give the number of the codec, and where the frames lie."""
    frames = []
    number = None
    for place in range(0, _frame.size * count, _frame.size):
        kind, flags, unpacked, offset, length, checksum = _frame.unpack_from(table, place)
        # In order and apart: overlapping ones would let a small file stand for a huge value.
        if offset < end or offset + length > size:
            raise EntryCorruptError("its frames lie outside of it, or over each other")
        if number not in (None, kind):
            raise EntryCorruptError("its frames are of different forms")
        end = offset + length
        number = kind
        if flags:
            if version < 2 or not flags & _PACKED:
                raise EntryCorruptError("its frames are marked in a way that nobody knows")
            inside = int.from_bytes(unpacked, "little")
            frames.append(FrameInfo(offset, length, checksum, flags, inside))
        else:
            frames.append(FrameInfo(offset, length, checksum))
    known = _CODECS_OF_1 if version == 1 else len(CODECS)
    if number is None or number >= known:
        raise EntryCorruptError("its value is in a form that nobody knows")
    return number, frames


def check_frame(frame: FrameInfo, data: Frame) -> None:
    """Compare a frame's bytes with its checksum.

    Raises
    ------
    EntryCorruptError
        If they are not what was written.
    """
    if _sum(data) != frame.checksum:
        raise EntryCorruptError("the checksum of its value is wrong")


def open_frame(frame: FrameInfo, data: memoryview) -> Frame:
    """Give a frame as its codec made it: unpacked, if it is packed.

    Raises
    ------
    CodecError
        If it cannot be unpacked, or not into as much as the table says.
    """
    return unpack(data, frame.size, frame.flags >> 1) if frame.flags else data


def check_header(data: bytes, checksum: int) -> None:
    """Compare the JSON header's bytes with their checksum.

    Raises
    ------
    EntryCorruptError
        If they are not what was written.
    """
    if xxh3_64_intdigest(data) != checksum:
        raise EntryCorruptError("the checksum of its header is wrong")
