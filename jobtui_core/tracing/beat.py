"""A sign of life in the trace, for readers on other machines."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["SECONDS", "Heartbeat"]

SECONDS = 30.0
"""Time between two beats."""


class Heartbeat:
    """Calls a function every half minute, from a daemon thread.

    Parameters
    ----------
    beat : callable
    seconds : float
    """

    def __init__(self, beat: Callable[[], None], seconds: float = SECONDS) -> None:
        self._beat = beat
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the thread, unless it runs."""
        if self._runs():
            return
        with self._lock:
            if self._runs():
                return
            self._stop = threading.Event()
            thread = threading.Thread(
                target=self._run, args=(self._stop,), name="jobtui-heartbeat", daemon=True
            )
            try:
                thread.start()
            except RuntimeError:
                # No more threads, or the interpreter is shutting down.
                return
            self._thread = thread

    def _runs(self) -> bool:
        return self._thread is not None

    def stop(self) -> None:
        """Stop the thread and wait for it.

        Also before every fork: Python warns of forking while there are threads, and it should
        not do so on our account.
        """
        with self._lock:
            thread, self._thread = self._thread, None
            self._stop.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(1.0)

    def forget(self) -> None:
        """In a forked child, where the thread does not exist."""
        self._thread = None
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(self._seconds):
            self._beat()
