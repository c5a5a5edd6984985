"""What a store was told already, so that it is not told again at every run.

A note of this machine's under ``.jobtui/index/shared``; without it, all is told once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from jobtui_core.root import STATE_FOLDER
from jobtui_core.stores import Store
from jobtui_core.stores.patience import destination

__all__ = ["Told", "shared_folder"]

_LARGEST = 4_000_000
"""Bytes of a note; a larger one is begun anew."""


def shared_folder(root: Path, store: Store) -> Path:
    """Give the folder of what is known of a shared store, derived and deletable."""
    return root / STATE_FOLDER / "index" / "shared" / destination(store)[:16]


class Told:
    """Words that stand for what a store was told.

    Parameters
    ----------
    root : Path
        The project's.
    store : Store
    """

    def __init__(self, root: Path, store: Store) -> None:
        self._path = shared_folder(root, store) / "told.txt"
        self._words: set[str] = set()
        with suppress(OSError, ValueError):
            if self._path.stat().st_size <= _LARGEST:
                self._words = set(self._path.read_text("ascii").split())

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def add(self, words: Iterable[str]) -> None:
        """Note words; where that is not possible, the store is told again."""
        new = [word for word in words if word not in self._words]
        if not new:
            return
        self._words.update(new)
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # One write for all: others append to it too.
            mode = "a" if self._size() <= _LARGEST else "w"
            with self._path.open(mode, encoding="ascii") as file:
                file.write("".join(f"{word}\n" for word in new))

    def _size(self) -> int:
        with suppress(OSError):
            return self._path.stat().st_size
        return 0
