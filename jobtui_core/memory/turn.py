"""One computation for a key: who computes it, and who waits for that.

After a miss a call takes its `Turn`.  Within a process, the first call of a key has a `Flight`,
and others wait for its end; among processes the first takes the key's lock in the store.  Whoever
waited looks the key up again.  A wait ends when it is of no use any more:

- the one that computes is gone, or stopped (Ctrl+Z, an event loop that does not run), or what it
  computes waits for this call;
- two computations ended and left no result, or one that cannot be stored;
- it took as long as the user allows.

Then the call computes like the one it waited for.  So nothing but work is at stake: a lock that
does not work, or is lost, costs a second computation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jobtui_core import tracing
from jobtui_core.memory.flights import Flight, board
from jobtui_core.memory.request import Request
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.memory.waiting import Wait
from jobtui_core.stores.locks import FileLocks

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

__all__ = ["NO_TURN", "NoTurn", "Turn"]


class NoTurn:
    """Stands for the turn of a call that waits for nobody."""

    def __enter__(self) -> Any:
        return NOTHING

    def __exit__(self, *error: object) -> None:
        pass

    async def __aenter__(self) -> Any:
        return NOTHING

    async def __aexit__(self, *error: object) -> None:
        pass


NO_TURN = NoTurn()


class Turn:
    """A call's way from its miss to computing, or to the result of somebody else.

    As a context manager it gives that result, or ``NOTHING``; then the computation is to happen
    inside of it.

    Parameters
    ----------
    request : Request
        With a key.
    name : str
        What people call the function.
    store : str
        Tells its store from others.
    locks : FileLocks, optional
        Those of the store.
    longest : float
        Seconds to wait at most.
    look : callable
        Gives the result, if it was stored since the call was looked up, or ``NOTHING``.
    look_first : bool
        Whether to look, too, if there was nobody to wait for: they may be done already.
    look_while_waiting : bool
        Whether to look while another process computes, not only once it is done.
    """

    def __init__(
        self,
        request: Request,
        name: str,
        store: str,
        locks: FileLocks | None,
        longest: float,
        look: Callable[[], Any],
        *,
        look_first: bool,
        look_while_waiting: bool = True,
    ) -> None:
        assert request.key is not None
        self._request = request
        self._key = request.key
        self._name = name
        self._place = (store, request.key)
        self._longest = longest
        self._look = look
        self._look_first = look_first
        self._look_while_waiting = look_while_waiting
        self._board = board()
        # To whoever calls on and on what cannot be stored, others shall not listen for ever.
        self._locks = None if self._place in self._board.in_vain else locks
        self._flight: Flight | None = None
        self._loop: AbstractEventLoop | None = None
        self._locked = False
        self._marked: list[str] = []
        """Locks that tell other processes what waits for this call."""
        self._answered = False
        self._wait: Wait | None = None

    # Within a thread

    def __enter__(self) -> Any:
        try:
            while (wait := self._waits()) is not None:
                if wait.flight is not None:
                    wait.flight.wait(wait.patience())
                else:
                    time.sleep(wait.pause())
                if self._found():
                    return self._result
            return self._result if self._first_look() else NOTHING
        except BaseException as error:
            self._end(error)
            raise

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._end(error)

    # Within an event loop

    async def __aenter__(self) -> Any:
        import asyncio

        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            # Another library's: there is no telling how to wait in it.
            return NOTHING
        try:
            while (wait := self._waits()) is not None:
                if wait.flight is not None:
                    await _wait_in_loop(wait.flight, wait.patience(), self._loop)
                else:
                    await asyncio.sleep(wait.pause())
                if self._found():
                    return self._result
            return self._result if self._first_look() else NOTHING
        except BaseException as error:
            self._end(error)
            raise

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._end(error)

    # Both

    def _first_look(self) -> bool:
        return (self._look_first or self._wait is not None) and self._looked()

    def _found(self) -> bool:
        """Look the call up again if what it waits for is over, or may be."""
        assert self._wait is not None
        flight = self._wait.flight
        due = self._look_while_waiting if flight is None else flight.over
        return due and self._looked()

    def _looked(self) -> bool:
        self._result = self._look()
        self._answered = self._result is not NOTHING
        return self._answered

    def _waits(self) -> Wait | None:
        """Take what is free; give what to wait for, or nothing if the call goes on."""
        if self._flight is None:
            if self._wait is not None and self._wait.is_useless():
                return None
            mine = Flight(self._loop)
            other = self._board.flights.setdefault(self._place, mine)
            if other is not mine:
                return self._may_wait(other, None)
            self._flight = mine
        if self._locks is not None and not self._locked:
            taken = self._locks.take(self._key)
            if taken is False:
                return self._may_wait(None, self._locks.holder(self._key))
            self._locked = bool(taken)
        return None

    def _may_wait(self, flight: Flight | None, pid: int | None) -> Wait | None:
        if flight is not None and flight.is_stuck():
            return None
        if self._wait is None:
            within = list(_keys_within())
            if self._key in within or not self._board.begin_wait(self._key, within):
                return None
            self._wait = Wait(self._name, self._longest, within)
        if flight is None and not self._marked and self._is_in_circle(self._wait.within):
            return None
        return self._wait if self._wait.goes_on(flight, pid) else None

    def _is_in_circle(self, within: list[str]) -> bool:
        """Tell other processes what waits for what; tell whether one of them waits for this one.

        Only ignored arguments make it possible.  Whoever comes last finds the other one's mark.
        """
        assert self._locks is not None
        self._marked = [f"{key} waits for {self._key}" for key in within]
        for mark in self._marked:
            self._locks.take(mark)
        others = (f"{self._key} waits for {key}" for key in within)
        return any(self._locks.holder(other) is not None for other in others)

    def _end(self, error: BaseException | None) -> None:
        left_nothing = not self._answered and not self._request.kept
        if self._board is not board():
            # This is a child that was forked meanwhile: wait, lock and flight are its parent's.
            return
        if self._wait is not None:
            self._board.end_wait(self._key, self._wait.within)
        self._board.ended(self._place, in_vain=left_nothing)
        if self._locks is not None:
            for mark in self._marked:
                self._locks.release(mark)
            if self._locked:
                self._locks.release(self._key)
        if self._flight is not None:
            del self._board.flights[self._place]
            self._flight.end(unkept=left_nothing and error is None)


def _keys_within() -> Iterator[str]:
    """Give the keys of the calls in whose course this happens, the innermost first."""
    handle = tracing.innermost()
    while handle is not None:
        if handle.key is not None:
            yield handle.key
        handle = handle.parent


async def _wait_in_loop(flight: Flight, seconds: float, loop: AbstractEventLoop) -> None:
    import asyncio

    over: Future[None] = loop.create_future()

    def resolve() -> None:
        if not over.done():
            over.set_result(None)

    def from_anywhere() -> None:
        # A loop that was closed waits for nothing.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(resolve)

    with flight.told(from_anywhere):
        await asyncio.wait({over}, timeout=seconds)
