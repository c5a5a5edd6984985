"""One computation for a key: who computes it, and who waits for that.

After a miss a call takes its `Turn`.  Within a process, the first call of a key has a `Flight`,
and others wait for its end; among processes the first takes the key's lock in the store.  Whoever
waited looks the key up again.  A wait ends when it is of no use any more:

- the one that computes is gone, or stopped (Ctrl+Z), or what it computes waits for this call;
- two computations ended and left no result, or one that cannot be stored;
- it took as long as the user allows.

Then the call computes like the one it waited for.  So nothing but work is at stake: a lock that
does not work, or is lost, costs a second computation.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from jobtui_core import tracing
from jobtui_core.memory.request import Request
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.stores.locks import FileLocks
from jobtui_core.tracing.liveness import ancestors, is_stopped

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

__all__ = ["NO_TURN", "Turn", "longest_wait"]

_log = logging.getLogger("jobtui_core.memory")

LONGEST_WAIT = 24 * 3600.0
"""Seconds that a call waits if nothing else is said: computations take hours, not days."""

TELL_AFTER = 3.0
"""Seconds after which somebody may wonder why nothing happens."""

STOPPED_FOR = 5.0
"""Seconds for which a process must have been stopped to be taken for one that stays so."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.05
"""Seconds between two looks at another process; they grow with the time that was waited."""

_LOOK_UP = 1.0
"""Seconds between two looks at what can only change slowly: the limit, a stopped process."""

_MOST_IN_VAIN = 1000
"""Keys of which it is remembered that their computation left nothing."""

_Place = tuple[str, str]
"""Store and key: what is computed once."""


class Flight:
    """A computation that goes on in this process, or a wait for one in another."""

    __slots__ = ("_going", "_listeners", "over", "unkept")

    def __init__(self) -> None:
        self._going = threading.Lock()
        self._going.acquire()
        self._listeners: list[Callable[[], None]] = []
        self.over = False
        self.unkept = False
        """Whether it ended with a result that is not in the store."""

    def wait(self, seconds: float) -> None:
        """Wait for its end, for a while."""
        if self._going.acquire(timeout=seconds):
            self._going.release()

    @contextmanager
    def told(self, listener: Callable[[], None]) -> Iterator[None]:
        """Have something called at its end, from whatever thread; perhaps twice."""
        self._listeners.append(listener)
        try:
            if self.over:
                listener()
            yield
        finally:
            with suppress(ValueError):
                self._listeners.remove(listener)

    def end(self, *, unkept: bool) -> None:
        """Let those go on who wait."""
        self.unkept = unkept
        self.over = True
        self._going.release()
        for listener in tuple(self._listeners):
            listener()


class _Board:
    """What is computed in this process at the moment."""

    def __init__(self) -> None:
        self.flights: dict[_Place, Flight] = {}
        self.in_vain: set[_Place] = set()
        """What was computed here last without a result that others could find."""
        self._waits: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def begin_wait(self, key: str, within: Iterable[str]) -> bool:
        """Say that computations cannot end before another one does.

        Parameters
        ----------
        key : str
            Of the other one.
        within : iterable of str
            Keys of those that would wait.

        Returns
        -------
        bool
            ``False`` if the other one waits for one of them.
        """
        keys = set(within)
        with self._lock:
            seen, ahead = set(), [key]
            while ahead:
                one = ahead.pop()
                if one in keys:
                    return False
                if one not in seen:
                    seen.add(one)
                    ahead += self._waits.get(one, ())
            for one in keys:
                self._waits.setdefault(one, []).append(key)
        return True

    def end_wait(self, key: str, within: Iterable[str]) -> None:
        """Take back what `begin_wait` said."""
        with self._lock:
            for one in set(within):
                waits = self._waits[one]
                waits.remove(key)
                if not waits:
                    del self._waits[one]


_board = _Board()


def _after_fork() -> None:
    # Nobody of those who compute, wait or hold a lock is in this process.
    global _board
    _board = _Board()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def longest_wait(single_flight: bool | float) -> float:
    """Give the seconds that a call may wait for another one; 0 turns that off.

    Raises
    ------
    TypeError, ValueError
        If it is neither a bool nor a number of seconds.
    """
    if isinstance(single_flight, bool):
        return LONGEST_WAIT if single_flight else 0.0
    if not isinstance(single_flight, int | float):
        raise TypeError(f"single_flight is a bool or seconds, not {single_flight!r:.80}")
    if math.isnan(single_flight) or single_flight < 0:
        raise ValueError(f"single_flight must be 0 or more seconds, not {single_flight!r}")
    return float(single_flight)


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
    ) -> None:
        assert request.key is not None
        self._request = request
        self._key = request.key
        self._name = name
        self._place = (store, request.key)
        self._longest = longest
        self._look = look
        self._look_first = look_first
        self._board = _board
        # To whoever calls on and on what cannot be stored, others shall not listen for ever.
        self._locks = None if self._place in _board.in_vain else locks
        self._flight: Flight | None = None
        self._locked = False
        self._answered = False
        self._wait: _Wait | None = None

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
            while (wait := self._waits()) is not None:
                if wait.flight is not None:
                    await _wait_in_loop(wait.flight, wait.patience(), asyncio.get_running_loop())
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
        return (flight is None or flight.over) and self._looked()

    def _looked(self) -> bool:
        self._result = self._look()
        self._answered = self._result is not NOTHING
        return self._answered

    def _waits(self) -> _Wait | None:
        """Take what is free; give what to wait for, or nothing if the call goes on."""
        if self._flight is None:
            if self._wait is not None and self._wait.is_useless():
                return None
            mine = Flight()
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

    def _may_wait(self, flight: Flight | None, pid: int | None) -> _Wait | None:
        if self._wait is None:
            within = list(_keys_within())
            if self._key in within or not self._board.begin_wait(self._key, within):
                return None
            self._wait = _Wait(self._name, self._longest, within)
        return self._wait if self._wait.goes_on(flight, pid) else None

    def _end(self, error: BaseException | None) -> None:
        left_nothing = not self._answered and not self._request.kept
        board = self._board
        if board is not _board:
            # This is a child that was forked meanwhile: wait, lock and flight are its parent's.
            return
        if self._wait is not None:
            board.end_wait(self._key, self._wait.within)
        if left_nothing and len(board.in_vain) < _MOST_IN_VAIN:
            board.in_vain.add(self._place)
        elif board.in_vain:
            board.in_vain.discard(self._place)
        if self._locked and self._locks is not None:
            self._locks.release(self._key)
        if self._flight is not None:
            del board.flights[self._place]
            self._flight.end(unkept=left_nothing and error is None)


class _Wait:
    """A call's wait for others, one after the other."""

    def __init__(self, name: str, longest: float, within: list[str]) -> None:
        self._name = name
        self._longest = longest
        self.within = within
        """Keys of the computations in whose course the call is made."""
        self._began = time.monotonic()
        self.flight: Flight | None = None
        """What it waits for in this process; ``None`` for another one."""
        self._pid: int | None = None
        self._in_vain = 0
        self._first = True
        self._told = False
        self._looked = self._began
        self._stopped: float | None = None

    def pause(self) -> float:
        """Give the seconds until the next look: a tenth of those that were waited."""
        waited = time.monotonic() - self._began
        return min(_LONGEST_PAUSE, max(_FIRST_PAUSE, waited / 10))

    def patience(self) -> float:
        """Give the seconds after which to look at what is slow to change."""
        left = self._began + self._longest - time.monotonic()
        return min(_LOOK_UP, max(_FIRST_PAUSE, left))

    def is_useless(self) -> bool:
        """Tell whether the next one would leave nothing either."""
        return self.flight is not None and self.flight.unkept

    def goes_on(self, flight: Flight | None, pid: int | None) -> bool:
        """Tell whether to wait (on) for somebody."""
        if self._is_another(flight, pid):
            # What the last one computed is not there.
            self._in_vain += 1
            if self._in_vain >= 2:
                return False
        self.flight = flight
        if pid is not None and pid != self._pid:
            self._pid, self._stopped = pid, None
            if pid in ancestors():
                # One that started this process may be waiting for it.
                return False
        now = time.monotonic()
        if now - self._began >= self._longest:
            return False
        if now - self._looked < _LOOK_UP:
            return True
        self._looked = now
        if not self._told and now - self._began >= TELL_AFTER:
            self._told = True
            whom = "another thread" if flight is not None else f"process {pid or '?'}"
            _log.info("%s: waiting for %s, which computes this call", self._name, whom)
        return not self._is_stopped(now)

    def _is_another(self, flight: Flight | None, pid: int | None) -> bool:
        """Tell whether this is not the one that was waited for; no pid may be any process."""
        first, self._first = self._first, False
        if first:
            return False
        if flight is not None or self.flight is not None:
            return flight is not self.flight
        return pid is not None and self._pid is not None and pid != self._pid

    def _is_stopped(self, now: float) -> bool:
        if self._pid is None or not is_stopped(self._pid):
            self._stopped = None
            return False
        if self._stopped is None:
            self._stopped = now
        return now - self._stopped >= STOPPED_FOR


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
