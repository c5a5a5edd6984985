"""Results handed out again within a process, as long as their entries stand.

Only what cannot be changed in place is kept; anything else is decoded anew at every hit, so that
no caller sees what another one did to it.  Nothing is kept before it is read a second time: most
results are asked for once in a process, and to keep one costs a look at its file.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from typing import Any, Generic, TypeVar

__all__ = ["NOTHING", "STORED", "FileState", "ReusedResults", "is_immutable", "settled_state"]

NOTHING: Any = object()
"""Stands for "there is no result", since ``None`` is one."""

STORED: Any = object()
"""Stands for a result that is in the store and was not asked for."""

Info = TypeVar("Info")

FileState = tuple[int, int, int]
"""Inode, time and size of a file."""

_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None)})
_MOST_RESULTS = 4096
_LARGEST_TEXT = 1 << 16
_MOST_ITEMS = 64
"""Of a tuple and of all that lie in it."""


_SETTLED = 20_000_000
"""Nanoseconds after which another file has another time: kernels count in steps of up to 10 ms."""


def is_immutable(value: Any) -> bool:
    """Tell whether a value can be shared between callers: plain, small, and unchangeable."""
    waiting, items = [value], 0
    while waiting:
        one = waiting.pop()
        kind = one.__class__
        if kind is tuple or kind is frozenset:
            items += len(one)
            if items > _MOST_ITEMS:
                return False
            waiting += one
        elif kind not in _ATOMS or (kind in (str, bytes) and len(one) > _LARGEST_TEXT):
            return False
    return True


class ReusedResults(Generic[Info]):
    """The last few immutable results of one function.

    An entry that is deleted or replaced, by whatever process, ends the reuse of its result: a
    stat of its file tells.

    Attributes
    ----------
    results : dict
        By key: the entry's file, what told it apart, and what was read from it.
    """

    def __init__(self) -> None:
        self.results: OrderedDict[str, tuple[str, FileState, tuple[Any, Info]]] = OrderedDict()
        self._read_once: set[str] = set()
        self._changeable: set[str] = set()

    def get(self, key: str) -> tuple[Any, Info] | None:
        """Give the result of a key and what is known of it, if its entry's file is the same."""
        known = self.results.get(key)
        if known is None:
            return None
        file, state, found = known
        if _file_state(file) != state:
            self.results.pop(key, None)
            return None
        return found

    def is_asked_again(self, key: str) -> bool:
        """Tell whether a result that is about to be read was read before, and can be kept."""
        if key in self._read_once:
            return key not in self._changeable
        if len(self._read_once) >= _MOST_RESULTS:
            self._read_once.clear()
            self._changeable.clear()
        self._read_once.add(key)
        return False

    def put(self, key: str, file: str, state: FileState | None, found: tuple[Any, Info]) -> None:
        """Remember a result, with what told its file apart before it was read."""
        if not is_immutable(found[0]):
            # Its file need not be looked at the next time.
            self._changeable.add(key)
            return
        if state is None:
            return
        self.results[key] = (file, state, found)
        while len(self.results) > _MOST_RESULTS:
            # Another thread may have emptied it meanwhile.
            try:
                self.results.popitem(last=False)
            except KeyError:
                break

    def clear(self) -> None:
        """Forget everything."""
        self.results.clear()
        self._changeable.clear()


def _file_state(file: str) -> FileState | None:
    """Give what tells an entry's file from any that comes in its place; ``None`` without one."""
    try:
        stat = os.stat(file)  # noqa: PTH116  half the cost of Path.stat, on every hit
    except OSError:
        return None
    return (stat.st_ino, stat.st_mtime_ns, stat.st_size)


def settled_state(file: str) -> FileState | None:
    """Give what will tell an entry's file from any that comes in its place.

    ``None`` if it is not there, or so young that another one with the same number, as file
    systems give them out again at once, might have the same time.
    """
    now = time.time_ns()
    state = _file_state(file)
    return None if state is None or abs(now - state[1]) < _SETTLED else state
