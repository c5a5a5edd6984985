"""Noting what a script prints while it prints it.

A script started by ``jobtui run`` writes into its log by itself: here it is only noted which bytes
were written when, and by whom.  One started by hand writes to the terminal; from when its run
opens, what goes through ``sys.stdout`` and ``sys.stderr`` is copied to the log as well.  Either
way the streams stay what they are: descriptors, ``isatty``, encoding and buffering are untouched,
so that progress bars and colours look the same.
"""

from __future__ import annotations

import os
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from pathlib import Path
from typing import Any

from jobtui_core.descriptors import above_streams, identity_of
from jobtui_core.tracing.appending import AppendFile
from jobtui_core.tracing.calls import CallHandle
from jobtui_core.tracing.marks import Marks
from jobtui_core.tracing.run import calling, speaking
from jobtui_core.tracing.tees import tee

__all__ = ["Capture", "Copied", "Watched", "begin_showing", "end_showing", "showing"]

LARGEST_LOG = 256 << 20
"""Bytes of output that are kept of a script started by hand."""

_shown: ContextVar[tuple[str, str] | None] = ContextVar("jobtui_shown", default=None)


@contextmanager
def showing(stream: str, origin: str = "") -> Iterator[None]:
    """Say that what is printed meanwhile, here, is no output of its own.

    Parameters
    ----------
    stream : {"log", "warning", "replay"}
        A record that is noted in full, or output of an earlier run.
    origin : str
        That run.
    """
    token = begin_showing(stream, origin)
    try:
        yield
    finally:
        end_showing(token)


def begin_showing(stream: str, origin: str = "") -> Token[tuple[str, str] | None]:
    """See `showing`, which takes longer."""
    return _shown.set((stream, origin))


def end_showing(token: Token[tuple[str, str] | None]) -> None:
    """End what `begin_showing` began."""
    _shown.reset(token)


class Capture(ABC):
    """What both ways to a log share.

    Parameters
    ----------
    log : Path
    marks : Marks
    """

    def __init__(self, log: Path, marks: Marks) -> None:
        self.log = log
        self.marks = marks
        self._lock = threading.RLock()
        self._name = ""
        self._showing: tuple[str, str] | None = None
        self._handle: CallHandle | None = None
        self._call: str | None = ""

    def wrap_streams(self) -> None:
        """Put streams that tell this one in the place of ``sys.stdout`` and ``sys.stderr``."""
        for attribute, name in (("stdout", "out"), ("stderr", "err")):
            stream = getattr(sys, attribute, None)
            if stream is not None and hasattr(stream, "write"):
                setattr(sys, attribute, tee(stream, name, self))

    @abstractmethod
    def write(self, stream: Any, name: str, text: Any) -> Any:
        """Write a text, and give what the stream gives."""

    @abstractmethod
    def write_bytes(self, stream: Any, name: str, data: Any) -> Any:
        """Write bytes to the stream below, likewise."""

    @abstractmethod
    def flush_stream(self, stream: Any, name: str) -> None:
        """Flush a stream."""

    @abstractmethod
    def flush(self) -> None:
        """Bring what is held back to the log."""

    def position(self) -> int:
        """Give the size of the log."""
        try:
            return os.stat(self.log).st_size  # noqa: PTH116  # at every call
        except OSError:
            return 0

    def here(self) -> int:
        """Give where in the log something is that happens now; cheaper, for each record."""
        return self.position()

    def _goes_on(self, name: str) -> bool:
        """Tell whether the same stream is written to in the same call as before."""
        if name != self._name or _shown.get() is not self._showing:
            return False
        handle = calling.get()
        if handle is not None:
            # One that is only counted speaks for the one around it.
            return handle is self._handle
        return self._handle is None and speaking()[1] == self._call

    def _speak(self, name: str) -> None:
        """Remember who writes now."""
        self._name, self._showing = name, _shown.get()
        self._handle, self._call = speaking()

    def _note(self, start: int, end: int) -> None:
        """Note that whoever writes now wrote this part of the log."""
        stream, origin = self._showing or (self._name, "")
        self.marks.note(start, end, stream, self._call, self._handle, origin)

    def after_fork(self, marks: Path) -> None:
        """Go on in a forked child, whose marks go elsewhere."""
        self._lock = threading.RLock()
        self.marks.after_fork(marks)


class Copied(Capture):
    """Copies ``sys.stdout`` and ``sys.stderr`` to the log.

    Raises
    ------
    OSError
        If it cannot be written.
    """

    def __init__(self, log: Path, marks: Marks) -> None:
        super().__init__(log, marks)
        self._file: AppendFile | None = AppendFile(log)
        self._file.open()
        self._pending = bytearray()
        self._size = 0
        self.wrap_streams()

    def write(self, stream: Any, name: str, text: Any) -> Any:
        """Copy a text: at once when a line is complete, so that a follower sees it."""
        count = stream.write(text)
        # Only what the stream took is output: a closed one has raised by now.
        if isinstance(text, str):
            whole = "\n" in text or "\r" in text
            self._add(name, text.encode("utf-8", "backslashreplace"), whole=whole)
        return count

    def write_bytes(self, stream: Any, name: str, data: Any) -> Any:
        """Copy bytes; what is written through a buffer is complete in itself."""
        count = stream.write(data)
        self._add(name, bytes(data), whole=True)
        return count

    def flush_stream(self, stream: Any, name: str) -> None:
        """Flush a stream, and the copy."""
        stream.flush()
        self.flush()

    def _add(self, name: str, data: bytes, *, whole: bool) -> None:
        with self._lock:
            if not self._goes_on(name):
                self.flush()
                self._speak(name)
            self._pending += data
            if whole or len(self._pending) > 8192:
                self.flush()

    def flush(self) -> None:
        """Write what is held back."""
        with self._lock:
            data, self._pending = bytes(self._pending), bytearray()
            if self._file is None or not data:
                return
            self._size += len(data)
            try:
                if self._size > LARGEST_LOG:
                    self._file.write(b"\n[more output was not kept]\n")
                    self._stop()
                    return
                written = self._file.write(data)
                end = self._file.tell()
            except OSError:
                # A full disk: the output still reaches whoever it is meant for.
                self._file = None
                return
            self._note(end - written, end)

    def here(self) -> int:
        """Give where the last write to the log ended."""
        try:
            return (0 if self._file is None else self._file.tell()) or super().here()
        except OSError:
            return super().here()

    def _stop(self) -> None:
        """Stop copying.  The streams stay in place: others may hold them."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def after_fork(self, marks: Path) -> None:
        """Forget what the parent holds back as well: it will write that itself."""
        super().after_fork(marks)
        self._pending = bytearray()


class Watched(Capture):
    """Notes what ``sys.stdout`` and ``sys.stderr`` write into the log by themselves.

    Where they do not (a launcher may stand between them and the log), nothing is noted but
    records.
    """

    def __init__(self, log: Path, marks: Marks) -> None:
        super().__init__(log, marks)
        # All who write into the log were given one description of it, whose offset is, after
        # each write, where that ended.
        self._fd = _descriptor_of(log)
        self._at = self.here()
        self._count = 0
        if self._fd is not None:
            self.wrap_streams()

    def write(self, stream: Any, name: str, text: Any) -> Any:
        """Write a text, and note where it came to lie once a line is complete."""
        with self._lock:
            if not self._goes_on(name):
                self._settle()
                self._speak(name)
            count = stream.write(text)
            self._count += len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
            if text[-1:] == "\n":
                self._settle()
        return count

    def write_bytes(self, stream: Any, name: str, data: Any) -> Any:
        """Write bytes, and note where they came to lie."""
        with self._lock:
            if not self._goes_on(name):
                self._settle()
                self._speak(name)
            count = stream.write(data)
            self._count += len(data)
            self._settle()
        return count

    def flush_stream(self, stream: Any, name: str) -> None:
        """Flush a stream, which a script may have made to hold back what it prints."""
        with self._lock:
            stream.flush()
            self._settle()

    def flush(self) -> None:
        """Bring what the streams hold back to the log."""
        for stream in (sys.stdout, sys.stderr):
            # Closed, replaced or broken ones are the script's business.
            with suppress(Exception):
                stream.flush()
        with self._lock:
            self._settle()

    def here(self) -> int:
        """Give where the last write to the log ended."""
        if self._fd is None:
            return super().here()
        try:
            return os.lseek(self._fd, 0, os.SEEK_CUR)
        except OSError:
            # A script may close descriptors that it does not know.
            return 0

    def _settle(self) -> None:
        """Note what was written since the last time, as far as it has come to the log."""
        if not self._count:
            return
        end = self.here()
        if end <= self._at:
            return
        # Others may have written since; what was written last is ours.
        start, self._at, self._count = max(self._at, end - self._count), end, 0
        self._note(start, end)

    def after_fork(self, marks: Path) -> None:
        """Forget what the parent wrote last as well: it will note that itself."""
        super().after_fork(marks)
        self._at, self._count = self.here(), 0


def _descriptor_of(log: Path) -> int | None:
    """Give a descriptor of our own of the log, if this process was given one to write to."""
    try:
        found = log.stat()
    except OSError:
        return None
    for descriptor in (1, 2):
        with suppress(OSError):
            if identity_of(descriptor) == (found.st_dev, found.st_ino):
                return above_streams(os.dup(descriptor))
    return None
