"""One line on the terminal that says how far something is, and goes when it is done."""

from __future__ import annotations

import shutil
import sys
from time import monotonic
from types import TracebackType
from typing import Self

from jobtui.cli.again import is_terminal
from jobtui.plain import plain, short

__all__ = ["Progress"]

_PAUSE = 0.1
"""Seconds between two pictures."""

_FIRST = 0.4
"""Seconds before the first: what is done sooner needs none."""


class Progress:
    """The line; nothing is shown where nobody looks at standard error."""

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._shows = is_terminal(self._stream)
        self._due = monotonic() + _FIRST
        self._shown = False

    def say(self, text: str) -> None:
        """Show a text in place of the one before, unless that is too soon."""
        now = monotonic()
        if not self._shows or now < self._due:
            return
        self._due = now + _PAUSE
        width = shutil.get_terminal_size().columns
        self._stream.write(f"\r\x1b[K{short(plain(text), width - 1)}")
        self._stream.flush()
        self._shown = True

    def count(self, what: str, number: int) -> None:
        """Show what is being done, and with how many so far."""
        self.say(f"{what}: {number:,}")

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()
