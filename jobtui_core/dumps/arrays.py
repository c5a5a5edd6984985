"""Arrays inside a dump: a note in the pickle stream, and their bytes right behind it.

The format is joblib's: the stream holds an object of its class ``NumpyArrayWrapper`` with
``subclass``, ``shape``, ``order``, ``dtype``, ``allow_mmap`` and, since 1.2,
``numpy_array_alignment_bytes``; behind it one byte with the length of a padding, the padding, and
the elements.  Arrays of objects are a pickle of their own instead.
"""

from __future__ import annotations

import math
import pickle
import sys
from typing import IO, Any

__all__ = ["ALIGNMENT", "ArrayInFile", "ArrayInOwnFile", "native"]

ALIGNMENT = 16
"""Bytes to whose multiples arrays are laid, as far as the file tells where it is."""

_CHUNK = 1 << 24
"""Bytes of an array that are written or read at a time."""


class ArrayInFile:
    """What stands for an array in the stream."""

    subclass: type
    shape: tuple[int, ...]
    order: str
    dtype: Any
    allow_mmap: bool
    numpy_array_alignment_bytes: int | None

    @classmethod
    def of(cls, array: Any, file: IO[bytes], *, mappable: bool) -> ArrayInFile:
        """Describe an array that is about to be written."""
        new = cls()
        new.subclass = type(array)
        new.shape = array.shape
        new.order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        new.dtype = array.dtype
        new.allow_mmap = mappable and not array.dtype.hasobject
        try:
            file.tell()
        except OSError:
            new.numpy_array_alignment_bytes = None
        else:
            new.numpy_array_alignment_bytes = ALIGNMENT
        return new

    def write(self, array: Any, file: IO[bytes]) -> None:
        """Write the array's bytes."""
        import numpy as np

        if self.dtype.hasobject:
            pickle.dump(array, file, protocol=5)
            return
        step = self.numpy_array_alignment_bytes
        if step is not None:
            padding = step - (file.tell() + 1) % step
            file.write(bytes([padding]) + b"\xff" * padding)
        if not array.nbytes:
            return
        order: Any = self.order
        size = max(_CHUNK // array.itemsize, 1)
        for part in np.nditer(array, ["external_loop", "buffered"], buffersize=size, order=order):
            data: Any = np.ascontiguousarray(part).view(np.uint8)
            file.write(data)

    def read(self, unpickler: Any) -> Any:
        """Read, or map, the array whose bytes come next."""
        if unpickler.mmap_mode is not None and self.allow_mmap:
            return self._map(unpickler)
        file = unpickler.file
        if self.dtype.hasobject:
            array = unpickler.nested().load()
        else:
            self._skip_padding(file)
            array = self._elements(file)
        array = native(array) if unpickler.native else array
        return array.view(self.subclass) if _is_matrix(self.subclass) else array

    def _elements(self, file: IO[bytes]) -> Any:
        import numpy as np

        count = math.prod(int(size) for size in self.shape)
        array: Any = np.empty(count, self.dtype)
        memory = memoryview(array.view(np.uint8)) if array.nbytes else memoryview(b"")
        for start in range(0, len(memory), _CHUNK):
            part = memory[start : start + _CHUNK]
            _read_into(file, part)
        if self.order == "F":
            return array.reshape(tuple(self.shape)[::-1]).transpose()
        return array.reshape(self.shape)

    def _skip_padding(self, file: IO[bytes]) -> int:
        if getattr(self, "numpy_array_alignment_bytes", None) is None:
            return 0
        length = file.read(1)[0]
        file.read(length)
        return length + 1

    def _map(self, unpickler: Any) -> Any:
        import numpy as np

        file = unpickler.file
        offset = file.tell()
        offset += self._skip_padding(file)
        mode: Any = "r+" if unpickler.mmap_mode == "w+" else unpickler.mmap_mode
        order: Any = self.order
        array: Any = np.memmap(unpickler.filename, self.dtype, mode, offset, self.shape, order)
        file.seek(offset + array.nbytes)
        return array


class ArrayInOwnFile:
    """What stood for an array before joblib 0.10: the name of a file beside."""

    filename: str
    init_args: tuple[Any, ...]
    state: tuple[Any, ...]

    def read(self, unpickler: Any) -> Any:
        """Read the file beside."""
        import numpy as np

        from jobtui_core.dumps.zfile import read_zfile

        path = unpickler.beside(self.filename)
        if "init_args" in self.__dict__:
            array: Any = np.ndarray.__new__(*_shape_of(self.init_args))
            with open(path, "rb") as file:  # noqa: PTH123  # the name is joblib's
                array.__setstate__((*self.state, read_zfile(file)))
        else:
            mode = unpickler.mmap_mode if getattr(self, "allow_mmap", True) else None
            array = np.load(path, mmap_mode=mode, allow_pickle=True)
        return native(array)


def _is_matrix(kind: type) -> bool:
    return kind.__name__ == "matrix" and kind.__module__.partition(".")[0] == "numpy"


def _shape_of(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    subclass, shape, _ = arguments
    return subclass, shape, "b"


def native(array: Any) -> Any:
    """Give an array in this machine's byte order, as joblib does on loading."""
    foreign = ">" if sys.byteorder == "little" else "<"
    fields = array.dtype.fields
    if array.dtype.byteorder == foreign or (
        fields and all(field[0].byteorder == foreign for field in fields.values())
    ):
        return array.byteswap().view(array.dtype.newbyteorder("="))
    return array


def _read_into(file: IO[bytes], memory: memoryview) -> None:
    into = getattr(file, "readinto", None)
    done = 0
    while done < len(memory):
        if into is not None:
            got = into(memory[done:])
        else:
            data = file.read(len(memory) - done)
            got = len(data)
            memory[done : done + got] = data
        if not got:
            raise ValueError(
                f"the file ends within an array: {len(memory) - done} more bytes were expected"
            )
        done += got
