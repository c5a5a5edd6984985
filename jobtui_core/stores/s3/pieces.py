"""What is written, in pieces that are never joined: read by the SDK as if it were a file."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from jobtui_core.errors import StoreError
from jobtui_core.stores.base import Data, Part

__all__ = ["Pieces"]

_JOINED = 1 << 20
"""Bytes up to which a copy costs less than reading piece by piece."""


class Pieces:
    """Pieces of bytes, one after the other.

    Parameters
    ----------
    data : Data

    Raises
    ------
    StoreError
        If one of them is no bytes, before any is sent.
    """

    def __init__(self, data: Data) -> None:
        pieces: Sequence[Any] = [data] if isinstance(data, Part) else list(data)
        for piece in pieces:
            if not isinstance(piece, Part):
                raise StoreError(f"a {type(piece).__name__} cannot be stored: it is no bytes")
        self._views = [view for piece in pieces if len(view := memoryview(piece).cast("B"))]
        self._starts = [0, *accumulate(map(len, self._views))]
        self.size = self._starts[-1]

    def part(self, start: int, length: int) -> bytes | io.BufferedIOBase:
        """Give a part of it as what may be sent: a new one for each attempt."""
        length = max(0, min(length, self.size - start))
        if length <= _JOINED:
            return bytes(_Reader(self, start, length).read())
        return _Reader(self, start, length)

    def views(self, start: int, length: int) -> list[memoryview]:
        """Give a part of it as pieces that share its memory."""
        found = []
        index = bisect_right(self._starts, start) - 1
        while length > 0 and index < len(self._views):
            first = start - self._starts[index]
            view = self._views[index][first : first + length]
            found.append(view)
            start, length, index = start + len(view), length - len(view), index + 1
        return found


class _Reader(io.BufferedIOBase):
    """A file that is a part of some pieces."""

    def __init__(self, pieces: Pieces, start: int, length: int) -> None:
        self._pieces = pieces
        self._start = start
        self._length = length
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        before = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._length}[whence]
        self._place = max(0, before + offset)
        return self._place

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._length - self._place)
        size = left if size is None or size < 0 else min(size, left)
        views = self._pieces.views(self._start + self._place, size)
        self._place += size
        return bytes(views[0]) if len(views) == 1 else b"".join(views)

    def __len__(self) -> int:
        # How long a request is, is asked for in this way.
        return self._length
