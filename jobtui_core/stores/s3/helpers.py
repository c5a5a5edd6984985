"""Threads that help with a large object."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["with_help"]


def with_help(own: Callable[[], None], other: Callable[[], None], helpers: int) -> None:
    """Do something in this thread, and something in others until that is done, too.

    Parameters
    ----------
    own, other : callable
        What this thread does, and what the others do.  Each ends soon when another one fails.
    helpers : int
        Others at most.  There may be none: `own` must be able to do all of it.

    Raises
    ------
    BaseException
        What one of them raised; this thread's before others'.

    Notes
    -----
    Executors start nothing any more once the main thread has ended, which is when the last results
    are on their way.
    """
    failed: list[BaseException] = []

    def help_out() -> None:
        try:
            other()
        except BaseException as error:  # noqa: BLE001  raised where somebody waits for it
            failed.append(error)

    threads = []
    try:
        for _ in range(helpers):
            thread = threading.Thread(target=help_out, name="jobtui-s3")
            try:
                thread.start()
            except RuntimeError:
                # The interpreter is about to end, or the system gives no more.
                break
            threads.append(thread)
        own()
    finally:
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]
