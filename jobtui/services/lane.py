"""One thread that answers questions in order, for an event loop that must not wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

__all__ = ["Lane"]

P = ParamSpec("P")
T = TypeVar("T")

_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class Lane:
    """Runs functions one after the other in a thread of its own.

    The thread is a daemon: a disk that hangs must not keep anybody from quitting, which an
    executor's threads would.  A question that was cancelled before its turn is never asked.

    Parameters
    ----------
    name : str
        Name of the thread.
    """

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"jobtui-{name}", daemon=True)
        self._started = False
        self._unanswered = 0
        self._lock = threading.Lock()

    async def ask(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in the thread and give what it returns or raises."""
        if not self._started:
            self._started = True
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._count(1)
        self._jobs.put((loop, future, lambda: function(*args, **kwargs)))
        return await future

    @property
    def busy(self) -> bool:
        """Whether a function is running or waits for its turn."""
        return self._unanswered > 0

    def close(self) -> None:
        """Take no more questions."""
        self._jobs.put(None)

    def _count(self, by: int) -> None:
        with self._lock:
            self._unanswered += by

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            loop, future, function = job
            if future.cancelled():
                self._count(-1)
                continue
            try:
                result, error = function(), None
            except BaseException as caught:  # noqa: BLE001  # raised where it was asked
                result, error = None, caught
            self._count(-1)
            try:
                loop.call_soon_threadsafe(_settle, future, result, error)
            except RuntimeError:
                # The loop is closed: nobody waits any more.
                return


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
