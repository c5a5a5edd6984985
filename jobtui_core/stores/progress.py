"""How far the transfer of a large object is, for those who want to show it.

Stores tell it as they go, from whatever thread they are in; whoever listens hears of all stores of
the process, however they are wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

__all__ = ["Transfer", "listening", "tell"]


@dataclass(frozen=True, slots=True)
class Transfer:
    """An object that is on its way."""

    url: str
    """Of the store."""
    name: str
    direction: Literal["down", "up"]
    done: int
    """Bytes that have arrived."""
    total: int
    """Bytes of the object; `done` is as many at the end."""


_listeners: list[Callable[[Transfer], None]] = []


@contextmanager
def listening(listener: Callable[[Transfer], None]) -> Iterator[None]:
    """Hear of transfers of large objects for a while.

    Parameters
    ----------
    listener : callable
        Takes a `Transfer`; called by the threads that transfer, several at once.
    """
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def tell(transfer: Transfer) -> None:
    """Tell those who listen."""
    for listener in tuple(_listeners):
        listener(transfer)
