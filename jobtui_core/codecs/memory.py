"""What is known of the memory that frames lie in, when a value is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jobtui_core.codecs.arrays import decode_array, read_head

if TYPE_CHECKING:
    Frame = bytes | bytearray | memoryview

__all__ = ["Mapped", "Memory", "lay_memmap"]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A file in memory, over which arrays are laid as ``numpy.memmap``."""

    memory: Any
    """``mmap.mmap``."""
    path: str
    mode: str
    offsets: Mapping[int, int]
    """Where frames lie in it, by number; those that had to be unpacked do not."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of an entry's frames.

    Attributes
    ----------
    private : bool
        Nobody else sees or changes it.  Arrays then lie over it, and are as writable as it is;
        otherwise they are copied.
    fixed : bool
        Nobody ever changes it.  What was recorded of an array's content then holds for as long
        as the array lives, and is remembered.
    mapped : Mapped, optional
        Where arrays are to be ``numpy.memmap``.
    """

    private: bool = False
    fixed: bool = False
    mapped: Mapped | None = None

    def owns(self, data: Frame) -> bool:
        """Tell whether an array may lie over a frame."""
        # A frame that was unpacked was made for this value alone.
        return self.private or type(data) is bytearray

    def array(self, head: Frame, data: Frame, number: int) -> Any:
        """Give the array whose buffer is the frame with a number."""
        place = None if self.mapped is None else self.mapped.offsets.get(number)
        if self.mapped is None or place is None:
            return decode_array([head, data], private=self.owns(data))
        kind, dtype, shape = read_head(head, len(data))
        if kind == "S" or len(data) == 0:
            return decode_array([head, data], private=False)
        return lay_memmap(self.mapped, place, dtype, shape, kind)


def lay_memmap(mapped: Mapped, place: int, dtype: Any, shape: Any, order: str) -> Any:
    """Give a ``numpy.memmap`` over a part of a mapped file.

    Parameters
    ----------
    mapped : Mapped
    place : int
        Where the part begins.
    dtype : numpy.dtype
    shape : tuple of int
    order : {"C", "F"}
    """
    import numpy as np

    kind: Any = order
    memory = mapped.memory
    array: Any = np.ndarray.__new__(np.memmap, shape, dtype, memory, place, None, kind)
    # What numpy.memmap sets itself; it would open the path again, which may be another file now.
    array._mmap, array.offset = memory, place
    array.mode, array.filename = mapped.mode, mapped.path
    return array
