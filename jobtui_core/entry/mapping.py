"""Large entries without copying them: mapped into memory, verified once."""

from __future__ import annotations

import mmap
import os
import time
from contextlib import suppress

from jobtui_core.filesystems import is_local

__all__ = ["MAPPED", "is_verified", "map_file", "may_map", "remember_verified"]

MAPPED = 1 << 20
"""Bytes from which a frame is mapped; below, reading is quicker than page faults."""

_SETTLED = 50_000_000
"""Nanoseconds after which another change of a file has another time: kernels count in steps."""

_State = tuple[int, int, int, int]
_verified: set[_State] = set()


def map_file(path: str, *, writable: bool, first: int) -> tuple[mmap.mmap, _State, bytes] | None:
    """Map a file, and give what tells this content from any other on this machine.

    Parameters
    ----------
    path : str
    writable : bool
        Whether the memory may be written to; the file never changes.
    first : int
        Bytes from its start to read besides: a page that is touched costs more.

    Returns
    -------
    tuple or None
        ``None`` if there is nothing to map.
    """
    try:
        # As stores read: a pipe in place of the file must not hold anybody up.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        access = mmap.ACCESS_COPY if writable else mmap.ACCESS_READ
        memory = mmap.mmap(descriptor, 0, access=access)
        start = os.read(descriptor, first)
    except (OSError, ValueError):
        return None
    finally:
        # The mapping has a descriptor of its own.
        with suppress(OSError):
            os.close(descriptor)
    return memory, (status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns), start


def is_verified(state: _State) -> bool:
    """Tell whether this process has verified the large frames of this very file."""
    return state in _verified


def remember_verified(state: _State) -> None:
    """Note that the large frames of a file are as they were written.

    Of a file that is so young that a change might leave its time as it is, nothing is noted.
    """
    if abs(time.time_ns() - state[3]) < _SETTLED:
        return
    if len(_verified) > 100_000:
        _verified.clear()
    _verified.add(state)


def may_map(path: str) -> bool:
    """Tell whether files beside ``path`` lie on a file system of this machine.

    On those of others a file may shrink under a mapping, which kills the process.
    """
    return is_local(path.rsplit(os.sep, 2)[0])
