"""Copies of what remote stores keep for people, so that each process need not ask for it again.

They lie in the project's index, may be deleted at any time, and are this machine's own.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.regular import open_regular
from jobtui_core.root import STATE_FOLDER
from jobtui_core.tracing.sharing.told import shared_folder
from jobtui_core.whole import write_whole

if TYPE_CHECKING:
    from jobtui_core.stores import Store

__all__ = ["Copies"]

_MOST = 500
"""Documents of a store that are kept, those read last."""

_LARGEST = 32_000_000
"""Bytes of one; a larger one is asked for each time."""


class Copies:
    """Keeps documents that are named by their content, and so never change.

    Parameters
    ----------
    root : Path
        The project's.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def _place(self, store: Store, name: str) -> Path:
        return shared_folder(self._root, store) / name

    def read(self, store: Store, name: str) -> bytes | None:
        """Give a document, if there is a copy."""
        with suppress(OSError, ValueError):
            with open_regular(os.fspath(self._place(store, name))) as file:
                data = file.read(_LARGEST + 1)
            return data if len(data) <= _LARGEST else None
        return None

    def keep(self, store: Store, name: str, data: bytes) -> None:
        """Keep a copy, if there is a folder for such things already."""
        if len(data) > _LARGEST or not (self._root / STATE_FOLDER).is_dir():
            return
        with suppress(OSError):
            place = self._place(store, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, data, 0o600)
            self._prune(place.parent)

    def _prune(self, folder: Path) -> None:
        with os.scandir(folder) as entries:
            found = [(one.stat(follow_symlinks=False).st_mtime_ns, one.path) for one in entries]
        for _, path in sorted(found, reverse=True)[_MOST:]:
            with suppress(OSError):
                Path(path).unlink()
