"""What is computed in this process at the moment, and who waits for whom."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

__all__ = ["Board", "Flight", "Place", "board"]

Place = tuple[str, str]
"""Store and key: what is computed once."""

MOST_IN_VAIN = 1000
"""Keys of which it is remembered that their computation left nothing."""


class Flight:
    """A computation that goes on in this process, or a wait for one in another.

    Parameters
    ----------
    loop : asyncio.AbstractEventLoop, optional
        What it goes on in, if that is not just its thread.
    """

    __slots__ = ("_going", "_listeners", "_loop", "_thread", "over", "unkept")

    def __init__(self, loop: AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._thread = threading.get_ident()
        self._going = threading.Lock()
        self._going.acquire()
        self._listeners: list[Callable[[], None]] = []
        self.over = False
        self.unkept = False
        """Whether it ended with a result that is not in the store."""

    def is_stuck(self) -> bool:
        """Tell whether it cannot end while somebody waits, here and now.

        Its event loop was stopped, or it is this thread that it needs: it was left by Ctrl+C in
        between, or it is interrupted by what would wait (a signal's handler, another greenlet).
        """
        if self._loop is not None:
            return not self._loop.is_running()
        return self._thread == threading.get_ident()

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


class Board:
    """What is computed in this process at the moment."""

    def __init__(self) -> None:
        self.flights: dict[Place, Flight] = {}
        self.in_vain: set[Place] = set()
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

    def ended(self, place: Place, *, in_vain: bool) -> None:
        """Remember whether a computation left something that others can find."""
        if in_vain and len(self.in_vain) < MOST_IN_VAIN:
            self.in_vain.add(place)
        elif self.in_vain:
            self.in_vain.discard(place)


_board = Board()


def board() -> Board:
    """Give the board of this process."""
    return _board


def _after_fork() -> None:
    # Nobody of those who compute, wait or hold a lock is in this process.
    global _board
    _board = Board()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
