"""zlib and gzip streams as files, with a level of compression that suits large arrays."""

from __future__ import annotations

import io
import zlib
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

__all__ = ["GzipFile", "ZlibFile"]

_CHUNK = 1 << 18
"""Compressed bytes that are read at a time."""


class ZlibFile(io.RawIOBase):
    """A zlib stream in a file that is read, or written, once from its beginning.

    Parameters
    ----------
    file : str or binary file
        A file that was given open is left open.
    mode : {"rb", "wb"}
    compresslevel : int
        1 (fast) to 9 (small).

    Raises
    ------
    ValueError
        For another level.
    """

    _window = zlib.MAX_WBITS

    def __init__(self, file: str | IO[bytes], mode: str = "rb", compresslevel: int = 3) -> None:
        if type(compresslevel) is not int or not 1 <= compresslevel <= 9:
            raise ValueError(f"a level of compression is 1 to 9, not {compresslevel!r}")
        self._owns = isinstance(file, str)
        self._file: Any = open(file, mode) if isinstance(file, str) else file  # noqa: SIM115, PTH123
        self._position = 0
        self._writer: Any = None
        if mode == "wb":
            self._writer = zlib.compressobj(compresslevel, zlib.DEFLATED, self._window)
        else:
            self._reader = zlib.decompressobj(self._window)
            self._compressed = b""

    def readable(self) -> bool:
        """Tell whether it was opened for reading."""
        return self._writer is None

    def writable(self) -> bool:
        """Tell whether it was opened for writing."""
        return self._writer is not None

    def tell(self) -> int:
        """Give the position in the uncompressed stream."""
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Uncompress the next bytes."""
        view = memoryview(buffer).cast("B")
        data = b""
        while not data and len(view):
            if self._reader.eof:
                # gzip files may be several streams, one after the other.
                self._compressed = self._reader.unused_data or self._file.read(_CHUNK)
                if not self._compressed:
                    break
                self._reader = zlib.decompressobj(self._window)
            elif not self._compressed:
                self._compressed = self._file.read(_CHUNK)
                if not self._compressed:
                    raise EOFError("a compressed file ends before its end-of-stream marker")
            data = self._reader.decompress(self._compressed, len(view))
            self._compressed = self._reader.unconsumed_tail
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def write(self, data: ReadableBuffer, /) -> int:
        """Compress more bytes."""
        size = memoryview(data).nbytes
        self._file.write(self._writer.compress(data))
        self._position += size
        return size

    def close(self) -> None:
        """Write what is left, and close the file if it was opened here."""
        if self.closed:
            return
        try:
            if self._writer is not None:
                self._file.write(self._writer.flush())
        finally:
            if self._owns:
                self._file.close()
            super().close()


class GzipFile(ZlibFile):
    """The same for gzip."""

    _window = zlib.MAX_WBITS | 16
