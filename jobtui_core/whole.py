"""Writing files so that a reader sees the old one or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from jobtui_core.leftovers import passing_path, sweep_now_and_then

__all__ = ["write_whole"]


def write_whole(path: Path | str, data: bytes, mode: int = 0o666) -> None:
    """Write a file beside its place and move it there.

    Parameters
    ----------
    path : path-like
        In a folder that exists.
    data : bytes
    mode : int
        Who may read it, less what the process's mask takes away.

    Raises
    ------
    OSError
        If it cannot be written; the old file is then still there.
    """
    try:
        _write(path, data, mode)
    except OSError as error:
        # Nobody knows the file beside it.
        error.filename = os.fspath(path)
        del error.filename2
        raise


def _write(path: Path | str, data: bytes, mode: int) -> None:
    # Nobody can have put a link there beforehand, and no other thread writes to the same one.
    beside = passing_path(path)
    sweep_now_and_then(os.path.dirname(beside) or os.curdir)  # noqa: PTH120  # a text
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor
            file.write(data)
        os.replace(beside, path)  # noqa: PTH105  # a text
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)  # noqa: PTH108  # a text
        raise
