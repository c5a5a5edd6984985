"""One object on its way, as it lies in a file: its bytes, its name, and what tells damage.

The object comes first, so that a part of it is the same part of the file.  Behind it stands its
name, and a foot of fixed length.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from xxhash import xxh3_128

from jobtui_core.stores.base import Data, Part, is_name
from jobtui_core.stores.local import LocalStore

__all__ = ["Spooled", "content_of", "file_of", "look", "packed"]

_MAGIC = b"JTSPOOL1"
"""Format of the file; the last byte counts its versions."""

_FOOT = struct.Struct("<QI16s8s")
"""Size of the object, size of its name, digest of all that precedes the digest, format."""

_BEHIND = _FOOT.size + 512
"""Bytes at the end of a file that are read at once: most names are in them."""

_LONGEST_NAME = 1 << 16


class Spooled(NamedTuple):
    """What the end of a file tells."""

    name: str
    """Of the object; untrusted until it was found to belong to the file."""
    size: int
    """Bytes of the object."""


def file_of(name: str) -> str:
    """Give the file that an object lies in, whatever its name's length."""
    return blake2b(name.encode("ascii"), digest_size=16).hexdigest()


def packed(name: str, data: Data) -> tuple[list[Part], int]:
    """Give what is to be written for an object, and the object's size in bytes."""
    pieces: list[Part] = [data] if isinstance(data, Part) else list(data)
    state, size = xxh3_128(), 0
    for piece in pieces:
        view = memoryview(piece)
        state.update(view)
        size += view.nbytes
    text = name.encode("ascii")
    return [*pieces, text + _foot(state, size, text)], size


def _foot(state: xxh3_128, size: int, name: bytes) -> bytes:
    state.update(name)
    state.update(struct.pack("<QI", size, len(name)))
    return _FOOT.pack(size, len(name), state.digest(), _MAGIC)


def look(place: LocalStore, file: str) -> Spooled | None:
    """Tell which object a file holds, without reading it.

    Returns
    -------
    Spooled or None
        ``None`` if it is not there, or is no such file.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    listed = place.stat(file)
    if listed is None:
        return None
    end = place.read(file, max(0, listed.size - _BEHIND))
    told = _told(end, listed.size)
    if end is None or told is None:
        return None
    size, length = told
    if length > len(end) - _FOOT.size:
        end = place.read(file, size)
        if end is None or len(end) != length + _FOOT.size:
            return None
    text = end[-_FOOT.size - length : -_FOOT.size]
    name = text.decode("ascii", "replace")
    return Spooled(name, size) if is_name(name) and file_of(name) == file else None


def _told(end: Sequence[int] | None, total: int) -> tuple[int, int] | None:
    """Give the sizes of object and name, if they fit the file's."""
    if end is None or len(end) < _FOOT.size:
        return None
    size, length, _, magic = _FOOT.unpack(bytes(end[-_FOOT.size :]))
    fits = magic == _MAGIC and length <= _LONGEST_NAME and size + length + _FOOT.size == total
    return (size, length) if fits else None


def content_of(whole: memoryview, name: str) -> memoryview | None:
    """Give an object's bytes out of its file's; ``None`` if they are damaged or another's."""
    told = _told(whole[-_FOOT.size :], len(whole))
    text = name.encode("ascii")
    if told is None or whole[told[0] : told[0] + told[1]] != text:
        return None
    content = whole[: told[0]]
    foot = _foot(xxh3_128(content), told[0], text)
    return content if whole[-_FOOT.size :] == foot else None
