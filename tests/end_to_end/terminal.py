"""A terminal for tests: a real pseudo-terminal, and an emulator that says what is on its screen."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

__all__ = ["KEYS", "PATIENCE", "Terminal"]

PATIENCE = 30.0
"""Seconds after which something that ought to appear is taken for not appearing."""

_GLANCE = 0.1
"""Seconds after which a state is looked at again though nothing was written to the screen."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "home": "\x1b[H",
    "ctrl+c": "\x03",
}
"""What the keys without a letter send."""

_TAKE_TERMINAL = (
    "import fcntl, json, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execvpe(sys.argv[2], sys.argv[2:], json.loads(sys.argv[1]))"
)
"""Makes the terminal the controlling one, as it is for what a shell starts, and then becomes the
program itself.  Without it nobody would be told of a new size, nor of a terminal that vanished.
It is a program of its own because a fork of this process, which has threads, could hang.  The
environment is handed over by name, for Python may change the locale in its own."""


class _Screen(pyte.Screen):
    """A screen that ignores what it does not know, as real terminals do."""

    def select_graphic_rendition(self, *attributes: int, **private: Any) -> None:
        if not private:
            super().select_graphic_rendition(*attributes)

    def report_device_status(self, mode: int = 0, **private: Any) -> None:
        """Answer nothing: there is nobody who would send it."""


class Terminal:
    """``python -m jobtui …`` on a terminal of its own.

    Parameters
    ----------
    words : str
        What follows ``jobtui``.
    folder : Path
        Working directory.
    environment : mapping
        The whole environment; ``TERM`` is added.
    width, height : int
        Size in cells.
    through : sequence of str
        A command that runs the program instead: it gets the program's words after its own.
    """

    def __init__(
        self,
        *words: str,
        folder: Path,
        environment: Mapping[str, str],
        width: int = 120,
        height: int = 36,
        through: Sequence[str] = (),
    ) -> None:
        self.written = bytearray()
        """All that was written to the terminal so far."""
        self._screen = _Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        self._news = threading.Condition()
        self._over = False
        self._master, slave = pty.openpty()
        self._wake, self._waker = os.pipe()
        self._set_size(width, height)
        given = json.dumps({**environment, "TERM": "xterm-256color"})
        program = [*through, sys.executable, "-m", "jobtui", *words]
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-ISc", _TAKE_TERMINAL, given, *program],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=folder,
                env={},
                start_new_session=True,
            )
        finally:
            os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # --- what a person does ---------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys: names out of `KEYS`, or characters.

        Escape comes last, and what it does is to be awaited: with a key right behind it, it means
        that key with Alt.
        """
        assert "escape" not in keys[:-1]
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size; the program is told."""
        with self._news:
            self._screen.resize(height, width)
        self._set_size(width, height)

    def kill(self) -> None:
        """End the program as ``kill -9`` does, with no chance to tidy up."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def vanish(self) -> None:
        """Take the terminal away as a lost connection does; the program gets a SIGHUP."""
        if self._master >= 0:
            # A descriptor that a thread still reads would not really be closed.
            os.write(self._waker, b".")
            self._reader.join()
            for descriptor in (self._master, self._wake, self._waker):
                os.close(descriptor)
            self._master = -1

    def close(self) -> None:
        """End the program if it still runs, and let go of the terminal."""
        if self.process.poll() is None:
            self.kill()
        self.vanish()

    # --- what a person sees ---------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The lines of the screen."""
        with self._news:
            return [line.rstrip() for line in self._screen.display]

    @property
    def picture(self) -> str:
        """The screen in a frame, for messages."""
        edge = "+" + "-" * self._screen.columns + "+"
        return "\n".join(
            [edge, *(f"|{line:<{self._screen.columns}}|" for line in self.lines), edge]
        )

    @property
    def colours(self) -> set[str]:
        """All colours on the screen: names, or six hexadecimal digits."""
        with self._news:
            cells = [cell for row in self._screen.buffer.values() for cell in row.values()]
        return {cell.fg for cell in cells} | {cell.bg for cell in cells}

    def find(self, pattern: str) -> str:
        """Give the first line in which a regular expression is found, or nothing."""
        return next((line for line in self.lines if re.search(pattern, line)), "")

    def wait_for(
        self, wanted: str | Callable[[], object], timeout: float = PATIENCE, *, what: str = ""
    ) -> None:
        """Wait until something is on the screen.

        Parameters
        ----------
        wanted : str or callable
            A regular expression found in a line, or a function that tells whether it is so.
        timeout : float
            Seconds.
        what : str
            What is awaited, for the message.
        """
        test = wanted if callable(wanted) else lambda: self.find(wanted)
        self._wait(lambda: bool(test()), timeout, what or f"{wanted!r}")

    def wait_until_gone(self, pattern: str, timeout: float = PATIENCE) -> None:
        """Wait until a regular expression is found in no line of the screen."""
        self._wait(lambda: not self.find(pattern), timeout, f"{pattern!r} gone")

    def wait_for_end(self, timeout: float = PATIENCE) -> int:
        """Wait until the program has ended, and give its code."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout:g} s\n{self.picture}") from None

    def _wait(self, test: Callable[[], bool], timeout: float, what: str) -> None:
        deadline = time.monotonic() + timeout
        while not test():
            left = deadline - time.monotonic()
            with self._news:
                over = self._over
                if left > 0 and not over:
                    self._news.wait(min(left, _GLANCE))
                    continue
            if not test():
                why = "the program has ended" if over else f"not within {timeout:g} s"
                raise AssertionError(f"{why}: {what}\n{self.picture}")

    # --- the machinery --------------------------------------------------------------------

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _read(self) -> None:
        while self._wake not in select.select([self._master, self._wake], [], [])[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # Linux says so where others give nothing: nobody has it open any more
                data = b""
            with self._news:
                self.written += data
                self._stream.feed(data)
                self._over = not data
                self._news.notify_all()
            if not data:
                return
