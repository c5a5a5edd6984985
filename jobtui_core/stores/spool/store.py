"""The store that scripts write to when the real one is far away."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from jobtui_core.errors import StoreError
from jobtui_core.farewell import at_last, ensure
from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Capability, Data, Listed, Store, check_name, check_prefix
from jobtui_core.stores.patience import PatientStore, destination
from jobtui_core.stores.spool.bounds import Bounds
from jobtui_core.stores.spool.folders import Folders
from jobtui_core.stores.spool.outbox import Outbox
from jobtui_core.stores.unchanged import is_checking

__all__ = ["SpooledStore", "flush_all", "spooled", "take_arrivals"]


def spooled(store: Store, folder: Path, *, sends: bool = True) -> SpooledStore:
    """Have what is written to a store wait in a folder until it has arrived.

    Parameters
    ----------
    store : Store
    folder : Path
        ``<root>/.jobtui/spool``; the store gets a folder of its own in it.
    sends : bool
        Whether anything is sent at all.  Else what waits there is seen and stays, and writing
        waits for the store: for commands that only look.
    """
    return SpooledStore(store, folder, sends=sends)


class SpooledStore(StoreAround):
    """Another store, to which what is written is on its way while the script goes on.

    Parameters
    ----------
    store : Store
        The other one.
    folder : Path
        Where objects wait: nobody but their owner may look into it, and no credentials lie there.
    sends : bool
        See `spooled`.
    bounds : Bounds, optional
        How much may wait; beyond, writing waits for the store itself.

    Notes
    -----
    An object that was written is there at once for everybody on this machine who uses the same
    folder, and for others once it has arrived.  Of several writes of one name the last one wins;
    of processes, the last whose object arrives.  `write_if_absent` and deleting are done at the
    store, at once.

    What a store that does not answer has not got is tried again, with growing pauses, as long as
    the process lives; what it refuses, at intervals, up to a smaller amount.  At exit everything
    is sent that can be.  The rest is sent by the next process that uses the store, as is what a
    process that was killed had on its way; what another process that lives has, is left to it.

    Where no folder can be made, or the disk is full, writing waits for the store itself.
    """

    def __init__(
        self, store: Store, folder: Path, *, sends: bool = True, bounds: Bounds | None = None
    ) -> None:
        super().__init__(store)
        self.folder = folder / destination(store)
        self._insistent = store.insistent() if isinstance(store, PatientStore) else store
        self._sends = sends and not is_checking()
        self._bounds = bounds or Bounds()
        self._place = os.fspath(self.folder), self._sends
        if self._sends:
            _opened[self._place] = self
            if (box := _boxes.get(self._place)) is not None:
                # Stores of one place differ in credentials at most: the last ones count.
                box.renew(self._insistent)
            at_last("send", _end)
            ensure()

    def _box(self) -> Outbox:
        return _boxes.get(self._place) or self._make_box()

    def _make_box(self) -> Outbox:
        folders = Folders(self.folder, self.url)
        url = self.url
        box = Outbox(
            self._insistent,
            folders,
            self._bounds,
            lambda name: _arrivals.append((url, name)),
            sends=self._sends,
        )
        if self._sends:
            # A child of multiprocessing was not there when the first one was opened.
            ensure()
        # Of threads that come at once, all take the same one.
        return _boxes.setdefault(self._place, box)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Those of the other store, but for local files."""
        return self.inner.capabilities - {"local"}

    @property
    def trouble(self) -> StoreError | None:
        """Why something that was written has not arrived, where that is known."""
        return self._box().trouble

    def is_pending(self, name: str) -> bool:
        """Tell whether an object that this process wrote has not arrived."""
        return self._box().is_pending(name)

    @property
    def pending(self) -> Sequence[str]:
        """Names of the objects that this process has on their way."""
        return self._box().pending

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        found = self._box().read(check_name(name), start, length)
        return self.inner.read(name, start, length) if found is None else found

    def stat(self, name: str) -> Listed | None:
        """See `Store.stat`."""
        return self._box().stat(check_name(name)) or self.inner.stat(name)

    def write(self, name: str, data: Data) -> None:
        """Write an object, to be sent; see `Store.write`."""
        box = self._box()
        if not box.put(check_name(name), data):
            box.drop(name)
            self.inner.write(name, data)

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Write an object unless one is there, in the store or on its way to it."""
        if self._box().stat(check_name(name)) is not None:
            return False
        return self.inner.write_if_absent(name, data)

    def delete(self, name: str) -> None:
        """See `Store.delete`."""
        self._box().drop(check_name(name))
        self.inner.delete(name)

    def delete_all(self, names: Iterable[str]) -> None:
        """See `Store.delete_all`."""
        gone = [check_name(name) for name in names]
        for name in gone:
            self._box().drop(name)
        self.inner.delete_all(gone)

    def copy(self, source: str, target: str) -> None:
        """See `Store.copy`."""
        data = self._box().read(check_name(source))
        if data is not None:
            self.write(target, data)
            return
        if source == target:
            return
        if self._box().stat(check_name(target)) is not None:
            if self.inner.stat(source) is None:
                return
            self._box().drop(target)
        self.inner.copy(source, target)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        waiting = self._box().listing(check_prefix(prefix))
        yield from waiting.values()
        for listed in self.inner.list(prefix):
            if listed.name not in waiting:
                yield listed

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`; what is on its way comes first."""
        waiting = self._box().listing(check_prefix(prefix))
        first = list(waiting.values())
        for start in range(0, len(first), size):
            yield first[start : start + size]
        for page in self.inner.pages(prefix, size):
            rest = [one for one in page if one.name not in waiting] if waiting else page
            if rest:
                yield rest

    def local_path(self, name: str) -> Path | None:
        """None: what is on its way is there for a moment only."""
        check_name(name)
        return None

    def local_file(self, name: str) -> str | None:
        """None, as `local_path`."""
        check_name(name)
        return None

    def flush(self, timeout: float | None = None) -> int:
        """Wait until all that this process wrote, and what it found left behind, has arrived.

        Parameters
        ----------
        timeout : float, optional
            Seconds at most.  Without it, as long as something arrives, and ten seconds more; a
            store that was known not to answer, or that refuses, is tried once more and no longer.

        Returns
        -------
        int
            Objects that have not arrived; they stay, and are sent later.
        """
        started = time.monotonic()
        left = self._box().flush(timeout)
        rest = None if timeout is None else max(0.0, timeout - (time.monotonic() - started))
        return left + self.inner.flush(rest)


# What a process has -----------------------------------------------------------------------------

_boxes: dict[tuple[str, bool], Outbox] = {}
"""By folder, and whether they send."""

_opened: dict[tuple[str, bool], SpooledStore] = {}
"""A store of each folder that was opened to be written to."""

_arrivals: deque[tuple[str, str]] = deque(maxlen=10_000)
"""URL of the store, and name of the object, of what arrived and was not asked for yet."""


def take_arrivals() -> list[tuple[str, str]]:
    """Give URL of the store and name of each object that arrived since this was last called."""
    taken = []
    with suppress(IndexError):
        while True:
            taken.append(_arrivals.popleft())
    return taken


def flush_all(timeout: float | None = None) -> int:
    """Wait until all that this process wrote to stores has arrived.

    Parameters
    ----------
    timeout : float, optional
        Seconds at most, for all stores; see `SpooledStore.flush`.

    Returns
    -------
    int
        Objects that have not.
    """
    until = None if timeout is None else time.monotonic() + timeout
    return sum(
        box.flush(None if until is None else max(0.0, until - time.monotonic()))
        for box in list(_boxes.values())
    )


def _end() -> None:
    """Send what can be sent, for a while, and say what could not."""
    try:
        for store in list(_opened.values()):
            if store.folder.is_dir():
                # Also what workers that were ended had on their way.
                store._box()
        flush_all()
    except KeyboardInterrupt:
        pass
    boxes = list(_boxes.values())
    left = [(name, box.trouble) for box in boxes for name in box.pending]
    for box in boxes:
        box.folders.give_up()
    process = sys.modules.get("multiprocessing.process")
    if left and (process is None or process.parent_process() is None):
        with suppress(Exception):
            sys.stderr.write(f"jobtui: {_what_waits(left)}\n")
            sys.stderr.flush()


def _what_waits(left: Sequence[tuple[str, StoreError | None]]) -> str:
    results = sum(name.endswith(".entry") for name, _ in left)
    number, noun = (results, "result") if results else (len(left), "record")
    what = f"{number} {noun} waits" if number == 1 else f"{number} {noun}s wait"
    verb = "is" if number == 1 else "are"
    causes = dict.fromkeys(str(trouble) for _, trouble in left if trouble is not None)
    why = f" ({'; '.join(causes)})" if causes else ""
    return f"{what} in .jobtui/spool and {verb} sent by the next run{why}"


def _after_fork() -> None:
    # What the parent sends is the parent's, and its threads are not here.
    _boxes.clear()
    _arrivals.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
