"""The same work for many things, several at a time: what a store over a network is asked for.

The caller's thread gets the results, and hears now and then that there are none yet, so that it
can show how far it is and be interrupted.  Threads that are still in a request when nobody waits
for them any more do not keep a process from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

from jobtui_core.stores import Store

__all__ = ["Done", "threads_for", "together"]

_T = TypeVar("_T")
_R = TypeVar("_R")

_TICK = 0.1
"""Seconds after which a caller hears that nothing is new."""

_FAREWELL = 5.0
"""Seconds that are given to what was begun: a write that is cut off is made again."""

_LOCAL, _REMOTE = 2, 12
"""Threads: two keep a disk busy; a server answers many while one waits for the network."""


class Done(NamedTuple, Generic[_T, _R]):
    """One thing, and what came of it."""

    item: _T
    result: _R | None
    """``None`` if there is an error."""
    error: Exception | None = None


def threads_for(*stores: Store) -> int:
    """Give how many requests at a time do stores good."""
    return _REMOTE if any("remote" in store.capabilities for store in stores) else _LOCAL


def together(
    items: Iterable[_T],
    work: Callable[[_T], _R],
    *,
    threads: int,
    tick: float = _TICK,
    farewell: float = _FAREWELL,
) -> Generator[Done[_T, _R] | None, None, None]:
    """Do some work for each of many things, and give what comes of it as it comes.

    Parameters
    ----------
    items : iterable
        Taken as they are needed.
    work : callable
        Called in other threads.
    threads : int
        How many at a time.
    tick : float
        Seconds.
    farewell : float
        Seconds that are given to what was begun, once nothing more is wanted.

    Yields
    ------
    Done or None
        ``None`` where nothing new came for the time of a tick.

    Notes
    -----
    Whoever closes the iterator, or is interrupted, has nothing more begun; what was begun has a
    few seconds to end.
    """
    team = _Team(iter(items), work)
    members = [
        threading.Thread(target=team.labour, name=f"jobtui-together-{n}", daemon=True)
        for n in range(threads)
    ]
    for member in members:
        member.start()
    left = len(members)
    try:
        while left:
            try:
                found = team.results.get(timeout=tick)
            except Empty:
                yield None
                continue
            if found is None:
                left -= 1
            else:
                yield found
        if team.broken is not None:
            raise team.broken
    finally:
        team.stop.set()
        until = monotonic() + farewell
        for member in members:
            member.join(max(0.0, until - monotonic()))


class _Team(Generic[_T, _R]):
    """What the threads of one call share."""

    def __init__(self, items: Iterator[_T], work: Callable[[_T], _R]) -> None:
        self.results: SimpleQueue[Done[_T, _R] | None] = SimpleQueue()
        self.stop = threading.Event()
        self.broken: Exception | None = None
        """What went wrong in making the items."""
        self._items = items
        self._work = work
        self._turn = threading.Lock()

    def labour(self) -> None:
        try:
            while not self.stop.is_set():
                try:
                    with self._turn:
                        item = next(self._items)
                except StopIteration:
                    return
                except Exception as error:  # noqa: BLE001  raised again where it is waited for
                    self.broken = error
                    self.stop.set()
                    return
                self.results.put(self._done(item))
        finally:
            self.results.put(None)

    def _done(self, item: _T) -> Done[_T, _R]:
        try:
            return Done(item, self._work(item))
        except Exception as error:  # noqa: BLE001  told to whoever waits, in its own thread
            return Done(item, None, error)
