"""The frames of a traceback as they were when the exception passed: source lines and locals.

A process that failed is gone when somebody asks what the values were.  So they are taken down at
once: bounded in number, length and time, and without what names tell to be a secret.
"""

from __future__ import annotations

import linecache
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from jobtui_core.entry.describe import clean, describe_argument, without_secrets
from jobtui_core.labbook import FailureFrame
from jobtui_core.root import relative_name
from jobtui_core.tracing.frames import is_project_file

__all__ = ["frames_from_json", "frames_of"]

_FRAMES = 30
"""Frames that are taken down: the first and, of a recursion, the last ones."""

_AROUND = 3
"""Source lines before and behind the one that a frame was at."""

_LINE, _LOCALS, _TEXT = 200, 25, 200
"""Characters of a source line; local variables of a frame; characters of a value."""

_SECONDS = 0.25
"""Time that describing values may take in all: a ``repr`` is anybody's code."""

_is_name = re.compile(r"[^\W\d]\w*")


def frames_of(trace: TracebackType | None, root: Path) -> list[dict[str, Any]]:
    """Give the frames of project code in a traceback as plain data, outermost first.

    Parameters
    ----------
    trace : TracebackType, optional
    root : Path
        The project root, absolute: files below it are named from there.

    Returns
    -------
    list of dict
        ``file``, ``line``, ``function``, ``first`` (number of the first source line), ``source``
        and ``locals`` (pairs of name and text), as `FailureFrame` has them.  The innermost frame
        is among them whose code it is; of library code no locals are told.
    """
    deadline = time.monotonic() + _SECONDS
    found: list[dict[str, Any]] = []
    for frame, line in _chosen(trace):
        own = is_project_file(frame.f_code.co_filename)
        facts = _source(frame, line, root)
        late = time.monotonic() > deadline
        facts["locals"] = [] if late or not own else _locals(frame, facts["source"], deadline)
        found.append(facts)
    return found


def _chosen(trace: TracebackType | None) -> list[tuple[FrameType, int]]:
    every: list[tuple[FrameType, int]] = []
    while trace is not None:
        is_last = trace.tb_next is None
        if is_last or is_project_file(trace.tb_frame.f_code.co_filename):
            every.append((trace.tb_frame, trace.tb_lineno or 0))
        trace = trace.tb_next
    if len(every) > _FRAMES:
        half = _FRAMES // 2
        every = every[:half] + every[-half:]
    return every


def _source(frame: FrameType, line: int, root: Path) -> dict[str, Any]:
    name = frame.f_code.co_filename
    linecache.checkcache(name)
    first = max(1, line - _AROUND)
    lines = [
        linecache.getline(name, number, frame.f_globals)
        for number in range(first, line + _AROUND + 1)
    ]
    while lines and not lines[-1].strip():
        lines.pop()
    file = relative_name(Path(os.path.abspath(name)), root) if os.path.isabs(name) else name  # noqa: PTH117  a code object's name
    return {
        "file": file,
        "line": line,
        "function": frame.f_code.co_qualname,
        "first": first,
        "source": [without_secrets("", text.rstrip()[:_LINE]) for text in lines],
    }


def _locals(frame: FrameType, source: list[str], deadline: float) -> list[list[str]]:
    found: list[list[str]] = []
    for name, value in _told(frame, source):
        if len(found) >= _LOCALS or time.monotonic() > deadline:
            break
        found.append([clean(name, _LINE), describe_argument(name, value, _TEXT)])
    return found


def _told(frame: FrameType, source: list[str]) -> Iterator[tuple[str, Any]]:
    """Give the variables that may tell something: not what was imported or defined."""
    # A script's variables are its globals: of those only what the lines around speak of.
    spoken = None
    if frame.f_code.co_name == "<module>":
        spoken = {name for line in source for name in _is_name.findall(line)}
    values: Mapping[str, Any] = frame.f_locals
    for name, value in list(values.items()):
        if name.startswith("__") or (spoken is not None and name not in spoken):
            continue
        if isinstance(value, type) or type(value).__name__ in _DEFINED:
            continue
        yield name, value


_DEFINED = ("module", "function", "builtin_function_or_method", "ufunc", "Step")


# ---------------------------------------------------------------------------- read back


def frames_from_json(data: object) -> tuple[FailureFrame, ...]:
    """Read the frames of a failure; what is none is left out.  Nothing in ``data`` is trusted."""
    if not isinstance(data, list):
        return ()
    found: list[FailureFrame] = []
    for item in data[:_FRAMES]:
        if not isinstance(item, dict) or not isinstance(item.get("file"), str):
            continue
        found.append(
            FailureFrame(
                file=clean(item["file"], 1000),
                line=_whole(item.get("line")),
                function=_string(item.get("function")),
                source=tuple(
                    _string(line, keep=True) for line in _list(item.get("source"), 2 * _AROUND + 1)
                ),
                first=_whole(item.get("first")),
                locals=tuple(
                    (_string(pair[0]), _string(pair[1]))
                    for pair in _list(item.get("locals"), _LOCALS)
                    if isinstance(pair, list) and len(pair) == 2
                ),
            )
        )
    return tuple(found)


def _list(value: object, limit: int) -> list[Any]:
    return value[:limit] if isinstance(value, list) else []


def _string(value: object, *, keep: bool = False) -> str:
    if not isinstance(value, str):
        return ""
    # Tabs are how some source is indented.
    return clean(value.replace("\t", "    ") if keep else value, _LINE)


def _whole(value: object) -> int:
    return value if type(value) is int and 0 <= value < 1 << 31 else 0
