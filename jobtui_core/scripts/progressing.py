"""Loops that tell how far they are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from jobtui_core import tracing
from jobtui_core.tracing.meters import Source
from jobtui_core.tracing.run import speaking

__all__ = ["progress"]

T = TypeVar("T")

_SECONDS = 0.1
"""Time between two looks at whether somebody is to be told."""


def progress(
    iterable: Iterable[T], label: str | None = None, total: float | None = None
) -> Iterator[T]:
    """Go through an iterable and tell the app, and ``jobtui run``, how far it is.

    Nothing is printed.  Progress bars of ``tqdm`` and ``rich`` are seen without this.

    Parameters
    ----------
    iterable : iterable
    label : str, optional
        What goes on.
    total : float, optional
        How many items there are; by default ``len(iterable)``, if it has one.

    Yields
    ------
    object
        The items.

    Notes
    -----
    Where one loop lies in another, the outer one counts.

    Examples
    --------
    >>> for seed in progress(range(1000), "bootstrap"):
    ...     resample(seed)
    """
    if total is None and isinstance(iterable, Sized):
        total = len(iterable)
    return _items(iterable, label or "", total)


def _items(iterable: Iterable[T], label: str, total: float | None) -> Iterator[T]:
    source, call = Source(), speaking()[1]
    clock = time.perf_counter
    done = 0

    def tell(*, ended: bool = False) -> None:
        run = tracing.going()
        if run is not None and run.meters is not None:
            run.meters.tell(source, call, done, total, label=label, ended=ended)

    tell()
    due = clock() + _SECONDS
    try:
        for item in iterable:
            yield item
            done += 1
            if clock() >= due:
                due = clock() + _SECONDS
                tell()
    finally:
        tell(ended=True)
