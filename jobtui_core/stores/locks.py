"""Locks among the processes of a machine: one for each name, all of them on one empty file.

They are record locks of POSIX.  The kernel takes them back from a process that ends, however it
ends; a forked child has none of its parent's; a script that is started by ``exec`` has none; and
the kernel tells who holds one.  Each name stands for one byte, far behind the end of a file that
stays empty, so that nothing is created or removed for a lock, and nothing grows.

Threads of one process do not exclude each other here.  Nothing rests on these locks but that
work is not done twice: where there are none (another system, a file system without them, a folder
that cannot be written) everybody simply goes on.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from xxhash import xxh3_64_intdigest

from jobtui_core.descriptors import above_streams, identity_of
from jobtui_core.errors import StoreError

__all__ = ["LOCK_FILE", "FileLocks"]

try:
    import fcntl
except ImportError:  # Windows
    _CAN_LOCK = False
else:
    _CAN_LOCK = True

LOCK_FILE = ".locks"
"""In a store's folder; its name is none that an object may have."""

_MOST_OPEN = 16
"""Files of locks that are open although no lock on them is held."""

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)

# What the kernel says of a lock, where it is known how that lies in memory.
_ANSWER = (
    struct.Struct("@hhqqi4x")
    if sys.platform == "linux" and sys.maxsize > 1 << 32
    else struct.Struct("@qqihh")
    if sys.platform == "darwin"
    else None
)


class FileLocks:
    """The locks on one file, for this process.

    Parameters
    ----------
    path : str
        The file; made by the first lock.
    make_folder : callable
        Makes the folder that it lies in.

    Notes
    -----
    A process that closes any descriptor of the file loses its locks: there must be one of these
    for a file and process, see `of`.
    """

    def __init__(self, path: str, make_folder: Callable[[], None]) -> None:
        self.path = path
        self._make_folder = make_folder
        self._fd = -1
        self._identity = (0, 0)
        self._held: set[str] = set()
        self._mutex = threading.Lock()

    @classmethod
    def of(cls, path: str, make_folder: Callable[[], None]) -> FileLocks | None:
        """Give those of a file; ``None`` on a system that has none."""
        if not _CAN_LOCK:
            return None
        found = _known.get(path)
        # Of two threads that come first at once, both take the same one.
        return found or _known.setdefault(path, cls(path, make_folder))

    def take(self, name: str) -> bool | None:
        """Take the lock of a name, without waiting.

        Returns
        -------
        bool or None
            Whether it is this process's now; ``None`` if there can be no locks.
        """
        try:
            with self._mutex:
                fcntl.lockf(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(name))
                self._held.add(name)
        except (BlockingIOError, PermissionError) as error:
            # POSIX allows either errno for a lock that is taken; opening, too, may be forbidden.
            return None if error.filename is not None else False
        except (OSError, StoreError):
            return None
        return True

    def release(self, name: str) -> None:
        """Give back the lock of a name; nothing happens where this process has none."""
        self._held.discard(name)
        with suppress(OSError):
            if identity_of(self._fd) == self._identity:
                fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, _place(name))

    def holder(self, name: str) -> int | None:
        """Give the number of the process that has a name's lock, if another one does.

        It is 0 or less for one that has no number here: of another machine or container.
        """
        if _ANSWER is None:
            return None
        try:
            place = _place(name)
            if sys.platform == "darwin":
                asked = _ANSWER.pack(place, 1, 0, fcntl.F_WRLCK, os.SEEK_SET)
            else:
                asked = _ANSWER.pack(fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)
            with self._mutex:
                told = _ANSWER.unpack(fcntl.fcntl(self._opened(), fcntl.F_GETLK, asked))
        except (OSError, StoreError):
            return None
        kind, pid = (told[3], told[2]) if sys.platform == "darwin" else (told[0], told[4])
        return None if kind == fcntl.F_UNLCK else int(pid)

    def _opened(self) -> int:
        """Give a descriptor of the file, that is there and is no other one."""
        fd = self._fd
        if fd >= 0:
            with suppress(OSError):
                status = os.fstat(fd)
                if (status.st_dev, status.st_ino) == self._identity and status.st_nlink:
                    return fd
            self._close()
        try:
            fd = os.open(self.path, _FLAGS, 0o666)
        except FileNotFoundError:
            self._make_folder()
            fd = os.open(self.path, _FLAGS, 0o666)
        self._fd = above_streams(fd)
        self._identity = identity_of(self._fd)
        _open.pop(self, None)
        _open[self] = None
        if len(_open) > _MOST_OPEN:
            _close_idle()
        return self._fd

    def _close(self) -> None:
        # Locks on a file that was removed keep nobody out any more.
        with suppress(OSError):
            if identity_of(self._fd) == self._identity:
                os.close(self._fd)
        self._fd = -1
        self._held.clear()

    def close_if_idle(self) -> bool:
        """Close the file unless a lock on it is held or taken just now."""
        if self._held or not self._mutex.acquire(blocking=False):
            return False
        try:
            if self._held:
                return False
            self._close()
        finally:
            self._mutex.release()
        return True

    def after_fork(self) -> None:
        """Begin anew in a child, which has none of its parent's locks."""
        self._mutex = threading.Lock()
        self._held = set()


_known: dict[str, FileLocks] = {}
_open: dict[FileLocks, None] = {}
"""Those whose file is open, the oldest first."""


def _close_idle() -> None:
    # A process may use a store for each of its tests, and have no more than 256 files open.
    for one in list(_open):
        if one.close_if_idle():
            _open.pop(one, None)
            if len(_open) <= _MOST_OPEN:
                return


def _after_fork() -> None:
    for one in list(_known.values()):
        one.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _place(name: str) -> int:
    """Give the byte that stands for a name: two names share one about never."""
    return xxh3_64_intdigest(name.encode("utf-8", "surrogatepass")) >> 2
