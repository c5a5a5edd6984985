"""Folders as outputs: all that lies in one, hidden or not, known by one digest.

Records name such an output with a slash at the end, which no other name has.  Its digest is that
of a list of what is in it; the list is kept as a blob, and each file as one of its own.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from jobtui_core.hashing import digest_bytes, digest_file, recall_digests, remember_digests
from jobtui_core.trees import on_one_line, split_manifest

__all__ = [
    "LARGEST_LIST",
    "exchange",
    "folder_digest",
    "folder_list",
    "folder_state",
    "is_folder",
    "listed_files",
    "remove",
]

LARGEST_LIST = 256_000_000
"""Bytes of a list of files that is read back."""

_EMPTY = "-"
"""Stands for the digest of a folder without anything in it."""


def is_folder(name: str) -> bool:
    """Tell whether a name in records is that of a folder that is an output."""
    return name.endswith("/") and not name.endswith("//")


def _within(folder: str) -> Iterator[tuple[str, os.stat_result | None]]:
    """Give what is in a folder: files with their state, and folders without anything in them."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        empty = True
        with os.scandir(f"{folder}/{below}") as entries:
            for entry in entries:
                empty = False
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{below}{entry.name}/")
                elif entry.is_file(follow_symlinks=False):
                    yield below + entry.name, entry.stat(follow_symlinks=False)
                else:
                    words = "is a link or no file, which folders that are outputs cannot keep"
                    raise OSError(errno.EINVAL, words, entry.path)
        if empty and below:
            yield below, None


def folder_list(folder: Path, notes: Path | None = None) -> bytes:
    """Give the list of what is in a folder, whose digest stands for all of it.

    Parameters
    ----------
    folder : Path
    notes : Path, optional
        Where digests are noted, so that later processes need not read the files again.

    Raises
    ------
    OSError
        If it is not there or cannot be read, or there are links in it.
    """
    if notes is not None:
        recall_digests(notes)
    lines, files = [], []
    for below, status in _within(str(folder)):
        place = folder / below
        digest = _EMPTY if status is None else digest_file(place)
        lines.append(f"{digest} {on_one_line(below)}\n")
        if status is not None:
            files.append(place)
    if notes is not None and notes.parent.parent.is_dir():
        with suppress(OSError):
            remember_digests(notes, files)
    # By path; all digests are equally long, but for those of empty folders.
    return "".join(sorted(lines, key=lambda line: line.partition(" ")[2])).encode(
        "utf-8", "surrogateescape"
    )


def folder_digest(folder: Path, notes: Path | None = None) -> str:
    """Give the digest of all that is in a folder.

    Raises
    ------
    OSError
        As `folder_list` does.
    """
    return digest_bytes(folder_list(folder, notes))


def folder_state(folder: Path) -> list[int] | None:
    """Give what tells whether anything in a folder was touched, without reading it.

    Returns
    -------
    list of int or None
        Bytes of its files; the newest time; a digest of names, sizes, times and inodes.
        ``None`` if it is not there, or is none that can be kept.
    """
    try:
        found = sorted(
            (below, 0, 0, 0)
            if status is None
            else (below, status.st_size, status.st_mtime_ns, status.st_ino)
            for below, status in _within(str(folder))
        )
    except OSError:
        return None
    mark = int(digest_bytes(repr(found).encode("utf-8", "surrogateescape"))[:15], 16)
    return [sum(one[1] for one in found), max((one[2] for one in found), default=0), mark]


def listed_files(data: bytes) -> dict[str, str | None]:
    """Read a list: digests by path below the folder; ``None`` for an empty folder.

    Raises
    ------
    ValueError
        If it is none, or names anything outside of the folder: whoever can write to a store must
        not write elsewhere.
    """
    found: dict[str, str | None] = {}
    for path, digest in split_manifest(data.decode("utf-8", "surrogateescape")).items():
        parts = path.removesuffix("/").split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts):
            raise ValueError(f"{path!r} is no path below a folder")
        if digest == _EMPTY and path.endswith("/"):
            found[path] = None
        elif len(digest) == 32 and digest.isalnum() and digest.isascii():
            found[path] = digest
        else:
            raise ValueError(f"{digest!r} is no digest")
    return found


def exchange(folder: Path, new: Path, aside: Path) -> None:
    """Put a new folder in the place of one that may be there, which is removed afterwards.

    Parameters
    ----------
    folder, new : Path
    aside : Path
        A free name beside them, for the old one.

    Raises
    ------
    OSError
        If that fails; the old one is there then.
    """
    if _swapped(new, folder):
        remove(new)
        return
    # Where the system cannot do it at once, there is a moment without either.
    try:
        os.rename(folder, aside)  # noqa: PTH104  replaces nothing, unlike Path.replace
    except FileNotFoundError:
        os.rename(new, folder)  # noqa: PTH104
        return
    try:
        os.rename(new, folder)  # noqa: PTH104
    except OSError:
        os.rename(aside, folder)  # noqa: PTH104
        raise
    remove(aside)


def _swapped(one: Path, other: Path) -> bool:
    """Let two names change places at once, if the system can and both are there."""
    import ctypes

    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    here, exchange_them = -100, 2
    found: int = swap(here, os.fsencode(one), here, os.fsencode(other), exchange_them)
    return found == 0


def remove(path: Path) -> None:
    """Remove a file or a folder with all in it; what cannot be removed stays."""
    if path.is_dir() and not path.is_symlink():
        # Not at import: most outputs are files.
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
