"""Lines of a log with what is known of them, as ``jobtui log --time`` prints them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError
from jobtui.plain import short
from jobtui_core.labbook import LogLine

__all__ = ["is_as_grave", "level_number", "print_lines", "print_texts"]

_LEVELS = {
    "NOTSET": 0,
    "DEBUG": 10,
    "INFO": 20,
    "WARN": 30,
    "WARNING": 30,
    "ERROR": 40,
    "FATAL": 50,
    "CRITICAL": 50,
}
"""Those of ``logging``."""

_STREAM = 8
"""Width of the column that names streams and levels: ``CRITICAL``."""

_STEP = 12


def level_number(name: str | None) -> int:
    """Give the number of a level; -1 where none is asked for.

    Raises
    ------
    UsageError
        If there is no such level.
    """
    if name is None:
        return -1
    number = _LEVELS.get(name.upper())
    if number is None:
        raise UsageError(f"--level takes DEBUG, INFO, WARNING, ERROR or CRITICAL, not {name!r}")
    return number


def is_as_grave(line: LogLine, least: int) -> bool:
    """Tell whether a line is a record of that level or a graver one; any line is for -1."""
    if least < 0:
        return True
    if line.stream == "warning":
        return least <= _LEVELS["WARNING"]
    # Of a level of the script's own nobody knows how grave it is.
    return line.stream == "log" and _LEVELS.get(line.level, 50) >= least


def print_lines(
    lines: Iterable[LogLine], least: int, output: Output, *, step: str | None = None
) -> None:
    """Print lines with their times, streams and, unless one is chosen, steps."""
    origin, before = "", None
    for line in lines:
        if not is_as_grave(line, least):
            continue
        origin = _say_origin(line, origin, output)
        columns = [_time(line.time)]
        if step is None:
            columns.append(f"{short(line.step, _STEP):<{_STEP}}")
        grave = line.stream == "warning" or _LEVELS.get(line.level, 0) >= _LEVELS["WARNING"]
        columns.append(f"{short(_stream(line), _STREAM):<{_STREAM}}")
        text = f"{line.level}: {line.text}" if line.stream == "warning" else line.text
        # Once for a record of several lines.
        record = (line.time, line.place)
        place = f"  ({line.place})" if line.place and record != before else ""
        before = record
        said = f"{'  '.join(columns)}  {text}{place}".rstrip()
        output.line(said, "yellow" if grave else "", exact=True)


def print_texts(lines: Iterable[LogLine], output: Output) -> None:
    """Print lines as they were shown, under the run that they come from."""
    origin = ""
    for line in lines:
        origin = _say_origin(line, origin, output)
        output.line(line.text, exact=True)


def _say_origin(line: LogLine, before: str, output: Output) -> str:
    if line.origin and line.origin != before:
        output.line(f"{line.step}: from the cache, as written in run {line.origin}", "dim")
    return line.origin


def _stream(line: LogLine) -> str:
    return line.level if line.stream == "log" else line.stream


def _time(moment: float | None) -> str:
    """Give a time of day to the millisecond, or as many spaces."""
    if moment is None:
        return " " * 12
    try:
        return datetime.fromtimestamp(moment).astimezone().strftime("%H:%M:%S.%f")[:12]
    except (OverflowError, OSError, ValueError):
        # Whoever writes marks can write any number into them.
        return "?" * 12
