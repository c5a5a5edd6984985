"""``PrintTime``: what took how long, told on stderr and in a log that rotates."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import pytest

from jobtui_core import PrintTime, hash  # noqa: A004  joblib's name
from jobtui_core.errors import CacheWarning
from tests.core.project.test_end_to_end import Folder


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to go on."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


@pytest.fixture
def log(tmp_path):
    return tmp_path / "logs" / "run.log"


def lines(log):
    return log.read_text().splitlines()


def test_a_call_tells_seconds_and_minutes_since_the_last_one(clock, capsys):
    print_time = PrintTime()
    clock[0] += 75.3
    print_time("Read")
    clock[0] += 0.5
    print_time("Fitted")
    print_time("All", total=True)
    assert capsys.readouterr().err.splitlines() == [
        "Read: 75.30 s, 1.3 min",
        "Fitted: 0.50 s, 0.0 min",
        "All: 75.80 s, 1.3 min",
    ]


def test_the_log_is_told_the_same_and_its_folder_is_made(clock, log, capsys):
    print_time = PrintTime(log)
    clock[0] += 2
    print_time("Größe")
    head, *rest = lines(log)
    assert re.fullmatch(r"--- \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} ---", head)
    assert rest == ["Größe: 2.00 s, 0.0 min"] == capsys.readouterr().err.splitlines()


def test_logs_of_nine_earlier_runs_are_kept_in_their_order(log):
    for run in range(12):
        PrintTime(str(log))(f"run {run}")
    names = sorted(one.name for one in log.parent.iterdir())
    assert names == ["run.log", *(f"run.log.{number}" for number in range(1, 10))]
    for number in range(1, 10):
        assert f"run {11 - number}:" in (log.parent / f"run.log.{number}").read_text()
    assert [one.partition(":")[0] for one in lines(log)[1:]] == ["run 11"]


def test_a_gap_among_the_earlier_logs_does_no_harm(log):
    log.parent.mkdir()
    log.write_text("now")
    log.with_name("run.log.3").write_text("once")
    PrintTime(log)
    assert log.with_name("run.log.1").read_text() == "now"
    assert log.with_name("run.log.4").read_text() == "once"
    assert not log.with_name("run.log.2").exists()


def test_who_follows_the_log_sees_what_the_next_run_writes(log):
    PrintTime(log)("first")
    number = log.stat().st_ino
    with log.open() as follower:
        assert "first" in follower.read()
        PrintTime(log)("second")
        # As tail does with a file that has become shorter.
        follower.seek(0)
        text = follower.read()
    assert "second" in text
    assert "first" not in text
    assert log.stat().st_ino == number
    assert "first" in log.with_name("run.log.1").read_text()


def test_the_log_stays_where_it_is_when_the_working_folder_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    print_time = PrintTime("run.log")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    print_time("here")
    assert "here" in (tmp_path / "run.log").read_text()


def test_a_log_that_cannot_be_written_costs_one_warning(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.warns(CacheWarning, match="cannot be written") as said:
        print_time = PrintTime(tmp_path / "file" / "run.log")
    assert [one.filename for one in said] == [__file__]
    # A second warning would be an error.
    print_time("one")
    print_time("two")
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_log_that_cannot_be_copied_is_not_emptied(log, monkeypatch):
    PrintTime(log)("first")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy2", full)
    with pytest.warns(CacheWarning, match="No space left"):
        PrintTime(log)("second")
    assert [one.partition(":")[0] for one in lines(log) if "---" not in one] == ["first", "second"]


def test_what_is_no_file_is_not_rotated(tmp_path):
    PrintTime(os.devnull)("nobody hears")
    assert not Path(os.devnull + ".1").exists()


def test_without_stderr_the_log_is_written(log, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    PrintTime(log)("quietly")
    assert "quietly" in log.read_text()


def test_a_step_that_tells_the_time_is_fresh_and_the_log_is_no_input(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith("JOBTUI_"):
            monkeypatch.delenv(name)
    folder = Folder(tmp_path / "project")
    folder.write(
        "script.py",
        """
        from jobtui_core import PrintTime, make
        print_time = PrintTime("run.log")
        @make
        def step(x):
            print("ran")
            print_time("half")
            return x
        print(step(1))
        print_time("done")
        """,
    )
    assert folder.run("script.py").split() == ["ran", "1"]
    assert folder.verdicts() == {"step": "fresh"}
    assert folder.run("script.py").split() == ["1"]
    assert folder.verdicts() == {"step": "fresh"}
    assert hash(PrintTime()) == hash(PrintTime())
