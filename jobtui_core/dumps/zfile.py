"""Reading the compressed files of joblib before 0.10: ``ZF``, the length in hex, a zlib stream."""

from __future__ import annotations

import zlib
from typing import IO

__all__ = ["PREFIX", "read_zfile"]

PREFIX = b"ZF"
_DIGITS = len(hex(2**64))


def read_zfile(file: IO[bytes]) -> bytes:
    """Give the content.

    Raises
    ------
    ValueError
        If it is not as long as the file says, or not such a file.
    """
    file.seek(len(PREFIX))
    length = int(file.read(_DIGITS), 16)
    # Until 0.8.4 one more space stood there.
    data = file.read().removeprefix(b" ")
    # What a file says of its length is not believed before it is seen.
    reader = zlib.decompressobj()
    found = reader.decompress(data, length + 1)
    if len(found) != length:
        raise ValueError(f"the file holds {len(found)} bytes and not {length}: it is damaged")
    return found
