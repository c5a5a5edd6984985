"""Inputs that later processes take to be the same as long as size and times are."""

from __future__ import annotations

import json
import os

import pytest

from jobtui_core import make

SCRIPT = """
from jobtui_core import make

@make(inputs=["big.txt"]{more})
def read(x):
    print("ran")
    with open("big.txt") as file:
        return file.read()

@make
def outer(x):
    return read(x)

outer(1)
"""


def write(path, text):
    path.write_text(text)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))


@pytest.mark.parametrize("place", ["step", "project"])
def test_digest_is_noted_and_believed_in_the_next_process(run, tmp_path, place):
    more = ', inputs_check="stat"' if place == "step" else ""
    (tmp_path / "script.py").write_text(SCRIPT.format(more=more))
    (tmp_path / "jobtui.toml").write_text('inputs_check = "stat"' if place == "project" else "")
    write(tmp_path / "big.txt", "one")
    assert run() == ["ran"]
    assert run() == []
    notes = tmp_path / ".jobtui" / "index" / "digests.jsonl"
    (line,) = notes.read_text().splitlines()
    note = json.loads(line)
    assert note[0] == str(tmp_path / "big.txt")
    # As if the content had been another one when it was read.
    notes.write_text(json.dumps([*note[:-1], "0" * 32]))
    assert run() == ["ran"]
    write(tmp_path / "big.txt", "two")
    assert run() == ["ran"]
    assert run() == []


def test_content_is_read_anew_unless_told_otherwise(run, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT.format(more=""))
    (tmp_path / "jobtui.toml").write_text("")
    write(tmp_path / "big.txt", "one")
    assert run() == ["ran"]
    assert not (tmp_path / ".jobtui" / "index" / "digests.jsonl").exists()


def test_verdict_takes_the_digest_from_the_notes(run, tmp_path, monkeypatch):
    from jobtui_core.hashing import files
    from jobtui_core.project import open_project, status

    (tmp_path / "script.py").write_text(SCRIPT.format(more=', inputs_check="stat"'))
    (tmp_path / "jobtui.toml").write_text("")
    write(tmp_path / "big.txt", "one")
    run(JOBTUI_TRACE="1")
    read = files._read

    def guarded(name):
        assert not name.endswith("big.txt")
        return read(name)

    monkeypatch.setattr(files, "_read", guarded)
    rows = status(open_project(tmp_path)).steps
    assert {row.name: row.verdict.value for row in rows} == {"read": "fresh", "outer": "fresh"}


def test_another_check_is_refused():
    with pytest.raises(ValueError, match="inputs_check must be"):
        make(lambda: 1, inputs_check="size")
