"""The binary part of an entry: where its pieces lie and how they are checked.

See ``FORMAT.md`` for the bytes.  Everything here is untrusted until its checksum is right, and
stays within bounds even then, since whoever writes a file can write its checksums too.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from xxhash import xxh3_64_intdigest, xxh3_128_digest

from jobtui_core.codecs import CODECS, Codec, Frame
from jobtui_core.errors import EntryCorruptError, EntryVersionError

__all__ = [
    "FIRST_READ",
    "MAGIC",
    "VERSION",
    "FrameInfo",
    "Layout",
    "build",
    "check_frame",
    "check_header",
    "needed",
    "parse",
]

MAGIC = b"\x89JOBTUI\n"
"""First bytes of every entry: not text, and broken by whoever changes line ends."""

VERSION = 1
"""Version of the format; raised by changes that an older reader must not misread."""

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
_TABLE = _prologue.size + _CHECKSUM
# codec, flags, reserved, offset, length, checksum
_frame = Struct("<BB6xQQ16s")


class FrameInfo(NamedTuple):
    """Where a frame lies and what it must be."""

    offset: int
    length: int
    checksum: bytes


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


def build(
    *,
    key: str,
    result: str,
    started: float,
    duration: float,
    codec: Codec,
    frames: Sequence[Frame],
    compact: bytes,
    header: bytes,
) -> list[Frame]:
    """Give the pieces of an entry, in order, without joining them."""
    position = _TABLE + _frame.size * len(frames) + len(compact) + len(header)
    table, body = [], []
    for frame in frames:
        padding = -position % _ALIGNMENT
        offset = position + padding
        position = offset + len(frame)
        table.append(_frame.pack(CODECS.index(codec), 0, offset, len(frame), _sum(frame)))
        body += [bytes(padding), frame]
    start = _prologue.pack(
        MAGIC,
        VERSION,
        0,
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
    return [start, _sum(start + rest), rest, header, *body]


def _sum(data: Frame) -> bytes:
    return xxh3_128_digest(data)


def needed(data: Frame, *, header: bool = False) -> int:
    """Give how many bytes from the start `parse` must see of the entry that ``data`` begins.

    With ``header``, those of the JSON header are counted too.

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
    return int(_TABLE + _frame.size * count + compact + (text if header else 0))


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
    (_, _, _, _, count, _, header_size, key, result, started, duration, size, check) = (
        _prologue.unpack_from(data)
    )
    end = compact_end + header_size
    if len(data) < compact_end:
        raise EntryCorruptError("it ends too early")
    rest = bytes(data[_TABLE:compact_end])
    if _sum(bytes(data[: _prologue.size]) + rest) != data[_prologue.size : _TABLE]:
        raise EntryCorruptError("the checksum of its first part is wrong")
    frames = []
    number = None
    for place in range(0, _frame.size * count, _frame.size):
        kind, _, offset, length, checksum = _frame.unpack_from(rest, place)
        if offset < end or offset + length > size:
            raise EntryCorruptError("its frames lie outside of it")
        if number not in (None, kind):
            raise EntryCorruptError("its frames are of different forms")
        number = kind
        frames.append(FrameInfo(offset, length, checksum))
    if number is None or number >= len(CODECS):
        raise EntryCorruptError("its value is in a form that nobody knows")
    return Layout(
        key=key.hex(),
        result=result.hex(),
        started=started,
        duration=duration,
        size=size,
        codec=CODECS[number],
        frames=tuple(frames),
        compact=rest[_frame.size * count :],
        header=(compact_end, header_size),
        header_checksum=check,
    )


def check_frame(frame: FrameInfo, data: Frame) -> None:
    """Compare a frame's bytes with its checksum.

    Raises
    ------
    EntryCorruptError
        If they are not what was written.
    """
    if _sum(data) != frame.checksum:
        raise EntryCorruptError("the checksum of its value is wrong")


def check_header(layout: Layout, data: bytes) -> None:
    """Compare the JSON header's bytes with their checksum.

    Raises
    ------
    EntryCorruptError
        If they are not what was written.
    """
    if xxh3_64_intdigest(data) != layout.header_checksum:
        raise EntryCorruptError("the checksum of its header is wrong")
