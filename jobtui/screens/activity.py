"""Something that goes on in a thread, which can be stopped."""

from __future__ import annotations

import threading

__all__ = ["Activity"]


class Activity:
    """Something that goes on in a thread: what it is, how far it has come, and its end.

    Parameters
    ----------
    what : str
        ``listing``, ``reading``, ``deleting`` or ``comparing``.
    total : int, optional
        How far it can come, where that is known.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self.what = what
        self.total = total
        self.number = 0
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let it end at its next step."""
        self._stop.set()

    def stopped(self) -> bool:
        """Tell whether it was stopped; for the thread that it goes on in."""
        return self._stop.is_set()

    def __str__(self) -> str:
        far = f" {self.number:,}" if self.number else ""
        of = f" of {self.total:,}" if self.total is not None and self.number else ""
        return f"{self.what}{far}{of} …"
