"""``PrintTime``: how long each part of a script took, on stderr and in a log file."""

from __future__ import annotations

import os
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path

from jobtui_core.callers import level_of_user
from jobtui_core.errors import CacheWarning, text_of
from jobtui_core.hashing import register_hasher
from jobtui_core.tracing.files import quiet

__all__ = ["PrintTime"]

_KEPT = 9
"""Logs of earlier runs."""


class PrintTime:
    """Print what a script has just done, and the time since it was last called.

    Parameters
    ----------
    logfile : str or path, optional
        A file that is told the same; relative to the working directory of now.  One that is
        there becomes ``logfile.1``, that of the run before ``logfile.2``, and so on to ``.9``.
        It is copied and emptied, not moved, so that whoever follows it (``tail -f``) stays with
        it.

    Notes
    -----
    A log that cannot be written costs one warning, and the script goes on.

    Examples
    --------
    >>> print_time = PrintTime("results/co2.log")
    >>> series = read("data/co2.csv")
    >>> print_time("Read the series")  # doctest: +SKIP
    Read the series: 75.30 s, 1.3 min
    """

    def __init__(self, logfile: str | os.PathLike[str] | None = None) -> None:
        self.logfile = None if logfile is None else Path(logfile).absolute()
        self._warned = False
        if self.logfile is not None:
            self._begin(self.logfile)
        self._started = self._last = time.perf_counter()

    def __call__(self, message: str = "", total: bool = False) -> None:
        """Print a message and the seconds and minutes since the last call, or since the start.

        Parameters
        ----------
        message : str
        total : bool
            Whether to tell the time since this was made.
        """
        seconds = time.perf_counter() - (self._started if total else self._last)
        line = f"{message}: {seconds:.2f} s, {seconds / 60:.1f} min\n"
        # There is none under pythonw, and in some daemons.
        if sys.stderr is not None:
            sys.stderr.write(line)
        if self.logfile is not None:
            self._write(self.logfile, line)
        self._last = time.perf_counter()

    def __repr__(self) -> str:
        return f"PrintTime({None if self.logfile is None else str(self.logfile)!r})"

    def _begin(self, logfile: Path) -> None:
        """Set earlier logs aside, and begin an empty one."""
        try:
            # It is no input of the script.
            with quiet():
                logfile.parent.mkdir(parents=True, exist_ok=True)
                # A terminal or a pipe is nothing to set aside.
                if logfile.is_file():
                    _rotate(logfile)
                    os.truncate(logfile, 0)
        except OSError as error:
            # What could not be copied is not emptied: this run's lines come after it.
            self._warn(error)
        self._write(logfile, f"--- {time.strftime('%Y-%m-%d %H:%M:%S %z')} ---\n")

    def _write(self, logfile: Path, line: str) -> None:
        try:
            with quiet(), logfile.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(line)
        except OSError as error:
            self._warn(error)

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            text = f"{self.logfile} cannot be written: {text_of(error)}"
            warnings.warn(text, CacheWarning, stacklevel=level_of_user())


def _rotate(logfile: Path) -> None:
    """Copy a log to ``.1``, those of earlier runs having gone one further."""
    import shutil

    def numbered(number: int) -> Path:
        return logfile.with_name(f"{logfile.name}.{number}")

    # Under a name of its own first: the others do not move for a copy that fails.
    shutil.copy2(logfile, numbered(0))
    for number in reversed(range(_KEPT)):
        # Not every number is there; and another process may do the same.
        with suppress(FileNotFoundError):
            numbered(number).replace(numbered(number + 1))


# What a function tells of the time makes no difference to its result.
register_hasher(PrintTime, lambda _: None)
