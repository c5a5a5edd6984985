"""What signals ask of a command that follows runs: to cancel them, or to let go of them."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Signals", "let_go"]


def let_go() -> None:
    """Send what is still to be printed nowhere: the terminal that it was for is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


class Signals:
    """Notes signals while it is entered, instead of dying of them.

    Attributes
    ----------
    cancel : bool
        Ctrl+C or SIGTERM came.
    again : bool
        It came a second time: whoever sent it does not want to wait.
    detach : bool
        SIGHUP came: the terminal is gone.
    """

    def __init__(self) -> None:
        self.cancel = False
        self.again = False
        self.detach = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._take(signal.SIGINT, self._on_cancel)
        self._take(signal.SIGTERM, self._on_cancel)
        if hasattr(signal, "SIGHUP"):
            self._take(signal.SIGHUP, self._on_detach)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, handler: Any) -> None:
        # What is ignored on entry (nohup, a shell's "&") was meant to be.
        if signal.getsignal(number) is not signal.SIG_IGN:
            self._before[number] = signal.signal(number, handler)

    def _on_cancel(self, number: int, frame: FrameType | None) -> None:
        self.again = self.cancel
        self.cancel = True

    def _on_detach(self, number: int, frame: FrameType | None) -> None:
        self.detach = True
