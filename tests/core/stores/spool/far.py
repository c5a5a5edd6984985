"""A store for several processes that obeys files: it is down, or hangs, while they are there.

What is written is noted with the process that wrote it, so that nothing is sent twice unseen.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from jobtui_core.errors import StoreDeniedError, StoreUnavailableError
from jobtui_core.stores import Capability, LocalStore, StoreAround
from jobtui_core.stores.base import Data
from jobtui_core.stores.spool import SpooledStore, spooled

__all__ = ["FarStore", "opened"]


class FarStore(StoreAround):
    """A folder that is far away.

    Parameters
    ----------
    base : Path
        Has the files that are obeyed: ``down``, ``denied``, ``hang``; and the ``log`` of writes.
    """

    def __init__(self, base: Path) -> None:
        super().__init__(LocalStore(base / "far"))
        self.base = base

    @property
    def url(self) -> str:
        return "far://folder"

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.inner.capabilities - {"local"} | {"remote"}

    def write(self, name: str, data: Data) -> None:
        if (self.base / "down").exists():
            raise StoreUnavailableError("far://folder does not answer")
        if (self.base / "denied").exists():
            raise StoreDeniedError("far://folder refuses")
        with (self.base / "log").open("a") as log:
            log.write(f"{os.getpid()} {name}\n")
        while (self.base / "hang").exists():
            time.sleep(0.01)
        super().write(name, data)

    @property
    def log(self) -> list[tuple[int, str]]:
        """Process and name of each write, in order."""
        try:
            lines = (self.base / "log").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [(int(line.split()[0]), line.split()[1]) for line in lines]


def opened(base: Path | str, *, sends: bool = True) -> SpooledStore:
    """Give the store as scripts have it."""
    base = Path(base)
    return spooled(FarStore(base), base / ".jobtui" / "spool", sends=sends)
