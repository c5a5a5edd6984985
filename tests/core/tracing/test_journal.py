"""Event files are appended to whatever happens around them."""

from __future__ import annotations

import errno
import json
import os

import pytest

from jobtui_core.tracing.appending import AppendFile
from jobtui_core.tracing.journal import Journal, bounded


def lines(path) -> list[bytes]:
    return path.read_bytes().splitlines()


def test_a_full_disk_is_told_once(tmp_path, monkeypatch) -> None:
    told: list[OSError] = []
    journal = Journal(tmp_path / "events.jsonl", told.append)
    journal.write("one")

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    journal.write("two")
    journal.write("three")
    assert [error.errno for error in told] == [errno.ENOSPC]
    monkeypatch.undo()
    journal.close()
    assert len(lines(tmp_path / "events.jsonl")) == 1


def test_a_line_that_was_cut_short_does_not_spoil_the_next(tmp_path, monkeypatch) -> None:
    journal = Journal(tmp_path / "events.jsonl", lambda error: None)
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:10]))
    journal.write("one")
    monkeypatch.undo()
    journal.write("two")
    journal.close()
    torn, whole = lines(tmp_path / "events.jsonl")
    assert len(torn) == 10
    assert json.loads(whole)["event"] == "two"


@pytest.mark.parametrize(
    "value",
    [{1, 2}, {("a", 1): 2}, object(), float("inf"), "\udcff", b"x", [[[]]]],
    ids=lambda value: type(value).__name__,
)
def test_any_value_becomes_some_line(tmp_path, value) -> None:
    journal = Journal(tmp_path / "events.jsonl", lambda error: None)
    journal.write("parameter", value=value)
    endless: list[object] = []
    endless.append(endless)
    journal.write("parameter", value=endless)
    journal.close()
    assert all("value" in json.loads(line) for line in lines(tmp_path / "events.jsonl"))


def test_a_descriptor_that_became_somebody_elses_is_not_written_to(tmp_path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    file = AppendFile(ours)
    file.write(b"1")
    fd = file._fd
    assert fd is not None
    os.close(fd)
    alien = os.open(theirs, os.O_WRONLY | os.O_CREAT)
    if alien != fd:
        os.dup2(alien, fd)
        os.close(alien)
    file.write(b"2")
    assert (ours.read_bytes(), theirs.read_bytes()) == (b"12", b"")
    file.close()
    os.fstat(fd)
    os.close(fd)


def test_long_texts_keep_their_ends() -> None:
    text = "a" * 500 + "b" * 500
    short = bounded(text, 100)
    assert short.startswith("a" * 50 + "\n")
    assert short.endswith("b" * 50)
    assert bounded("short") == "short"
