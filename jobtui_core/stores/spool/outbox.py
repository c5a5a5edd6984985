"""What this process has on its way to a store: kept in files, sent by threads.

Nothing here ever raises what a store does wrong: what cannot be sent stays, for a later attempt or
a later process.
"""

from __future__ import annotations

import mmap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.stores.base import Data, Listed, Store
from jobtui_core.stores.patience import PatientStore
from jobtui_core.stores.spool.bounds import Bounds
from jobtui_core.stores.spool.files import content_of, file_of, packed
from jobtui_core.stores.spool.folders import Folders
from jobtui_core.stores.spool.seen import Item, list_spooled, read_spooled, stat_spooled

__all__ = ["Outbox"]

_SENDERS = 4
"""Threads that send: one waits for the network most of its time."""

_IDLE = 5.0
"""Seconds after which a thread without work ends."""

_FIRST_REST = 1.0
"""Seconds between two attempts when the store does not answer; doubled each time."""

_LONGEST_REST = 60.0

_REFUSALS = 3
"""Objects in a row that are refused before the others are not even tried."""

_REFUSED_FOR = 300.0
"""Seconds before another object is tried then."""

_ATTEMPTS = 3
"""Times that one object is tried which the store takes exception to."""

_WITHOUT_PROGRESS = 10.0
"""Seconds that are waited in the end while nothing arrives."""

_SLOWEST = 256 << 10
"""Bytes a second; an upload that makes this is waited for."""

_MAPPED = 8 << 20
"""Bytes from which a file is mapped, and not read, to be sent."""


class Outbox:
    """All that a process has to send to a store.

    Parameters
    ----------
    store : Store
        The store, whose calls are really made and may take their time.
    folders : Folders
    bounds : Bounds
    arrived : callable
        Is told the names of objects that have arrived, by the thread that sent them.
    sends : bool
        Whether anything is sent.  Else it only looks at what there is.
    """

    def __init__(
        self,
        store: Store,
        folders: Folders,
        bounds: Bounds,
        arrived: Callable[[str], None],
        *,
        sends: bool = True,
    ) -> None:
        self.store = store
        self.folders = folders
        self.bounds = bounds
        self.trouble: StoreError | None = None
        """Why something has not arrived, if that is known."""
        self._arrived = arrived
        self._changed = threading.Condition()
        self._items: dict[str, Item] = {}
        self._waiting: dict[str, None] = {}
        """Names to be sent, the oldest first."""
        self._held: dict[str, None] = {}
        """Names that are not tried before somebody asks for it."""
        self._sending: dict[str, Item] = {}
        self._busy: set[str] = set()
        """Names whose files change just now."""
        self._bytes = 0
        self._threads = 0
        self._attempts: dict[str, int] = {}
        self._rest = 0.0
        self._rest_until = 0.0
        self._refusals = 0
        self._refused_until = 0.0
        self._progress = 0
        self._begun: dict[str, int] = {}
        """Number of the attempt that is being made for a name."""
        self._attempt = 0
        self._renewed = 0
        """Number of the last one that was made before somebody asked for all to be tried again."""
        self._failed = 0
        """Number of the latest attempt that was not answered."""
        self._looked = not sends
        self._sends = sends

    # What scripts do ----------------------------------------------------------------------------

    def put(self, name: str, data: Data) -> bool:
        """Take an object to be sent; ``False`` if there is no room for it."""
        self.begin()
        pieces, size = packed(name, data)
        refused = isinstance(self.trouble, StoreDeniedError)
        if not self._sends or not self.bounds.admit(
            size, self._bytes, self.folders.path, refused=refused
        ):
            return False
        with self._alone_with(name):
            try:
                self.folders.own.write(file_of(name), pieces)
            except StoreError:
                # No folder can be made here, or the disk is full.
                return False
            self._take(Item(name, size, self.folders.own))
        for other in self.folders.others():
            # They are older.  Whoever sends one now may be the last all the same.
            with suppress(StoreError):
                other.delete(file_of(name))
        return True

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Give an object that is on its way, or a part of it; ``None`` if it is not."""
        self.begin()
        return read_spooled(self._items.get(name), self.folders, name, start, length)

    def stat(self, name: str) -> Listed | None:
        """Give size and time of an object that is on its way; ``None`` if it is not."""
        self.begin()
        return stat_spooled(self._items.get(name), self.folders, name)

    def listing(self, prefix: str) -> dict[str, Listed]:
        """Give the objects on their way whose names begin with ``prefix``."""
        self.begin()
        with self._changed:
            items = list(self._items.values())
        return list_spooled(items, self.folders, prefix)

    def drop(self, name: str) -> None:
        """Forget an object: it was deleted, or is being replaced by another way.

        Waits for it where it is being sent just now.
        """
        self.begin()
        file = file_of(name)
        with self._alone_with(name, not_sent=True):
            item = self._items.get(name)
            if item is not None:
                self._forget(item)
                with suppress(StoreError):
                    item.place.delete(file)
        for other in self.folders.others():
            with suppress(StoreError):
                other.delete(file)

    def is_pending(self, name: str) -> bool:
        """Tell whether an object that this process wrote has not arrived."""
        return name in self._items

    def renew(self, store: Store) -> None:
        """Go on with a store that was opened anew, and try again what was refused."""
        with self._changed:
            self.store = store
            self._try_all_again()
            self._ensure_threads()
            self._changed.notify_all()

    def _try_all_again(self) -> None:
        self._waiting.update(self._held)
        self._held.clear()
        self._refusals = 0
        self._renewed = self._attempt

    @property
    def pending(self) -> tuple[str, ...]:
        """Names of all that this process has to send."""
        with self._changed:
            return tuple(self._items)

    def begin(self) -> None:
        """Look once for what processes that are gone left behind."""
        if not self._looked:
            self._looked = True
            self.adopt()

    def adopt(self) -> None:
        """Take over what processes that are gone left behind."""
        if not self._sends:
            return
        for folder in self.folders.adopt():
            empty = True
            for file, name, size in folder.files(mine=True):
                with self._alone_with(name):
                    if name in self._items:
                        # Written since.
                        with suppress(StoreError):
                            folder.delete(file)
                        continue
                    empty = False
                    self._take(Item(name, size, folder))
            if empty:
                folder.remove_if_empty()

    @contextmanager
    def _alone_with(self, name: str, *, not_sent: bool = False) -> Iterator[None]:
        """Keep others from changing an object's file, and wait until nobody sends it."""
        with self._changed:
            while name in self._busy or (not_sent and name in self._sending):
                self._changed.wait()
            self._busy.add(name)
        try:
            yield
        finally:
            with self._changed:
                self._busy.discard(name)
                self._changed.notify_all()

    def _take(self, item: Item) -> None:
        with self._changed:
            before = self._items.get(item.name)
            if before is not None:
                self._bytes -= before.taken
            self._items[item.name] = item
            self._bytes += item.taken
            for names in (self._waiting, self._held, self._attempts):
                names.pop(item.name, None)
            if self._refusals >= _REFUSALS and time.monotonic() < self._refused_until:
                self._held[item.name] = None
            else:
                self._waiting[item.name] = None
                self._ensure_threads()
            self._changed.notify_all()
        if before is not None and before.place is not item.place:
            with suppress(StoreError):
                before.place.delete(file_of(item.name))

    def _forget(self, item: Item) -> None:
        with self._changed:
            if self._items.get(item.name) is item:
                del self._items[item.name]
                self._bytes -= item.taken
            for names in (self._waiting, self._held, self._attempts):
                names.pop(item.name, None)

    # What threads do ----------------------------------------------------------------------------

    def _ensure_threads(self) -> bool:
        """Have a thread for what is to be sent; ``False`` if there can be none any more."""
        ready = len(self._waiting) + len(self._sending)
        while self._threads < min(_SENDERS, ready):
            thread = threading.Thread(target=self._work, name="jobtui sends", daemon=True)
            self._threads += 1
            try:
                thread.start()
            except RuntimeError:
                # From Python 3.12 on, none is started once the interpreter shuts down.
                self._threads -= 1
                break
        return self._threads > 0

    def _work(self) -> None:
        while (item := self._next()) is not None:
            self._send(item)

    def _next(self) -> Item | None:
        """Give the next object to be sent; ``None`` when there was none for a while."""
        until = time.monotonic() + _IDLE
        with self._changed:
            while (item := self._pick()) is None:
                now = time.monotonic()
                if self._waiting:
                    until = now + _IDLE
                    rest = self._rest_until - now
                    self._changed.wait(rest if rest > 0 else _IDLE)
                elif now < until:
                    self._changed.wait(until - now)
                else:
                    self._threads -= 1
                    return None
            return item

    def _pick(self) -> Item | None:
        """Give an object to be sent now; the lock is held."""
        # While nobody answers, one object tries for all.
        if time.monotonic() < self._rest_until or (self._rest and self._sending):
            return None
        name = next(filter(self._is_free, self._waiting), None)
        if name is None:
            return None
        del self._waiting[name]
        self._attempt += 1
        self._begun[name] = self._attempt
        item = self._sending[name] = self._items[name]
        return item

    def _is_free(self, name: str) -> bool:
        return name not in self._sending and name not in self._busy

    def _send(self, item: Item) -> None:
        error: Exception | None = None
        try:
            there = self._write(item)
        except Exception as problem:  # noqa: BLE001  whatever a store does, the others go on
            error, there = problem, True
        if error is None:
            self._sent(item)
            if there:
                # While whoever waits for everything still waits for this one.
                with suppress(Exception):
                    self._arrived(item.name)
        with self._changed:
            self._sending.pop(item.name, None)
            newer = self._items.get(item.name)
            if newer is not None and newer is not item:
                self._waiting[item.name] = None
            elif newer is not None and error is not None:
                self._keep(item, error)
            self._changed.notify_all()

    def _write(self, item: Item) -> bool:
        """Write an object to the store; ``False`` if there is none any more, or it is damaged."""
        path = item.place.local_file(file_of(item.name))
        try:
            with open(path, "rb") as file:  # noqa: PTH123  a text
                if item.size >= _MAPPED:
                    whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
                else:
                    whole = memoryview(file.read())
        except FileNotFoundError:
            return False
        content = content_of(whole, item.name)
        if content is None:
            return False
        self.store.write(item.name, content)
        return True

    def _sent(self, item: Item) -> None:
        """Take an object's file away, unless another one has taken its place meanwhile."""
        with self._alone_with(item.name):
            newer = self._items.get(item.name) is not item
            if not newer:
                self._forget(item)
                with suppress(StoreError):
                    item.place.delete(file_of(item.name))
        with self._changed:
            self._progress += 1
            self._rest = self._rest_until = 0.0
            if self._refusals >= _REFUSALS:
                # They were not tried for those that were refused.
                self._waiting.update(self._held)
                self._held.clear()
            self._refusals = 0
            if not self._held:
                self.trouble = None
        if item.place is not self.folders.own:
            item.place.remove_if_empty()

    def _keep(self, item: Item, error: Exception) -> None:
        """Decide when an object that was not taken is tried again."""
        self.trouble = (
            error
            if isinstance(error, StoreError)
            else StoreError(f"{self.store.url}: {error}", url=self.store.url)
        )
        now = time.monotonic()
        if isinstance(error, StoreUnavailableError):
            self._failed = max(self._failed, self._begun[item.name])
            self._rest = min(2 * self._rest or _FIRST_REST, _LONGEST_REST)
            self._rest_until = now + self._rest
            self._waiting[item.name] = None
        elif isinstance(error, StoreDeniedError) and self._begun[item.name] <= self._renewed:
            # It may be allowed by now.
            self._waiting[item.name] = None
        elif isinstance(error, StoreDeniedError):
            self._refusals += 1
            self._held[item.name] = None
            if self._refusals >= _REFUSALS:
                self._refused_until = now + _REFUSED_FOR
                self._held.update(self._waiting)
                self._waiting.clear()
        else:
            attempts = self._attempts[item.name] = self._attempts.get(item.name, 0) + 1
            (self._waiting if attempts < _ATTEMPTS else self._held)[item.name] = None

    # Waiting ------------------------------------------------------------------------------------

    def flush(self, timeout: float | None = None) -> int:
        """Wait until all has arrived.

        Parameters
        ----------
        timeout : float, optional
            Seconds at most.  Without it, as long as something arrives, and ten seconds more.

        Returns
        -------
        int
            Objects that have not.
        """
        self.begin()
        self.adopt()
        with self._changed:
            # Once more for all: permissions may be others by now.
            self._try_all_again()
            # One that took something from this process before is worth waiting for.
            was_down = self._rest > 0 or self._progress == 0 or self._is_known_to_be_down()
            self._rest_until = 0.0
            # What was begun before may fail for reasons that hold no more.
            before, progress = self._attempt, self._progress
            alive = self._ensure_threads()
            self._changed.notify_all()
            now = time.monotonic()
            deadline = None if timeout is None else now + timeout
            still = now
            while self._waiting or self._sending:
                if not alive:
                    self._help()
                now = time.monotonic()
                if self._progress != progress:
                    progress, still = self._progress, now
                if deadline is not None:
                    left = deadline - now
                elif was_down and progress == self._progress and self._failed > before:
                    # It was known not to answer, and still does not.
                    break
                else:
                    left = still + _WITHOUT_PROGRESS + self._allowance() - now
                if left <= 0:
                    break
                self._changed.wait(min(left, 0.5))
            return len(self._items)

    def _is_known_to_be_down(self) -> bool:
        """Tell whether somebody asked it in vain a short time ago, for whatever."""
        return isinstance(self.store, PatientStore) and self.store.unanswered is not None

    def _help(self) -> None:
        """Send one object in this thread; the lock is held, and let go meanwhile."""
        item = self._pick()
        if item is None:
            return
        self._changed.release()
        try:
            self._send(item)
        finally:
            self._changed.acquire()

    def _allowance(self) -> float:
        """Give the seconds that what is being sent may take for its size."""
        return sum(item.size for item in self._sending.values()) / _SLOWEST
