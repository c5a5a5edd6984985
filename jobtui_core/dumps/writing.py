"""``dump``: any object into one file."""

from __future__ import annotations

import io
import os
import pickle
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any

from jobtui_core.dumps.arrays import ArrayInFile
from jobtui_core.dumps.compressors import COMPRESSORS, called
from jobtui_core.leftovers import passing_path, sweep_now_and_then

__all__ = ["dump"]

_BUFFER = 1 << 20

# Writing raw bytes into a pickle as it goes is beyond the pickler in C.
_Pickler: Any = pickle._Pickler


class _ArrayPickler(_Pickler):  # type: ignore[misc]  # untyped
    """Lays the bytes of arrays right into the stream, where `load` can map them."""

    dispatch = _Pickler.dispatch.copy()

    def __init__(self, file: Any, protocol: int | None, *, mappable: bool) -> None:
        super().__init__(file, pickle.DEFAULT_PROTOCOL if protocol is None else protocol)
        self._file = file
        self._mappable = mappable
        numpy = sys.modules.get("numpy")
        self._kinds = () if numpy is None else (numpy.ndarray, numpy.matrix, numpy.memmap)

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if type(obj) not in self._kinds:
            super().save(obj, save_persistent_id)
            return
        numpy = sys.modules["numpy"]
        array = numpy.asarray(obj) if type(obj) is numpy.memmap else obj
        wrapper = ArrayInFile.of(array, self._file, mappable=self._mappable)
        super().save(wrapper)
        if self.proto >= 4:
            # The array's bytes must not overtake what the pickler still holds back.
            self.framer.commit_frame(force=True)
        wrapper.write(array, self._file)

    def save_type(self, obj: type) -> Any:
        if obj is not ArrayInFile:
            return super().save_type(obj)
        # Under joblib's name, so that joblib reads the file.
        names = ("joblib.numpy_pickle", "NumpyArrayWrapper")
        if self.proto >= 4:
            for name in names:
                self.save(name)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + "{}\n{}\n".format(*names).encode())
        self.memoize(obj)
        return None

    dispatch[type] = save_type


def dump(
    value: Any,
    filename: str | os.PathLike[str] | IO[bytes],
    compress: bool | int | str | tuple[str, int | None] = 0,
    protocol: int | None = None,
) -> list[str] | None:
    """Write an object into one file, which `load` and ``joblib.load`` read.

    A file is replaced only when the new one is complete.

    Parameters
    ----------
    value : object
    filename : str, path or binary file
        The extensions ``.z``, ``.gz``, ``.bz2``, ``.lzma``, ``.xz``, ``.lz4`` and ``.zst`` choose a
        compression.
    compress : bool, int, str or (str, int)
        A level from 0 (not compressed) to 9, the name of a compressor, or both.  ``True`` takes
        the compressor's own level.
    protocol : int, optional
        Of pickle.

    Returns
    -------
    list of str or None
        The name of the file; ``None`` if an open one was given.

    Raises
    ------
    ValueError
        If the compressor or its level does not exist, or ``filename`` is neither a name nor a file.
    """
    if isinstance(filename, os.PathLike):
        filename = os.fspath(filename)
    if not isinstance(filename, str) and not hasattr(filename, "write"):
        raise ValueError(
            f"the second argument must be a file or its name, not {filename!r} "
            f"of type {type(filename)}"
        )
    method, level = _compression(compress)
    if isinstance(filename, str):
        if not isinstance(compress, tuple | str):
            asked = called(filename)
            if asked is not None:
                method, level = asked, level or None
        with _replacing(filename) as name:
            _write(value, name, method, level, protocol)
        return [filename]
    _write(value, filename, method, level, protocol)
    return None


def _compression(compress: Any) -> tuple[str, int | None]:
    """Give compressor and level; level 0 does not compress, ``None`` leaves it to it."""
    method: Any = "zlib"
    level: Any = compress
    if compress is True:
        level = None
    elif isinstance(compress, tuple):
        if len(compress) != 2:
            raise ValueError(
                "Compress argument tuple should contain exactly 2 elements: "
                f"(compress method, compress level), not {compress!r}"
            )
        method, level = compress
    elif isinstance(compress, str):
        method, level = compress, None
    if level is not None and level is not False and level not in range(10):
        raise ValueError(
            f'Non valid compress level given: "{level}". Possible values are {list(range(10))}.'
        )
    if method not in COMPRESSORS:
        raise ValueError(
            f'Non valid compression method given: "{method}". '
            f"Possible values are {sorted(COMPRESSORS)}."
        )
    return method, level if level is None else int(level)


def _write(value: Any, file: Any, method: str, level: int | None, protocol: int | None) -> None:
    """Write into a file, or into one of this name, as compressors take both."""
    if level == 0:
        with open(file, "wb") if isinstance(file, str) else nullcontext(file) as plain:  # noqa: PTH123
            _ArrayPickler(plain, protocol, mappable=True).dump(value)
        return
    with COMPRESSORS[method].compressor_file(file, compresslevel=level) as compressed:
        if isinstance(compressed, io.RawIOBase):
            with io.BufferedWriter(compressed, _BUFFER) as buffered:
                _ArrayPickler(buffered, protocol, mappable=False).dump(value)
        else:
            _ArrayPickler(compressed, protocol, mappable=False).dump(value)


@contextmanager
def _replacing(filename: str) -> Iterator[str]:
    """Name a file that takes the place of another when it is done, and only then."""
    path = Path(filename)
    try:
        known: os.stat_result | None = path.stat()
    except OSError:
        known = None
    target = path.resolve() if path.is_symlink() else path
    if known is not None and not stat.S_ISREG(known.st_mode):
        # A pipe or a device has nothing that could be replaced.
        yield filename
        return
    name = passing_path(target)
    sweep_now_and_then(str(target.parent))
    try:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except PermissionError:
        # The file may be ours and its folder not.
        yield filename
        return
    os.close(handle)
    try:
        yield name
        os.chmod(name, _mode(known))  # noqa: PTH101
        os.replace(name, target)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def _mode(known: os.stat_result | None) -> int:
    if known is not None:
        return stat.S_IMODE(known.st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
