"""Content digests of files, read once per content."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections import defaultdict
from pathlib import Path

from jobtui_core.hashing.algorithms import XXH3, Algorithm

__all__ = ["State", "digest_file", "known_digests", "state_of"]

_CHUNK = 1 << 20
"""Bytes read at a time: large enough that system calls do not count, small enough for the cache."""

_SETTLED = 50_000_000
"""Nanoseconds after which a file's modification time is trusted to tell a later write apart.

File systems stamp with the granularity of the kernel's clock tick, some milliseconds, so that a
file read right after a write may change once more under the same time.
"""

State = tuple[int, int, int, int]
"""Size, times and inode."""

known_digests: dict[str, tuple[State, str]] = {}
"""By absolute path: the digest, and the state of the file that it is of."""

_by_other_algorithms: defaultdict[str, dict[str, tuple[State, str]]] = defaultdict(dict)


def digest_file(path: str | os.PathLike[str], algorithm: Algorithm = XXH3) -> str:
    """Give the digest of a file's content.

    The content is read once and remembered in this process; after that size, times and inode
    decide whether it is read again.

    Parameters
    ----------
    path : path-like
        Of a regular file.
    algorithm : Algorithm

    Returns
    -------
    str
        32 hexadecimal digits: ``digest_bytes`` of the content.

    Raises
    ------
    OSError
        If it cannot be read, or is no regular file: reading a pipe takes from it what others
        wait for, or waits for ever.
    """
    name = os.fspath(path)
    name = name if name.startswith("/") else str(Path(name).absolute())
    try:
        status = os.stat(name)  # noqa: PTH116  # half the cost of Path.stat, on every hit
    except ValueError as error:
        # A null byte, or half of a surrogate pair: no file can be called that.
        raise FileNotFoundError(errno.ENOENT, f"no file has such a name: {error}", name) from None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", name)
    state = state_of(status)
    remembered = known_digests if algorithm is XXH3 else _by_other_algorithms[algorithm.name]
    known = remembered.get(name)
    if known is not None and known[0] == state:
        return known[1]
    digest = ""
    for _ in range(3):
        # A file that is being written is read again; whoever still writes after that is on
        # their own, and the digest is not remembered.
        digest, before, after = _read(name, algorithm)
        if before == after:
            if time.time_ns() - before[1] > _SETTLED:
                if len(remembered) > 100_000:
                    remembered.clear()
                remembered[name] = (before, digest)
            break
    return digest


def state_of(status: os.stat_result) -> State:
    """Give what tells one content of a file from another."""
    # The change time sees what copies with preserved modification times hide.
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _read(name: str, algorithm: Algorithm) -> tuple[str, State, State]:
    digest = algorithm.state()
    with open(name, "rb", buffering=0) as file:  # noqa: PTH123  # as above
        before = state_of(os.fstat(file.fileno()))
        buffer = bytearray(min(_CHUNK, before[0] + 1))
        view = memoryview(buffer)
        while count := file.readinto(buffer):
            digest.update(view[:count])
        after = state_of(os.fstat(file.fileno()))
    return digest.hexdigest(), before, after
