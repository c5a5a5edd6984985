"""A file that is only ever appended to, held open in a process that may close anything."""

from __future__ import annotations

import os
from pathlib import Path

from jobtui_core.descriptors import above_streams, identity_of

__all__ = ["AppendFile"]


class AppendFile:
    """Appends to a file, each time by one ``write``.

    Parameters
    ----------
    path : Path
        Created with its folder when it is opened.

    Notes
    -----
    A script may close descriptors that it does not know (``os.closerange``), and its next
    ``open`` is given the same number.  So the descriptor is looked at before each write: what
    belongs here must never land in a file of the user's.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None
        self._identity = (0, 0)

    def open(self) -> None:
        """Open the file.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self._fd = above_streams(os.open(self.path, flags, 0o666))
        self._identity = identity_of(self._fd)

    def write(self, data: bytes) -> int:
        """Append, and give how many bytes were taken.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        if not self._is_ours():
            self.open()
        assert self._fd is not None
        return os.write(self._fd, data)

    def tell(self) -> int:
        """Give where in the file the last ``write`` ended.

        Raises
        ------
        OSError
            If the file is closed.
        """
        return 0 if self._fd is None else os.lseek(self._fd, 0, os.SEEK_CUR)

    def close(self) -> None:
        """Close the file; a later ``write`` opens it again."""
        if self._is_ours() and self._fd is not None:
            os.close(self._fd)
        self._fd = None

    def _is_ours(self) -> bool:
        if self._fd is None:
            return False
        try:
            return identity_of(self._fd) == self._identity
        except OSError:
            return False
