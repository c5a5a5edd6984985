"""How much may be on its way to a store at once."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Bounds"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be on its way at once; beyond, whoever writes waits for the store."""

    most: int = 10 << 30
    """Bytes."""
    most_refused: int = 1 << 30
    """Bytes while the store refuses to take them: it may do so for ever."""
    least_free: int = 1 << 30
    """Bytes that stay free on the disk; on a small one a twentieth of it."""

    def admit(self, size: int, taken: int, folder: Path, *, refused: bool) -> bool:
        """Tell whether there is room for another object.

        Parameters
        ----------
        size : int
            Its bytes.
        taken : int
            Bytes of those that are there.
        folder : Path
            Where they lie.
        refused : bool
            Whether the store refuses them.
        """
        if taken + size > (self.most_refused if refused else self.most):
            return False
        room = _free_and_total(folder)
        return room is None or room[0] - size >= min(self.least_free, room[1] // 20)


def _free_and_total(folder: Path) -> tuple[int, int] | None:
    """Give the bytes of a disk that are free, and all; ``None`` where nobody tells."""
    # The folder itself may not be there yet.
    for place in (folder, *folder.parents):
        with suppress(OSError, AttributeError):
            disk = os.statvfs(place)
            return disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    return None
