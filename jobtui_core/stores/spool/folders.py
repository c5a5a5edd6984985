"""The folders of a spool: one for each process that writes, and whose they are.

A process owns its folder for as long as it holds the lock of the folder's name, which the kernel
takes back however the process ends.  Whoever can take the lock of another folder takes that
folder over, under a name of its own.  Where there are no locks, the number of the process in the
name has to tell.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from jobtui_core.errors import StoreError
from jobtui_core.leftovers import passing_name, writer_is_gone
from jobtui_core.root import STATE_FOLDER
from jobtui_core.stores.local import LocalStore, ensure_state_folder
from jobtui_core.stores.locks import LOCK_FILE, FileLocks
from jobtui_core.stores.spool.files import look

__all__ = ["Folder", "Folders"]

_VERSION = "1-"
"""What folders of this format begin with; others are left alone."""

_ABANDONED = 24 * 3600.0
"""Seconds after which a folder is nobody's, where there are no locks: it may be of elsewhere."""

_SETTLED_NS = 100_000_000
"""Age of a folder's time, in nanoseconds, from which on it tells of every later change."""


class Folder(LocalStore):
    """What one process has on the way."""

    def __init__(self, path: Path, parent: Folders) -> None:
        super().__init__(path)
        self.name = path.name
        self._parent = parent

    def _make_folder(self) -> None:
        # Also when somebody removed it all while the process goes on.
        self._parent.claim(self.name)
        with suppress(FileExistsError):
            os.mkdir(self._temporary, 0o700)  # noqa: PTH102  a text

    def files(self, *, mine: bool = False) -> Iterator[tuple[str, str, int]]:
        """Give file, name and size of the objects in it.

        What holds none is left out; in a folder of one's own it is removed.
        """
        for listed in self.list():
            try:
                found = look(self, listed.name)
            except StoreError:
                continue
            if found is not None:
                yield listed.name, found.name, found.size
            elif mine:
                with suppress(StoreError):
                    self.delete(listed.name)

    def remove_if_empty(self) -> None:
        """Remove the folder, unless something lies in it."""
        with suppress(OSError), os.scandir(self._temporary) as entries:
            # What is in there was never finished by a process that is gone.
            for left in entries:
                os.unlink(left.path)  # noqa: PTH108  a text
        for path in (self._temporary, self.path):
            with suppress(OSError):
                os.rmdir(path)  # noqa: PTH106  a text


def _is_left(folder: Folder) -> bool:
    """Tell without locks whether nobody writes into a folder any more."""
    if writer_is_gone(folder.name):
        return True
    try:
        return abs(time.time() - folder.path.stat().st_mtime) > _ABANDONED
    except OSError:
        return False


class Folders:
    """All that is on its way to one store, on this machine.

    Parameters
    ----------
    path : Path
        ``<root>/.jobtui/spool/<destination>``.
    url : str
        The store's, for whoever looks into the folder.
    """

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.url = url
        self.own = Folder(path / f"{_VERSION}{passing_name()}", self)
        self._known: tuple[int, list[Folder]] = (0, [])
        self._adopted: dict[str, Folder] = {}

    @property
    def locks(self) -> FileLocks | None:
        """Locks among the processes of this machine that use the store."""
        return FileLocks.of(str(self.path / LOCK_FILE), self._make)

    def _make(self) -> None:
        """Make the folder that holds all others: nobody else looks into it."""
        for folder in self.path.parents:
            if folder.name == STATE_FOLDER:
                ensure_state_folder(folder.parent)
                break
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self.path.mkdir(mode=0o700)
        except FileExistsError:
            return
        with suppress(OSError):
            told = json.dumps({"version": 1, "url": self.url})
            (self.path / "store.json").write_text(told + "\n", encoding="ascii")

    def claim(self, name: str) -> None:
        """Make a folder that is this process's.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        self._make()
        if (locks := self.locks) is not None:
            # Before others can see it.
            locks.take(name)
        with suppress(FileExistsError):
            (self.path / name).mkdir(mode=0o700)

    def others(self) -> list[Folder]:
        """Give the folders of other processes, alive or not."""
        try:
            changed = os.stat(self.path).st_mtime_ns  # noqa: PTH116  at every look-up
        except OSError:
            return []
        if changed == self._known[0]:
            return self._known[1]
        mine = {self.own.name, *self._adopted}
        found = []
        with suppress(OSError), os.scandir(self.path) as entries:
            for entry in entries:
                if not entry.name.startswith(_VERSION) or entry.name in mine:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    found.append(Folder(self.path / entry.name, self))
        # A change within one tick of the clock leaves the time as it is.
        settled = time.time_ns() - changed > _SETTLED_NS
        self._known = (changed if settled else 0, found)
        return found

    def adopt(self) -> Iterator[Folder]:
        """Take over the folders of processes that are gone; they are this one's from now on."""
        for other in self.others():
            locks = self.locks
            taken = None if locks is None else locks.take(other.name)
            if taken is False or (taken is None and not _is_left(other)):
                continue
            mine = Folder(self.path / f"{_VERSION}{passing_name()}", self)
            if locks is not None:
                locks.take(mine.name)
            # Of two that come at once, as may be where there are no locks, one can rename it.
            try:
                os.rename(other.path, mine.path)  # noqa: PTH104  it is exact about errors
            except OSError:
                mine = other
            if locks is not None:
                locks.release(other.name)
            if mine is not other:
                self._adopted[mine.name] = mine
                yield mine

    def give_up(self) -> None:
        """Leave what is there to others, and nothing where nothing is."""
        for folder in (self.own, *self._adopted.values()):
            folder.remove_if_empty()
            if (locks := self.locks) is not None:
                locks.release(folder.name)
        self._adopted = {}
        self._known = (0, [])
