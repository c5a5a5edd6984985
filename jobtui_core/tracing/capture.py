"""Keeping what a script prints, when nobody else does.

A script started by ``jobtui run`` writes into its log by itself.  One started by hand writes to
the terminal; from when its run opens, what goes through ``sys.stdout`` and ``sys.stderr`` is
copied to the log as well.  The streams stay what they are: descriptors, ``isatty``, encoding and
buffering are untouched, so that progress bars and colours look the same.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from jobtui_core.tracing.appending import AppendFile

__all__ = ["Capture"]

LARGEST_LOG = 256 << 20
"""Bytes of output that are kept of a script started by hand."""


class Capture:
    """Copies ``sys.stdout`` and ``sys.stderr`` to a file.

    Parameters
    ----------
    path : Path
        The log; appended to.

    Raises
    ------
    OSError
        If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file: AppendFile | None = AppendFile(path)
        self._file.open()
        self._pending = bytearray()
        self._size = 0
        self._lock = threading.RLock()
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name, None)
            if stream is not None and hasattr(stream, "write"):
                setattr(sys, name, _Tee(stream, self))

    def write(self, data: bytes | bytearray | memoryview, *, whole: bool = False) -> None:
        """Copy output: at once when a line is complete, so that a follower sees it.

        Bytes written through a buffer are complete in themselves.
        """
        with self._lock:
            self._pending += data
            if whole or len(self._pending) > 8192 or b"\n" in data or b"\r" in data:
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
                else:
                    self._file.write(data)
            except OSError:
                # A full disk: the output still reaches whoever it is meant for.
                self._file = None

    def _stop(self) -> None:
        """Stop copying.  The streams stay in place: others may hold them."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def after_fork(self) -> None:
        """Forget what the parent holds back: it will write that itself."""
        self._lock = threading.RLock()
        self._pending = bytearray()


class _Tee:
    """A text stream that passes everything on, and tells a capture what is written."""

    def __init__(self, stream: Any, capture: Capture) -> None:
        self.__dict__["_jobtui_stream"] = stream
        self.__dict__["_jobtui_capture"] = capture

    def write(self, text: Any) -> Any:
        count = self._jobtui_stream.write(text)
        # Only what the stream took is output: a closed one has raised by now.
        if isinstance(text, str):
            self._jobtui_capture.write(text.encode("utf-8", "backslashreplace"))
        return count

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self._jobtui_stream.flush()
        self._jobtui_capture.flush()

    @property
    def buffer(self) -> Any:
        return _TeeBuffer(self._jobtui_stream.buffer, self._jobtui_capture)

    @property  # type: ignore[misc]  # a read-only disguise is the point
    def __class__(self) -> Any:
        # Libraries ask isinstance(sys.stdout, io.TextIOWrapper) before they reconfigure it.
        return type(self._jobtui_stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jobtui_stream, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._jobtui_stream, name, value)

    def __iter__(self) -> Any:
        return iter(self._jobtui_stream)

    def __next__(self) -> Any:
        return next(self._jobtui_stream)

    def __enter__(self) -> Any:
        self._jobtui_stream.__enter__()
        return self

    def __exit__(self, *details: object) -> Any:
        return self._jobtui_stream.__exit__(*details)

    def __repr__(self) -> str:
        return repr(self._jobtui_stream)


class _TeeBuffer:
    """The binary stream below, likewise."""

    def __init__(self, stream: Any, capture: Capture) -> None:
        self._stream = stream
        self._capture = capture

    def write(self, data: Any) -> Any:
        count = self._stream.write(data)
        self._capture.write(bytes(data), whole=True)
        return count

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
