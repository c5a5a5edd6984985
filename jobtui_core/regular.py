"""Reading files that may turn out to be something else: pipes, devices, folders."""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Not ``typing``'s: what only asks whether a status still holds loads neither.
    from io import BufferedReader
    from pathlib import Path

__all__ = ["open_regular", "read_regular"]

_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Opening a pipe waits for nobody; for regular files it changes nothing."""


def open_regular(path: Path | str) -> BufferedReader:
    """Open a file for reading, if it is one: a pipe may never end, a device may never stop.

    What is looked at is what was opened, so that a file replaced meanwhile cannot fool anybody.

    Parameters
    ----------
    path : path-like
        Links are followed.

    Returns
    -------
    BufferedReader
        At the beginning of the file.

    Raises
    ------
    OSError
        If it cannot be opened, or is no regular file.
    """
    try:
        descriptor = os.open(path, _READING)
    except ValueError as error:
        # A null byte, or half of a surrogate pair: no file can be called that.
        raise FileNotFoundError(errno.ENOENT, str(error), str(path)) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return open(descriptor, "rb")  # noqa: PTH123  # a descriptor


def read_regular(path: Path | str, limit: int | None = None) -> bytes:
    """Read a whole file, if it is one.

    Parameters
    ----------
    path : path-like
        Links are followed.
    limit : int, optional
        Bytes; a longer file is refused.

    Raises
    ------
    OSError
        If it cannot be read, is longer than ``limit`` or no regular file.
    """
    with open_regular(path) as file:
        if limit is not None and os.fstat(file.fileno()).st_size > limit:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return file.read()
