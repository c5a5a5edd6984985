"""The kind of file system that a folder lies on, as far as this machine tells."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path

__all__ = ["is_local", "kind_of", "takes_reservations"]

_LOCAL = frozenset(
    ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "ramfs", "overlay", "jfs")
)
"""File systems of this machine's own disks."""

_RESERVING = frozenset(("ext4", "xfs", "tmpfs"))
"""Those that set room aside for a file in one step, and write into it sooner.

Elsewhere the C library writes a byte to each block instead; overlays pass on what may be either.
"""


def is_local(folder: str) -> bool:
    """Tell whether a folder lies on a disk of this machine's own, where nobody else writes."""
    if not sys.platform.startswith("linux"):
        # There is no telling without a C call; macOS keeps home folders on its own disk.
        return sys.platform == "darwin"
    return kind_of(folder) in _LOCAL


def takes_reservations(folder: str) -> bool:
    """Tell whether room is better set aside before a large file is written to a folder."""
    return hasattr(os, "posix_fallocate") and kind_of(folder) in _RESERVING


@lru_cache(maxsize=1024)
def kind_of(folder: str) -> str:
    """Give the kind of a folder's file system; empty where that is not told."""
    real = os.path.realpath(folder) + os.sep
    best, kind = "", ""
    for place, found in _mounts():
        base = place.rstrip(os.sep) + os.sep
        if real.startswith(base) and len(base) >= len(best):
            best, kind = base, found
    return kind


def _mounts() -> list[tuple[str, str]]:
    try:
        text = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        words = before.split(" ")
        if len(words) > 4 and after:
            place = words[4].encode("utf-8", "surrogateescape").decode("unicode_escape")
            found.append((place, after.split(" ")[0]))
    return found
