"""``jobtui log --time``: lines with their times, levels and origins."""

from __future__ import annotations

import io
import time

import pytest

from jobtui.cli.loglines import is_as_grave, level_number, print_lines, print_texts
from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError
from jobtui_core.labbook import LogLine

MOMENT = time.mktime((2026, 11, 22, 10, 14, 5, 0, 0, -1)) + 0.1239

LINES = (
    LogLine(text="hello", time=MOMENT, stream="out", step="fit"),
    LogLine(text="bad", time=MOMENT, stream="log", level="ERROR", place="a.py:3", step="fit"),
    LogLine(text="trace", time=MOMENT, stream="log", level="ERROR", place="a.py:3", step="fit"),
    LogLine(text="careful", time=MOMENT, stream="warning", level="UserWarning", place="a.py:4"),
    LogLine(text="from C"),
    LogLine(text="stored", step="fit", origin="earlier-run"),
)


@pytest.fixture
def output() -> Output:
    return Output(io.StringIO())


def printed(output: Output) -> list[str]:
    assert isinstance(output.stream, io.StringIO)
    return output.stream.getvalue().splitlines()


def test_each_line_has_its_time_step_and_stream(output) -> None:
    print_lines(LINES, -1, output)
    assert printed(output) == [
        "10:14:05.123  fit           out       hello",
        "10:14:05.123  fit           ERROR     bad  (a.py:3)",
        "10:14:05.123  fit           ERROR     trace",
        "10:14:05.123                warning   UserWarning: careful  (a.py:4)",
        "                                      from C",
        "fit: from the cache, as written in run earlier-run",
        "              fit                     stored",
    ]


def test_a_level_leaves_records_that_are_as_grave_and_warnings(output) -> None:
    print_lines(LINES, level_number("warning"), output, step="fit")
    assert [line.split("  ")[-1].strip() for line in printed(output)] == [
        "(a.py:3)",
        "trace",
        "(a.py:4)",
    ]
    assert not is_as_grave(LINES[3], level_number("ERROR"))


def test_a_level_of_the_scripts_own_is_not_hidden() -> None:
    assert is_as_grave(LogLine(text="x", stream="log", level="NOTICE"), level_number("ERROR"))


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(UsageError, match="'LOUD'"):
        level_number("LOUD")


def test_stored_lines_stand_below_the_run_that_they_come_from(output) -> None:
    print_texts(LINES[-1:], output)
    assert printed(output) == ["fit: from the cache, as written in run earlier-run", "stored"]
