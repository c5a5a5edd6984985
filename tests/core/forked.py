"""A forked process of a test: what it does, what it says, and when it ends."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
import warnings
from collections.abc import Callable
from typing import Any, Self

__all__ = ["Forked"]


class Forked:
    """A child that calls a function and hands back what that gave.

    Parameters
    ----------
    action : callable
        Its result is pickled; an exception is raised by `result`.
    linger : bool
        Whether the child lives on until it is ended, with all that it holds.
    """

    def __init__(self, action: Callable[[], Any], *, linger: bool = False) -> None:
        self._said, say = os.pipe()
        told, self._tell = os.pipe()
        with warnings.catch_warnings():
            # From 3.12 on Python warns of forking beside threads, which is what is tested.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            os.close(self._tell)
            try:
                os.write(say, pickle.dumps(_outcome(action)))
                os.close(say)
                if linger:
                    os.read(told, 1)
            finally:
                os._exit(0)
        os.close(say)
        os.close(told)
        self._ended = False

    def result(self) -> Any:
        """Give what the function gave, once it has."""
        parts = []
        while data := os.read(self._said, 1 << 16):
            parts.append(data)
            if len(data) < 1 << 16:
                break
        assert parts, "it was killed before"
        found, error = pickle.loads(b"".join(parts))
        assert error is None, error
        return found

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once, and be sure of it."""
        if not self._ended:
            self._ended = True
            self.send(signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self._tell)
            os.close(self._said)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()


def _outcome(action: Callable[[], Any]) -> tuple[Any, str | None]:
    try:
        return action(), None
    except BaseException:
        return None, traceback.format_exc()
