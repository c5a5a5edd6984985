"""Ways to compress a dump, by name, by file extension, and by the first bytes of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import IO, Any

__all__ = [
    "COMPRESSORS",
    "CompressorWrapper",
    "called",
    "detect",
    "first_bytes",
    "register_compressor",
]


class CompressorWrapper:
    """A way to compress, for `register_compressor`.

    Parameters
    ----------
    obj : type
        A class of files, called as ``obj(file, "wb", compresslevel=3)`` and ``obj(file, "rb")``.
    prefix : bytes
        The first bytes of every such file.
    extension : str
        What the names of such files end with.
    """

    def __init__(self, obj: Any, prefix: bytes = b"", extension: str = "") -> None:
        self.fileobj_factory = obj
        self.prefix = prefix
        self.extension = extension

    def compressor_file(self, fileobj: Any, compresslevel: int | None = None) -> Any:
        """Open a file, or a name, for writing."""
        level = {} if compresslevel is None else {"compresslevel": compresslevel}
        return self.fileobj_factory(fileobj, "wb", **level)

    def decompressor_file(self, fileobj: Any) -> Any:
        """Open a file for reading."""
        return self.fileobj_factory(fileobj, "rb")


class _Lazy(CompressorWrapper):
    """One whose module is imported when it is used."""

    def __init__(
        self,
        name: str,
        prefix: bytes,
        extension: str,
        find: Callable[[], Any],
        *,
        level: str = "compresslevel",
        **options: Any,
    ) -> None:
        super().__init__(None, prefix, extension)
        self._name, self._find, self._level, self._options = name, find, level, options

    def compressor_file(self, fileobj: Any, compresslevel: int | None = None) -> Any:
        options = dict(self._options)
        if compresslevel is not None:
            options[self._level] = compresslevel
        return self._factory()(fileobj, "wb", **options)

    def decompressor_file(self, fileobj: Any) -> Any:
        return self._factory()(fileobj, "rb")

    def _factory(self) -> Any:
        try:
            return self._find()
        except ImportError as error:
            raise ValueError(
                f"{self._name} compression needs a module that is not there: {error}"
            ) from error


def _zlib() -> Any:
    from jobtui_core.dumps.zlibfile import ZlibFile

    return ZlibFile


def _gzip() -> Any:
    from jobtui_core.dumps.zlibfile import GzipFile

    return GzipFile


def _bz2() -> Any:
    import bz2

    return bz2.BZ2File


def _lzma() -> Any:
    import lzma

    return lzma.LZMAFile


def _lz4() -> Any:
    from lz4.frame import LZ4FrameFile

    return LZ4FrameFile


def _zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression.zstd import ZstdFile
    else:
        from backports.zstd import ZstdFile

    return ZstdFile


_XZ, _ALONE = 1, 2
"""``lzma.FORMAT_XZ`` and ``lzma.FORMAT_ALONE``."""

COMPRESSORS: dict[str, CompressorWrapper] = {
    "zlib": _Lazy("zlib", b"\x78", ".z", _zlib),
    "gzip": _Lazy("gzip", b"\x1f\x8b", ".gz", _gzip),
    "bz2": _Lazy("bz2", b"BZ", ".bz2", _bz2),
    "lzma": _Lazy("lzma", b"\x5d\x00", ".lzma", _lzma, level="preset", format=_ALONE),
    "xz": _Lazy("xz", b"\xfd7zXZ", ".xz", _lzma, level="preset", format=_XZ),
    "lz4": _Lazy("lz4", b"\x04\x22\x4d\x18", ".lz4", _lz4, level="compression_level"),
    "zstd": _Lazy("zstd", b"\x28\xb5\x2f\xfd", ".zst", _zstd, level="level"),
}
"""By name; the last that fits an extension is taken."""


def register_compressor(
    compressor_name: str, compressor: CompressorWrapper, force: bool = False
) -> None:
    """Teach `dump` and `load` another way to compress.

    Parameters
    ----------
    compressor_name : str
    compressor : CompressorWrapper
        Or an object with the same attributes, such as one made for joblib.
    force : bool
        Take the place of one that has this name.

    Raises
    ------
    ValueError
        If the name is no string or is taken, or the compressor is none.
    """
    if not isinstance(compressor_name, str):
        raise ValueError(f"a compressor's name is a string, not {compressor_name!r}")
    wanted = ("prefix", "extension", "compressor_file", "decompressor_file")
    if not all(hasattr(compressor, name) for name in wanted):
        raise ValueError(f"a compressor is a CompressorWrapper, not {compressor!r}")
    factory = getattr(compressor, "fileobj_factory", None)
    if factory is not None and not all(
        hasattr(factory, name) for name in ("read", "write", "seek", "tell")
    ):
        raise ValueError(
            f"fileobj_factory of a compressor must be a class of files, not {factory!r}"
        )
    if compressor_name in COMPRESSORS and not force:
        raise ValueError(f"a compressor {compressor_name!r} is registered already")
    COMPRESSORS[compressor_name] = compressor


def called(filename: str) -> str | None:
    """Give the name of the compressor that a file's extension asks for."""
    fitting = [name for name, one in COMPRESSORS.items()
               if one.extension and filename.endswith(one.extension)]  # fmt: skip
    return fitting[-1] if fitting else None


def first_bytes(file: IO[bytes]) -> bytes:
    """Look at how a file begins; one that cannot be peeked into is rewound, as joblib does."""
    longest = max(len(one.prefix) for one in COMPRESSORS.values())
    if hasattr(file, "peek"):
        return bytes(file.peek(longest)[:longest])
    file.seek(0)
    start = file.read(longest)
    file.seek(0)
    return start


def detect(start: bytes) -> str | None:
    """Tell from its first bytes how a file is compressed."""
    for name, one in COMPRESSORS.items():
        if one.prefix and start.startswith(one.prefix):
            return name
    return None
