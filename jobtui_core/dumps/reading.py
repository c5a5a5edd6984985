"""``load``: an object out of a file that `dump` or joblib wrote."""

from __future__ import annotations

import io
import os
import pickle
import warnings
from pathlib import Path
from typing import IO, Any, Literal

from jobtui_core.dumps.arrays import ArrayInFile, ArrayInOwnFile
from jobtui_core.dumps.compressors import COMPRESSORS, detect, first_bytes
from jobtui_core.dumps.zfile import PREFIX, read_zfile

__all__ = ["load"]

_BUFFER = 1 << 20

_STAND_INS: dict[str, type] = {
    "NumpyArrayWrapper": ArrayInFile,
    "NDArrayWrapper": ArrayInOwnFile,
    "ZNDArrayWrapper": ArrayInOwnFile,
}
_HOMES = ("joblib.numpy_pickle", "joblib.numpy_pickle_compat")

# Reading raw bytes between two instructions of a pickle is beyond the unpickler in C.
_Unpickler: Any = pickle._Unpickler


class _ArrayUnpickler(_Unpickler):  # type: ignore[misc]  # untyped
    """Puts arrays where their stand-ins are."""

    dispatch = _Unpickler.dispatch.copy()

    def __init__(self, file: Any, filename: str, mmap_mode: str | None, native: bool) -> None:
        super().__init__(file)
        self.file, self.filename, self.mmap_mode, self.native = file, filename, mmap_mode, native
        self.outdated = False

    def find_class(self, module: str, name: str) -> Any:
        if module in _HOMES and name in _STAND_INS:
            return _STAND_INS[name]
        return super().find_class(module, name)

    def nested(self) -> _ArrayUnpickler:
        """Give an unpickler for a stream inside this one."""
        return type(self)(self.file, self.filename, self.mmap_mode, self.native)

    def beside(self, filename: str) -> Path:
        """Give the path of a file that belongs to this one."""
        return Path(self.filename).parent / Path(filename).name

    def load_build(self) -> None:
        super().load_build()
        last = self.stack[-1]
        if isinstance(last, ArrayInFile | ArrayInOwnFile):
            self.outdated |= isinstance(last, ArrayInOwnFile)
            self.stack[-1] = last.read(self)

    dispatch[pickle.BUILD[0]] = load_build


def load(
    filename: str | os.PathLike[str] | IO[bytes],
    mmap_mode: Literal["r", "r+", "w+", "c"] | None = None,
    ensure_native_byte_order: bool | Literal["auto"] = "auto",
) -> Any:
    """Read an object that `dump` or ``joblib.dump`` wrote.

    Reading runs what the file says, as with pickle: only files of people you trust.

    Parameters
    ----------
    filename : str, path or binary file
    mmap_mode : {None, "r", "r+", "w+", "c"}
        Map arrays of a file that is not compressed; ``w+`` means ``r+``.
    ensure_native_byte_order : bool or "auto"
        Give arrays in this machine's byte order; by default unless they are mapped.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If both mapping and another byte order are asked for, if an array is cut short, or if the
        file is one of Python 2 that cannot be read.
    """
    native = mmap_mode is None if ensure_native_byte_order == "auto" else ensure_native_byte_order
    if native and mmap_mode is not None:
        raise ValueError(
            "Native byte ordering can only be enforced if 'mmap_mode' parameter is set to None, "
            f"but got 'mmap_mode={mmap_mode}' instead."
        )
    if hasattr(filename, "read"):
        file: Any = filename
        return _load(file, str(getattr(file, "name", "")), mmap_mode, native, opened=False)
    name = os.fspath(filename)
    with open(name, "rb") as file:  # noqa: PTH123  # the name is given back in messages as it is
        return _load(file, name, mmap_mode, native, opened=True)


def _load(file: Any, name: str, mmap_mode: str | None, native: bool, *, opened: bool) -> Any:
    start = first_bytes(file)
    if start.startswith(PREFIX):
        stream: Any = io.BytesIO(read_zfile(file))
        unpickler = _ArrayUnpickler(stream, name, mmap_mode, native)
        unpickler.outdated = True
    else:
        method = detect(start)
        if method is not None:
            stream = COMPRESSORS[method].decompressor_file(file)
            if isinstance(stream, io.RawIOBase):
                stream = io.BufferedReader(stream, _BUFFER)
        else:
            stream = file
        mode = _usable(mmap_mode, stream, name, compressed=method is not None)
        unpickler = _ArrayUnpickler(stream, name, mode if opened or name else None, native)
    try:
        found = unpickler.load()
    except UnicodeDecodeError as error:
        raise ValueError(
            "You may be trying to read with python 3 a joblib pickle generated with python 2. "
            "This feature is not supported by joblib."
        ) from error
    if unpickler.outdated:
        warnings.warn(
            f"The file '{name}' has been generated with a joblib version less than 0.10. "
            "Please regenerate this pickle file.",
            DeprecationWarning,
            stacklevel=3,
        )
    return found


def _usable(mmap_mode: str | None, stream: Any, name: str, *, compressed: bool) -> str | None:
    """Give the mode, if arrays of this file can be mapped; else say why not."""
    if mmap_mode is None:
        return None
    if isinstance(stream, io.BytesIO):
        why = (
            "In memory persistence is not compatible with "
            f'mmap_mode "{mmap_mode}" flag passed. mmap_mode option will be ignored.'
        )
    elif compressed:
        why = (
            f'mmap_mode "{mmap_mode}" is not compatible with compressed file {name}. '
            f'"{mmap_mode}" flag will be ignored.'
        )
    elif not isinstance(getattr(stream, "raw", stream), io.FileIO):
        why = f'"{stream!r}" is not a raw file, mmap_mode "{mmap_mode}" flag will be ignored.'
    else:
        return mmap_mode
    warnings.warn(why, stacklevel=4)
    return None
