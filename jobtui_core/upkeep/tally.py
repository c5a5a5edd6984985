"""Counting what happens in several threads at once, for the price of one call in C."""

from __future__ import annotations

import threading
from itertools import count

__all__ = ["Tally"]


class Tally:
    """A number that only grows, and loses nothing to other threads.

    Attributes
    ----------
    add : callable
        Counts one.
    """

    __slots__ = ("_asked", "_lock", "_numbers", "add")

    def __init__(self) -> None:
        # `n += 1` is three steps, between which another thread may come; this is one.
        self._numbers = count()
        self.add = self._numbers.__next__
        self._asked = 0
        self._lock = threading.Lock()

    @property
    def value(self) -> int:
        """How often was counted."""
        with self._lock:
            found = next(self._numbers) - self._asked
            self._asked += 1
        return found
