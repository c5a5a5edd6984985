"""A log is given line by line with time, stream, level and call, also that of a hit."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.entry import EntryMeta, entry_name, write_entry
from jobtui_core.errors import UnknownNameError
from jobtui_core.labbook import LogLine
from jobtui_core.project import lines_to_json, log_lines
from jobtui_core.stores import LocalStore
from jobtui_core.tracing.read import read_run
from tests.core.project_running.traces import Trace

RUN = "2026-11-22T10-14-05-ab12"
LATER = "2026-11-22T11-00-00-cd34"


@pytest.fixture
def trace(desk) -> Trace:
    return Trace(desk.root, RUN).start()


def mark(trace: Trace, *lines: dict[str, Any], name: str = "marks.jsonl") -> None:
    with (trace.folder / name).open("w") as file:
        for line in ({"version": 1}, *lines):
            file.write(json.dumps(line) + "\n")


def at(start: int, end: int, stream: str = "out", call: str | None = "", **more: Any) -> dict:
    return {
        "time": 100.0 + start,
        "bytes": [start, end],
        "stream": stream,
        "call": call,
        **more,
    }


def texts(lines: tuple[LogLine, ...]) -> list[str]:
    return [line.text for line in lines]


def test_lines_have_the_time_stream_and_call_of_their_first_byte(desk, trace) -> None:
    trace.call(1, "fit")
    trace.output(b"one\ntwo\nerror\nscript\n")
    trace.called(1, log=[0, 14])
    mark(trace, at(0, 5, call="1-1"), at(5, 8, call="1-1"), at(8, 14, "err", "1-1"), at(14, 21))
    assert log_lines(desk.project, RUN) == (
        LogLine(text="one", time=100.0, stream="out", call="1-1", step="fit"),
        LogLine(text="two", time=100.0, stream="out", call="1-1", step="fit"),
        LogLine(text="error", time=108.0, stream="err", call="1-1", step="fit"),
        LogLine(text="script", time=114.0, stream="out"),
    )
    assert texts(log_lines(desk.project, RUN, limit=2)) == ["error", "script"]
    assert log_lines(desk.project, RUN, limit=0) == ()


def test_what_nobody_marked_belongs_to_the_call_that_was_going_on(desk, trace) -> None:
    trace.call(1, "outer")
    trace.output(b"before\n")
    trace.output(b"from C\n")
    inner = {"function": "a:inner", "name": "inner", "parent": "1-1", "started": 5.0}
    trace.called(2, log=[7, 14], **inner)
    trace.called(1, log=[0, 14])
    trace.output(b"nobody\n")
    mark(trace, at(0, 7, call="1-1"))
    last = log_lines(desk.project, RUN)[1:]
    assert last == (
        LogLine(text="from C", call="1-2", step="inner"),
        LogLine(text="nobody"),
    )


def test_lines_that_threads_write_into_each_other_are_put_together(desk, trace) -> None:
    for number, name in ((1, "a"), (2, "b")):
        trace.call(number, name)
    trace.output(b"a beg" + b"b begins\n" + b"ins\n")
    trace.called(1, log=[0, 18])
    trace.called(2, log=[0, 18])
    mark(trace, at(0, 5, call="1-1"), at(5, 14, call="1-2"), at(14, 18, call="1-1"))
    assert texts(log_lines(desk.project, RUN)) == ["a begins", "b begins"]
    assert texts(log_lines(desk.project, RUN, step="a")) == ["a begins"]
    assert texts(log_lines(desk.project, RUN, call="1-2")) == ["b begins"]


def test_records_stand_among_the_lines_once_whether_or_not_they_were_shown(desk, trace) -> None:
    trace.output(b"one\nINFO: shown\ntwo\nWARN: by C\nthree\n")
    mark(
        trace,
        at(0, 4),
        at(4, 16, "log"),
        at(4, 16, "log", level="INFO", logger="lab", place="a.py:3", text="shown"),
        at(16, 20),
        # A handler may write past sys.stderr: nobody marks that.
        at(20, 31, "log", level="WARNING", logger="lab", place="a.py:4", text="by C\nand more"),
        at(31, 31, "warning", level="UserWarning", logger="", place="a.py:5", text="careful"),
        at(31, 37),
    )
    found = log_lines(desk.project, RUN)
    assert texts(found) == ["one", "shown", "two", "by C", "and more", "careful", "three"]
    assert found[1] == LogLine(
        text="shown", time=104.0, stream="log", level="INFO", logger="lab", place="a.py:3"
    )
    assert found[5].stream == "warning"
    assert found[5].level == "UserWarning"


def test_of_what_was_overwritten_the_last_state_is_given(desk, trace) -> None:
    trace.output(b"\r 10%\r 50%\r100%\ndone\n")
    mark(trace, at(0, 5, "err"), at(5, 16, "err"), at(16, 21))
    assert texts(log_lines(desk.project, RUN)) == ["100%", "done"]


def test_of_bars_below_each_other_the_last_state_is_given(desk, trace) -> None:
    drawn = [b"\router 0%", b"\n\rinner 0%\x1b[A", b"\n\rinner 50%\x1b[A", b"\n\rinner 99%\x1b[A"]
    trace.output(b"".join(drawn))
    ends = [sum(map(len, drawn[:index])) for index in range(len(drawn) + 1)]
    mark(trace, *(at(low, high, "err") for low, high in itertools.pairwise(ends)))
    assert texts(log_lines(desk.project, RUN)) == ["outer 0%", "inner 99%"]


def test_a_run_without_marks_gives_its_lines(desk, trace) -> None:
    trace.output(b"old\nlog")
    assert log_lines(desk.project, RUN) == (LogLine(text="old"), LogLine(text="log"))


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"time": 1.0}',
        b'{"time": 1.0, "bytes": [5, 1], "stream": "out", "call": ""}',
        b'{"time": 1.0, "bytes": [0, 1e30], "stream": "out", "call": ""}',
        b'{"time": NaN, "bytes": [0, 3], "stream": "out", "call": ""}',
        b'{"time": 1.0, "bytes": [0, 3], "stream": "in", "call": ""}',
        b'{"time": 1.0, "bytes": [0, 3], "stream": "out", "call": 7}',
        b'{"time": 1.0, "bytes": [0, 3], "stream": "out", "call": "", "text": 7}',
        b"\xff\xfe",
    ],
)
def test_marks_that_cannot_be_read_are_left_out(desk, trace, line) -> None:
    trace.output(b"one\n")
    (trace.folder / "marks.jsonl").write_bytes(b'{"version": 1}\n' + line + b"\n")
    assert log_lines(desk.project, RUN) == (LogLine(text="one"),)


def test_marks_of_a_later_version_are_left_alone(desk, trace) -> None:
    trace.output(b"one\n")
    (trace.folder / "marks.jsonl").write_text('{"version": 2}\n' + json.dumps(at(0, 4)) + "\n")
    assert log_lines(desk.project, RUN) == (LogLine(text="one"),)


def test_nothing_in_a_line_or_record_steers_a_terminal(desk, trace) -> None:
    trace.output(b"\x1b[31mred\x1b[0m \x1b]0;title\x07 \xff\x00\n")
    record = {"level": "\x1b[2J", "logger": "\x07", "place": "\u202e", "text": "\x1b[H"}
    mark(trace, at(0, 0, "log", **record), at(0, 60))
    for line in log_lines(desk.project, RUN):
        for text in (line.text, line.level, line.logger, line.place):
            assert "\x1b" not in text
            assert text.isprintable()


def test_a_step_that_was_not_called_is_an_error_with_the_nearest_name(desk, trace) -> None:
    trace.called(1, function="a:trend", name="trend", log=[0, 0])
    with pytest.raises(UnknownNameError, match="trend"):
        log_lines(desk.project, RUN, step="trendd")
    with pytest.raises(UnknownNameError, match="no call 9-9"):
        log_lines(desk.project, RUN, call="9-9")


def store_entry(desk: Any, key: str, log: str, run: str) -> None:
    store = LocalStore(desk.root / ".jobtui" / "cache")
    meta = EntryMeta(key=key, function="a:fit", run=run, call="1-1", log=log)
    write_entry(store, entry_name("a:fit", key), 1, meta)


def hit(desk: Any, key: str) -> Trace:
    trace = Trace(desk.root, LATER).start()
    trace.output(b"before\nafter\n")
    trace.called(1, "hit", function="a:fit", name="fit", key=key, started=105.0, log=[0, 0])
    mark(trace, at(0, 7), at(7, 13))
    return trace


def test_of_a_hit_there_is_what_its_entry_keeps_marked_with_the_run(desk) -> None:
    store_entry(desk, "ab" * 16, "stored\n\x1b[31mred\x1b[0m\n", "gone-run")
    hit(desk, "ab" * 16)
    found = log_lines(desk.project, LATER)
    assert texts(found) == ["before", "stored", "red", "after"]
    assert found[1] == LogLine(text="stored", call="1-1", step="fit", origin="gone-run")
    assert texts(log_lines(desk.project, LATER, step="fit")) == ["stored", "red"]


def test_of_a_hit_the_run_that_computed_it_tells_more_where_it_is_known(desk, trace) -> None:
    trace.output(b"computed\n")
    trace.called(1, function="a:fit", name="fit", key="ab" * 16, log=[0, 9])
    mark(
        trace,
        at(0, 9, call="1-1"),
        at(9, 9, "log", "1-1", level="INFO", logger="lab", place="a.py:1", text="not shown"),
    )
    store_entry(desk, "ab" * 16, "computed\n", RUN)
    hit(desk, "ab" * 16)
    first, second = log_lines(desk.project, LATER, step="fit")
    assert first == LogLine(
        text="computed", time=100.0, stream="out", call="1-1", step="fit", origin=RUN
    )
    assert (second.text, second.level, second.origin) == ("not shown", "INFO", RUN)


def test_a_run_of_many_hits_is_not_read_once_for_each(desk, trace, monkeypatch) -> None:
    trace.output(b"computed\n")
    trace.called(1, function="a:fit", name="fit", key="ab" * 16, log=[0, 9])
    mark(trace, at(0, 9, call="1-1"))
    store_entry(desk, "ab" * 16, "computed\n", RUN)
    later = Trace(desk.root, LATER).start()
    facts = {"function": "a:fit", "name": "fit", "key": "ab" * 16, "log": [0, 0]}
    for number in range(1, 31):
        later.called(number, "hit", started=105.0 + number, **facts)
    read: list[str] = []

    def noting(folder: Path) -> Any:
        read.append(folder.name)
        return read_run(folder)

    monkeypatch.setattr("jobtui_core.project.printed.read_run", noting)
    assert len(log_lines(desk.project, LATER)) == 30
    assert read == [LATER, RUN]


@pytest.mark.parametrize("run", ["../../elsewhere", "", ".", "a/b", "\x00"])
def test_an_entry_cannot_make_anybody_read_other_folders(desk, run) -> None:
    elsewhere = desk.root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "output.log").write_text("secret\n")
    store_entry(desk, "ab" * 16, "stored\n", run)
    hit(desk, "ab" * 16)
    assert texts(log_lines(desk.project, LATER, step="fit")) == ["stored"]


def test_output_that_was_replayed_is_there_once(desk) -> None:
    store_entry(desk, "ab" * 16, "stored\n", RUN)
    trace = Trace(desk.root, LATER).start()
    trace.output(b"stored\n")
    trace.called(1, "hit", function="a:fit", name="fit", key="ab" * 16, started=105.0, log=[0, 0])
    mark(trace, at(0, 7, "replay", origin=RUN))
    assert log_lines(desk.project, LATER) == (LogLine(text="stored", time=100.0, origin=RUN),)


def test_lines_as_plain_data_leave_out_what_is_not_known() -> None:
    assert lines_to_json([LogLine(text=""), LogLine(text="x", time=1.5, stream="err")]) == [
        {"text": ""},
        {"text": "x", "time": 1.5, "stream": "err"},
    ]
