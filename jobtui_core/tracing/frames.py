"""From a call back to the script: which places in project code led to it."""

from __future__ import annotations

import opcode
import os
from itertools import islice
from types import CodeType, FrameType
from typing import NamedTuple

from jobtui_core.root import is_library

__all__ = ["DEEPEST", "Spot", "chain_of", "is_project_file", "project_frames"]

DEEPEST = 64
"""Frames of project code that a call site may lie below the script."""

_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})

_FOR_ITER = opcode.opmap["FOR_ITER"]
_GET_ITER = opcode.opmap["GET_ITER"]

_project_files: dict[str, bool] = {}


class Spot(NamedTuple):
    """Where the expression ends that a frame is evaluating.

    The end, not the start: it names one call expression among nested and chained ones, and
    Python moves the start of a call of an attribute to that attribute's line.
    """

    file: str
    """Absolute."""
    line: int
    column: int
    """Bytes into the line; -1 where the interpreter runs without columns."""


def is_project_file(name: str) -> bool:
    """Tell whether a code object's file belongs to project code."""
    known = _project_files.get(name)
    if known is None:
        known = not name.startswith("<") and not is_library(name)
        _project_files[name] = known
    return known


_Position = tuple[int | None, int | None, int | None, int | None]

_FAR = 500
"""Instructions from the start of a code beyond which its positions are kept unpacked."""

_UNPACKED_CODES = 8
_unpacked: dict[int, tuple[CodeType, list[_Position]]] = {}


def project_frames(frame: FrameType | None, script: str) -> tuple[list[FrameType], bool]:
    """Give the frames of project code from a call out to the script's own.

    Parameters
    ----------
    frame : FrameType
        Where to begin.
    script : str
        File name of the script's code object, absolute.

    Returns
    -------
    list of FrameType
        Innermost first.
    bool
        Whether the script was reached: it is not from another thread, nor in another process.
    """
    found: list[FrameType] = []
    while frame is not None:
        code = frame.f_code
        if is_project_file(code.co_filename):
            found.append(frame)
            if code.co_name == "<module>" and os.path.abspath(code.co_filename) == script:
                return found, True
            if len(found) >= DEEPEST:
                break
        frame = frame.f_back
    return found, False


def chain_of(frames: list[FrameType]) -> tuple[Spot, ...]:
    """Turn project frames, innermost first, into the places they are at, outermost first.

    The frame of a comprehension or generator counts as a part of the code that it is written in,
    as it does for the reader (and for Python itself from 3.12 on).
    """
    spots: list[Spot] = []
    skip_until: CodeType | None = None
    for frame in frames:
        code = frame.f_code
        if skip_until is not None:
            # Whoever consumes a generator stands between it and the code it is written in.
            if skip_until not in code.co_consts:
                continue
            skip_until = code if code.co_name in _COMPREHENSIONS else None
            continue
        spots.append(_spot(frame))
        if code.co_name in _COMPREHENSIONS:
            skip_until = code
    spots.reverse()
    return tuple(spots)


def _iterable(code: CodeType, offset: int) -> int:
    """Give the instruction that made the iterable of a loop, for one that asks it for more.

    Python 3.11 places what a loop does at the whole statement, later ones at the iterable.
    """
    words = code.co_code
    if offset < 0 or words[offset] != _FOR_ITER:
        return offset
    while offset > 0 and words[offset] != _GET_ITER:
        offset -= 2
    return max(offset - 2, 0)


def _spot(frame: FrameType) -> Spot:
    code = frame.f_code
    file = os.path.abspath(code.co_filename)
    position = _position(code, _iterable(code, frame.f_lasti) // 2)
    if position is None:
        return Spot(file, frame.f_lineno, -1)
    first, last, _, column = position
    line = last or first or frame.f_lineno
    return Spot(file, line, -1 if column is None else column)


def _position(code: CodeType, instruction: int) -> _Position | None:
    """Give the lines and columns of one instruction."""
    if instruction < _FAR:
        return next(islice(code.co_positions(), instruction, None), None)
    # Python unpacks its table from the start each time: a script of ten thousand calls, one
    # behind the other, would spend its minutes on that.
    known = _unpacked.get(id(code))
    if known is None or known[0] is not code:
        if len(_unpacked) >= _UNPACKED_CODES:
            _unpacked.clear()
        known = _unpacked[id(code)] = (code, list(code.co_positions()))
    positions = known[1]
    return positions[instruction] if instruction < len(positions) else None
