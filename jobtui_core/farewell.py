"""What a process does last of all: send what is on its way to stores, and record what arrived.

Whatever else happens at exit may still write to stores.  Functions of ``atexit`` are called in the
reverse of the order in which they were registered; so this module registers its own when it is
imported, which whoever writes at exit does beforehand.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable

__all__ = ["at_last", "ensure"]

_steps: dict[str, list[Callable[[], None]]] = {"send": [], "record": [], "release": []}

_ensured: set[int] = set()
"""Processes that take their leave."""


def at_last(step: str, function: Callable[[], None]) -> None:
    """Have a function called when the process ends.

    Parameters
    ----------
    step : {"send", "record", "release"}
        All of the first are called before those of the second, and these before the third's.
    function : callable
        It must not raise.
    """
    if function not in _steps[step]:
        _steps[step].append(function)


def ensure() -> None:
    """Have it done in this process too, if it is a child that leaves without Python's farewell."""
    if os.getpid() in _ensured:
        return
    _ensured.add(os.getpid())
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, _leave, exitpriority=0)


def _leave() -> None:
    for functions in _steps.values():
        for function in list(functions):
            function()


atexit.register(_leave)
