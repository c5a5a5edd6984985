"""Content digests of files, read once per content."""

from __future__ import annotations

import os
import time
from pathlib import Path

from xxhash import xxh3_128

__all__ = ["digest_file"]

_CHUNK = 1 << 20
"""Bytes read at a time: large enough that system calls do not count, small enough for the cache."""

_SETTLED = 50_000_000
"""Nanoseconds after which a file's modification time is trusted to tell a later write apart.

File systems stamp with the granularity of the kernel's clock tick, some milliseconds, so that a
file read right after a write may change once more under the same time.
"""

_State = tuple[int, int, int, int]
_known: dict[str, tuple[_State, str]] = {}


def digest_file(path: str | os.PathLike[str]) -> str:
    """Give the digest of a file's content.

    The content is read once and remembered in this process; after that size, times and inode
    decide whether it is read again.

    Parameters
    ----------
    path : path-like
        Of a regular file.

    Returns
    -------
    str
        32 hexadecimal digits: ``digest_bytes`` of the content.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    name = os.fspath(path)
    name = name if name.startswith("/") else str(Path(name).absolute())
    state = _state(os.stat(name))  # noqa: PTH116  # half the cost of Path.stat, on every hit
    known = _known.get(name)
    if known is not None and known[0] == state:
        return known[1]
    digest = ""
    for _ in range(3):
        # A file that is being written is read again; whoever still writes after that is on
        # their own, and the digest is not remembered.
        digest, before, after = _read(name)
        if before == after:
            if time.time_ns() - before[1] > _SETTLED:
                if len(_known) > 100_000:
                    _known.clear()
                _known[name] = (before, digest)
            break
    return digest


def _state(stat: os.stat_result) -> _State:
    # The change time sees what copies with preserved modification times hide.
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


def _read(name: str) -> tuple[str, _State, _State]:
    digest = xxh3_128()
    with open(name, "rb", buffering=0) as file:  # noqa: PTH123  # as above
        before = _state(os.fstat(file.fileno()))
        buffer = bytearray(min(_CHUNK, before[0] + 1))
        view = memoryview(buffer)
        while count := file.readinto(buffer):
            digest.update(view[:count])
        after = _state(os.fstat(file.fileno()))
    return digest.hexdigest(), before, after
