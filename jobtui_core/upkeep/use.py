"""When results were used last: what decides which of them go first.

A process notes the uses of a second in memory and appends them to a file of its own in the store,
``use/1-<host>-<pid>-<random>``, a line for each entry: its key and the seconds since the epoch.
Whoever looks merges all of them.  It is a record at best: a killed process takes its last second
with it, a store that cannot be written or lies elsewhere has none, and what has none counts as
used when it was written.  The file system's access times are never asked: most are mounted so
that they are hours or years behind.
"""

from __future__ import annotations

import atexit
import errno
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic, time

from jobtui_core.errors import StoreError
from jobtui_core.regular import read_regular
from jobtui_core.stores import Store, UnchangedStore, quote
from jobtui_core.tracing.files import quiet
from jobtui_core.whole import write_whole

__all__ = ["USE", "Uses", "uses_of"]

USE = "use/"
"""Where the records lie in a store."""

_VERSION = "1-"
"""How the names of files begin that this module reads; others are left alone."""

_PAUSE = 1.0
"""Seconds between two writes of one process."""

_SHARE = 100
"""A write that takes long is followed by a pause of so many times as long."""

_LARGEST_FILE = 64_000_000
"""Bytes of a file that is read."""

_OWN_LARGEST = 4_000_000
"""Bytes that a process appends before it merges what it wrote itself."""

_MANY_FILES = 32
"""Files in a store from which on the next process to write merges them."""

_MOST_USES = 500_000
"""Entries whose use is remembered; of more, those used last."""

_AHEAD = 60.0
"""Seconds by which a record may be ahead of this machine's clock; what is more is no record."""

_APPENDING = (
    os.O_WRONLY
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_CLOEXEC", 0)
    # Others may write to a store: what they put in the file's place is not written to, and a
    # pipe there holds nobody up.
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)

_lines = re.compile(rb"^([0-9a-f]{32}) ([0-9]{1,11})$", re.MULTILINE)


class Uses:
    """The uses of one store's entries, as this process notes and knows them.

    Parameters
    ----------
    store : Store

    Notes
    -----
    `note` is a part of every hit.  It may be called from any thread; a use that is noted while
    another thread writes may be lost.
    """

    def __init__(self, store: Store) -> None:
        self._folder = _folder_of(store)
        self._records = not isinstance(store, UnchangedStore)
        self._noted: dict[str, float] = {}
        self._written: dict[str, float] = {}
        """Of a store without files: what would have been written."""
        self._due = 0.0
        self._begun = False
        self._lock = threading.Lock()
        self._file = ""
        self._size = 0
        self._merge_at = _OWN_LARGEST

    def note(self, key: str) -> None:
        """Note that an entry was used now."""
        self._noted[key] = now = time()
        # A clock that was put back would otherwise put off the next write for as long.
        if now >= self._due or now < self._due - 3600.0:
            self._turn(now)

    def _turn(self, now: float) -> None:
        if self._begun:
            self.flush()
            return
        # A short process writes once, when it ends.
        self._begun, self._due = True, now + _PAUSE
        _flush_at_exit()

    def flush(self) -> None:
        """Write what was noted; what cannot be written is forgotten."""
        if not self._noted or not self._lock.acquire(blocking=False):
            return
        try:
            begin = monotonic()
            noted, self._noted = self._noted, {}
            if self._folder is None:
                if self._records:
                    self._written = _newest({**self._written, **noted})
            elif self._records:
                with quiet():
                    self._append(list(noted.copy().items()))
            self._due = time() + max(_PAUSE, _SHARE * (monotonic() - begin))
        except OSError:
            # Read-only, full or gone: nothing more is tried in this process.
            self._records = False
        finally:
            self._lock.release()

    def _append(self, noted: Iterable[tuple[str, float]]) -> None:
        assert self._folder is not None
        data = _text(noted)
        _must_be_here(self._folder)
        if not self._file:
            self._begin(self._folder)
        try:
            descriptor = os.open(self._file, _APPENDING, 0o666)
        except FileNotFoundError:
            # Whoever cleared the store took the folder away; the store itself must be there.
            os.mkdir(self._folder)  # noqa: PTH102  a text
            descriptor = os.open(self._file, _APPENDING, 0o666)
        try:
            # In one piece, so that lines stay whole where several processes write to one file.
            os.write(descriptor, data)
            self._size = os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        if self._size >= self._merge_at:
            kept = _merge([self._file], self._file)
            # Twice as much as there is to know, so that this costs little in the long run.
            self._merge_at = max(_OWN_LARGEST, 2 * kept)

    def _begin(self, folder: str) -> None:
        import platform

        host = quote(platform.node())[:60]
        self._file = f"{folder}{_VERSION}{host}-{os.getpid()}-{os.urandom(4).hex()}"
        files = _files(folder)
        if len(files) >= _MANY_FILES:
            # Of processes that are gone, for the most part; one that goes on begins anew.
            _merge(files, f"{folder}{_VERSION}merged-{os.urandom(8).hex()}")

    def known(self) -> dict[str, float]:
        """Give when entries were used last, by key, as far as anybody noted it.

        Returns
        -------
        dict
            Seconds since the epoch; none of them lies in the future.
        """
        found = dict(self._written)
        if self._folder is not None:
            with quiet():
                for file in _files(self._folder):
                    _read(file, found)
        found.update(self._noted.copy())
        return _believable(found)

    def keep(self, is_there: Callable[[str], bool]) -> None:
        """Merge all records into one file, without those of entries that are gone.

        Parameters
        ----------
        is_there : callable
            Tells of a key whether there is an entry for it.
        """
        self.flush()
        self._written = {key: at for key, at in self._written.items() if is_there(key)}
        if self._folder is None or not self._records:
            return
        with quiet(), suppress(OSError):
            files = _files(self._folder)
            if files:
                name = f"{self._folder}{_VERSION}merged-{os.urandom(8).hex()}"
                _merge(files, name, is_there)

    def after_fork(self) -> None:
        """Begin anew in a child: what was noted is its parent's to write."""
        self._noted, self._begun, self._due = {}, False, 0.0
        self._lock = threading.Lock()
        self._file, self._size, self._merge_at = "", 0, _OWN_LARGEST


def _folder_of(store: Store) -> str | None:
    if isinstance(store, UnchangedStore) or "local" not in store.capabilities:
        return None
    try:
        path = store.local_path(f"{USE}{_VERSION}")
    except StoreError:
        return None
    return None if path is None else str(path)[: -len(_VERSION)]


def _text(uses: Iterable[tuple[str, float]]) -> bytes:
    return "".join([f"{key} {int(at)}\n" for key, at in uses]).encode("ascii")


def _must_be_here(folder: str) -> None:
    """Refuse a link to where other people's files may have such names: records are removed."""
    if os.path.islink(folder.rstrip(os.sep)):  # noqa: PTH114  a text
        raise OSError(errno.ELOOP, "a link, not a folder", folder)


def _files(folder: str) -> list[str]:
    with suppress(OSError):
        _must_be_here(folder)
        with os.scandir(folder) as entries:
            return [one.path for one in entries if one.name.startswith(_VERSION)]
    return []


def _read(file: str, into: dict[str, float]) -> None:
    """Add the uses that a file tells of; one that cannot be read tells of none."""
    try:
        data = read_regular(file, _LARGEST_FILE)
    except OSError:
        return
    get = into.get
    for key, at in _lines.findall(data):
        name, when = key.decode(), float(at)
        if when > get(name, 0.0):
            into[name] = when


def _believable(uses: dict[str, float]) -> dict[str, float]:
    """Leave out what lies in the future: it says nothing of when it was."""
    now = time()
    if not uses or max(uses.values()) <= now:
        return uses
    return {key: min(at, now) for key, at in uses.items() if at <= now + _AHEAD}


def _newest(uses: dict[str, float]) -> dict[str, float]:
    if len(uses) <= _MOST_USES:
        return uses
    return dict(sorted(uses.items(), key=lambda one: one[1])[-_MOST_USES:])


def _merge(files: Iterable[str], target: str, is_there: Callable[[str], bool] | None = None) -> int:
    """Merge files into one, and give its size.

    Each is renamed before it is read: whoever appends to it meanwhile makes it anew.
    """
    uses: dict[str, float] = {}
    taken = []
    for file in files:
        aside = f"{os.path.dirname(file)}{os.sep}{_VERSION}taken-{os.urandom(8).hex()}"  # noqa: PTH120
        with suppress(OSError):
            os.rename(file, aside)  # noqa: PTH104  a text
            taken.append(aside)
    for file in taken:
        _read(file, uses)
    uses = _newest(_believable(uses))
    if is_there is not None:
        uses = {key: at for key, at in uses.items() if is_there(key)}
    data = _text(uses.items())
    if data:
        write_whole(target, data)
    for file in taken:
        with suppress(OSError):
            os.unlink(file)  # noqa: PTH108  a text
    return len(data)


_of_stores: dict[tuple[str, bool], Uses] = {}
"""The stores of this process whose entries were looked up."""

_awaited: set[int] = set()
"""Processes whose end is awaited: this one, and those that it was forked from."""


def uses_of(store: Store) -> Uses:
    """Give the uses of a store's entries; one object for each place in a process."""
    if store.copies is not None and not isinstance(store, UnchangedStore):
        # Those of the copies here, which go by it.
        store = store.copies
    place = store.url, isinstance(store, UnchangedStore)
    found = _of_stores.get(place)
    if found is None:
        found = _of_stores.setdefault(place, Uses(store))
    return found


def _flush_all() -> None:
    for uses in list(_of_stores.values()):
        uses.flush()


def _flush_at_exit() -> None:
    if not _awaited:
        atexit.register(_flush_all)
    if os.getpid() in _awaited:
        return
    _awaited.add(os.getpid())
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        # Its workers leave without Python's own farewell.
        from multiprocessing.util import Finalize

        Finalize(None, _flush_all, exitpriority=0)


def _after_fork() -> None:
    for uses in list(_of_stores.values()):
        uses.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
