"""File descriptors that are held open in a process that may do anything with its own."""

from __future__ import annotations

import os

__all__ = ["above_streams", "identity_of"]


def above_streams(fd: int) -> int:
    """Give a descriptor of the same file above those of the standard streams, and close ``fd``.

    A process that was started without standard streams gets their numbers for what it opens
    first: their places must stay free for the script.
    """
    if fd > 2:
        return fd
    try:
        import fcntl

        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    except (ImportError, OSError):
        return os.dup(fd)
    finally:
        os.close(fd)


def identity_of(fd: int) -> tuple[int, int]:
    """Tell which file a descriptor leads to.

    A script may close descriptors that it does not know (``os.closerange``), and its next
    ``open`` is given the same number.

    Raises
    ------
    OSError
        If it is closed.
    """
    status = os.fstat(fd)
    return (status.st_dev, status.st_ino)
