"""A log is read piece by piece, all of it or that of one step, whatever bytes are in it."""

from __future__ import annotations

import pytest

from jobtui_core.errors import UnknownNameError
from jobtui_core.project import log_lines, read_log
from jobtui_core.project.running.lastline import last_line
from tests.core.project_running.traces import Trace

RUN = "2026-11-22T10-14-05-ab12"


@pytest.fixture
def trace(desk) -> Trace:
    return Trace(desk.root, RUN).start()


def test_a_run_that_printed_nothing_has_an_empty_log(desk, trace) -> None:
    part = read_log(desk.project, RUN)
    assert (part.text, part.start, part.end, part.more) == ("", 0, 0, False)


def test_pieces_add_up_to_the_whole(desk, trace) -> None:
    text = "".join(f"Zeile {n}: größer ≈ 10 µs 🙂\n" for n in range(40))
    trace.output(text.encode())
    pieces, start = [], 0
    while True:
        part = read_log(desk.project, RUN, start=start, limit=7)
        assert part.start == start
        pieces.append(part.text)
        start = part.end
        if not part.more:
            break
    assert "".join(pieces) == text


def test_what_is_new_is_read_from_the_last_end(desk, trace) -> None:
    trace.output(b"one\n")
    part = read_log(desk.project, RUN)
    assert (part.text, part.more) == ("one\n", False)
    assert read_log(desk.project, RUN, start=part.end).text == ""
    trace.output(b"two\n")
    assert read_log(desk.project, RUN, start=part.end).text == "two\n"


def test_half_a_character_is_left_for_later(desk, trace) -> None:
    trace.output("10 µ".encode()[:-1])
    part = read_log(desk.project, RUN)
    assert (part.text, part.end) == ("10 ", 3)
    trace.output("µ".encode()[-1:])
    assert read_log(desk.project, RUN, start=part.end).text == "µ"


def test_a_negative_start_gives_the_end(desk, trace) -> None:
    trace.output(b"0123456789")
    part = read_log(desk.project, RUN, start=-3)
    assert (part.text, part.start, part.end) == ("789", 7, 10)
    assert read_log(desk.project, RUN, start=-100).text == "0123456789"


def test_a_start_behind_the_end_gives_nothing(desk, trace) -> None:
    trace.output(b"abc")
    assert read_log(desk.project, RUN, start=50).text == ""


def test_bytes_that_are_no_text_are_replaced_and_escapes_kept(desk, trace) -> None:
    trace.output(b"\xff\xfe\x1b[31mred\n")
    assert read_log(desk.project, RUN).text == "��\x1b[31mred\n"


def test_a_step_has_its_own_part_of_the_log(desk, trace) -> None:
    trace.output(b"before read-1 between fit read-2 after")
    for number, (name, begin, end) in enumerate(
        [("read", 7, 14), ("fit", 22, 26), ("read", 26, 33)]
    ):
        trace.call(number, name, log=begin)
        trace.called(number, log=end)
    assert read_log(desk.project, RUN, step="read").text == "read-1 read-2 "
    assert read_log(desk.project, RUN, step="a:fit").text == "fit "
    part = read_log(desk.project, RUN, step="read", limit=8)
    assert (part.text, part.end, part.more) == ("read-1 r", 27, True)
    part = read_log(desk.project, RUN, step="read", start=part.end)
    assert (part.text, part.more) == ("ead-2 ", False)


def test_the_log_of_a_running_step_grows(desk, trace) -> None:
    trace.output(b"before ")
    trace.call(1, "fit", log=7)
    assert read_log(desk.project, RUN, step="fit").text == ""
    trace.output(b"working")
    assert read_log(desk.project, RUN, step="fit").text == "working"
    trace.output(b" more")
    assert read_log(desk.project, RUN, step="fit", start=14).text == " more"


def test_output_of_calls_within_calls_is_told_once(desk, trace) -> None:
    trace.output(b"0123456789")
    trace.call(1, "fit", log=0)
    trace.call(2, "fit", log=3)
    trace.called(2, log=6)
    trace.called(1, log=10)
    assert read_log(desk.project, RUN, step="fit").text == "0123456789"


def test_a_step_that_the_run_did_not_call_is_refused_with_the_nearest(desk, trace) -> None:
    trace.call(1, "trend")
    with pytest.raises(UnknownNameError, match="did you mean 'trend'"):
        read_log(desk.project, RUN, step="tend")
    with pytest.raises(UnknownNameError):
        read_log(desk.project, "2020-01-01", step="trend")


def test_offsets_behind_the_end_of_a_shortened_log_do_no_harm(desk, trace) -> None:
    trace.output(b"short")
    trace.call(1, "fit", log=100)
    trace.called(1, log=200)
    assert read_log(desk.project, RUN, step="fit").text == ""


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", ""),
        (b"\n\n  \n", ""),
        (b"one\ntwo\n\n", "two"),
        (b"x" * 20000, "x" * 300),
        (b"a\tb\x1b[0m\x07\n", "a b [0m"),
    ],
)
def test_the_last_line_is_fit_for_one_line_of_a_screen(tmp_path, data: bytes, line: str) -> None:
    (tmp_path / "log").write_bytes(data)
    assert last_line(tmp_path / "log") == line


def test_the_last_line_of_nothing_is_empty(tmp_path) -> None:
    assert last_line(tmp_path / "no log") == ""


def test_output_of_other_programs_has_a_time_too(desk) -> None:
    desk.script(
        "work.py",
        """
        import subprocess
        from jobtui_core import make

        @make
        def call():
            subprocess.run(["echo", "from a child"], check=True)

        call()
        """,
    )
    (run,) = desk.run("work.py")
    (line,) = [one for one in log_lines(desk.project, run.id) if one.text == "from a child"]
    assert line.step == "call"
    assert line.time is not None
    assert run.started is not None
    assert run.ended is not None
    assert run.started <= line.time <= run.ended + 1
