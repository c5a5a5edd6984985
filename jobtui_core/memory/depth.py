"""How deep functions may recurse through a cache: about as deep as undecorated.

Each level of a recursion goes through the cache, and Python counts those frames, too: a function
that gets to 990 levels undecorated would get to 330.  So while calls of a thread are that deep in
each other, the limit is raised by what the cache itself takes; a recursion without an end still
ends where it would without a cache.

Python 3.12.0 and 3.12.1 have a second limit, of calls through C, which nobody can raise: there it
ends after some 480 levels, as with ``functools.lru_cache``.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

__all__ = ["DEEPER"]

_OURS = 1 if sys.version_info >= (3, 12) else 2
"""What a level takes beside the function's own frame: the C function that leads to ours counts
up to Python 3.11."""

_SHALLOW = 32
"""Levels that get by with the limit as it is."""

_STEP = 64
"""Levels for which the limit is raised at once."""

_ROOM = 150
"""Frames for storing a result at the deepest place."""


class _Levels(threading.local):
    """Of calls within calls, in one thread."""

    depth = 0
    granted = _SHALLOW


class _Limit:
    """The interpreter's limit, and what was made of it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.deep: set[int] = set()
        """Threads that need it raised."""
        self.usual = 0
        self.raised = 0

    def grow(self, levels: _Levels) -> None:
        """Let a thread go on for some levels."""
        with self.lock:
            now = sys.getrecursionlimit()
            if now != self.raised:
                # Somebody else set it: from here on that is what is meant.
                self.usual = now
            levels.granted = levels.depth + _STEP
            wanted = self.usual + _ROOM + _OURS * levels.granted
            if wanted > now:
                sys.setrecursionlimit(wanted)
                self.raised = wanted
            self.deep.add(threading.get_ident())

    def shrink(self, levels: _Levels) -> None:
        """Put the limit back, unless another thread is deep in calls, too."""
        levels.granted = _SHALLOW
        with self.lock:
            self.deep.discard(threading.get_ident())
            if not self.deep and sys.getrecursionlimit() == self.raised:
                # Not below where somebody else has got to meanwhile.
                with suppress(RecursionError):
                    sys.setrecursionlimit(self.usual)
                    self.raised = 0

    def forked(self) -> None:
        """Forget the threads of the parent, one of which may hold the lock."""
        self.lock = threading.Lock()
        self.deep &= {threading.get_ident()}


_levels = _Levels()
_limit = _Limit()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_limit.forked)


class _Deeper:
    """A level of recursion, for as long as the function runs."""

    __slots__ = ()

    def __enter__(self) -> None:
        levels = _levels
        levels.depth += 1
        if levels.depth > levels.granted:
            _limit.grow(levels)

    def __exit__(self, *error: object) -> None:
        levels = _levels
        levels.depth -= 1
        if not levels.depth and levels.granted > _SHALLOW:
            _limit.shrink(levels)


DEEPER = _Deeper()
"""Goes around the call of a function that may call itself."""
