"""The lock under which sources are read and worked through, in whatever thread.

Two threads that work through one text each would come to trees of their own, and whatever is kept
by node would not be found under the nodes of the other one.  Nobody's code but ours runs under
this lock, so that nothing waits in it for another thread.
"""

from __future__ import annotations

import os
from threading import RLock

__all__ = ["reading"]

reading = RLock()
"""Held while sources are read; what is known already is looked up without it."""

if hasattr(os, "register_at_fork"):
    # A child that is forked meanwhile would wait for a thread that it does not have.
    os.register_at_fork(
        before=reading.acquire, after_in_parent=reading.release, after_in_child=reading.release
    )
