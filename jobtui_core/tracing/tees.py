"""Streams that are what they were, and tell somebody what is written to them."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobtui_core.tracing.capture import Capture

__all__ = ["tee"]


def tee(stream: Any, name: str, capture: Capture) -> Any:
    """Give a text stream in the guise of another one, whose writes go through a capture.

    Parameters
    ----------
    stream : text stream
    name : {"out", "err"}
    capture : Capture
    """
    return _Tee(stream, name, capture)


class _Tee:
    """A text stream that passes everything on."""

    def __init__(self, stream: Any, name: str, capture: Capture) -> None:
        self.__dict__["_jobtui_stream"] = stream
        self.__dict__["_jobtui_name"] = name
        self.__dict__["_jobtui_capture"] = capture
        # No method of the class: ``print`` calls it twice a line.
        self.__dict__["write"] = partial(capture.write, stream, name)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self._jobtui_capture.flush_stream(self._jobtui_stream, self._jobtui_name)

    @property
    def buffer(self) -> Any:
        return _TeeBuffer(self._jobtui_stream.buffer, self._jobtui_name, self._jobtui_capture)

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

    def __reduce_ex__(self, protocol: Any) -> Any:
        # As cloudpickle has it, by whose help functions that print reach other processes; pickle
        # itself refuses modules as it refuses streams.
        return getattr, (sys, f"std{self._jobtui_name}")


class _TeeBuffer:
    """The binary stream below, likewise."""

    def __init__(self, stream: Any, name: str, capture: Capture) -> None:
        self._stream = stream
        self._name = name
        self._capture = capture

    def write(self, data: Any) -> Any:
        return self._capture.write_bytes(self._stream, self._name, data)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self._capture.flush_stream(self._stream, self._name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
