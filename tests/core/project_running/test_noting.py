"""Notes, tags and stars: written by several at once, and trusted by nobody."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jobtui_core.errors import NoteError, UnknownNameError
from jobtui_core.labbook import RunNotes
from jobtui_core.project import Follower, note_run, run_detail, run_info, runs
from jobtui_core.tracing.runnotes import LONGEST_NOTE, MOST_TAGS, read_notes, starred_runs
from tests.core.project_running.traces import Trace

RUN = "2026-11-22T10-14-05-ab12"
OTHER = "2026-11-22T10-14-06-0000"


@pytest.fixture
def noted(desk):
    Trace(desk.root, RUN).start().end()
    Trace(desk.root, OTHER).start().end()
    return desk


def test_what_is_written_beside_a_run_is_told_with_it(noted) -> None:
    note_run(noted.project, RUN, "the one in the paper", ["paper", "final"], True)
    info = run_info(noted.project, RUN)
    assert (info.note, info.tags, info.starred) == (
        "the one in the paper",
        ("final", "paper"),
        True,
    )
    newest, oldest = runs(noted.project)
    assert (newest.note, newest.tags, newest.starred) == ("", (), False)
    assert oldest == info
    assert run_detail(noted.project, RUN).notes.changed is not None


def test_what_is_left_out_stays(noted) -> None:
    note_run(noted.project, RUN, "first", ["a", "b"], True)
    note_run(noted.project, RUN, add_tags=["c"], remove_tags=["a", "z"])
    found = note_run(noted.project, RUN, "second")
    assert (found.note, found.tags, found.starred) == ("second", ("b", "c"), True)
    assert note_run(noted.project, RUN, "", [], False).note == ""


@pytest.mark.parametrize(("name", "run"), [("last", OTHER), ("last~0", OTHER), ("last~1", RUN)])
def test_the_newest_runs_have_names(noted, name: str, run: str) -> None:
    assert run_info(noted.project, name).id == run
    note_run(noted.project, name, starred=True)
    assert starred_runs(noted.project.runs_folder) == {run}


@pytest.mark.parametrize("name", ["last~2", "last~999999", "last~-1", "last~x", "lasts"])
def test_runs_before_the_first_are_unknown(noted, name: str) -> None:
    with pytest.raises(UnknownNameError):
        note_run(noted.project, name, "never written")


def test_the_newest_of_no_runs_is_unknown(desk) -> None:
    with pytest.raises(UnknownNameError, match="nothing has run here yet"):
        run_info(desk.project, "last")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"note": "x" * (LONGEST_NOTE + 1)}, "10,000 characters"),
        ({"tags": ["two words"]}, "no tag"),
        ({"tags": ["x" * 61]}, "no tag"),
        ({"add_tags": [""]}, "no tag"),
        ({"add_tags": ["-not"]}, "no tag"),
        ({"add_tags": ["\x1b[31mred"]}, "no tag"),
        ({"add_tags": [f"t{n}" for n in range(MOST_TAGS + 1)]}, "50 tags"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(noted, changes, problem: str) -> None:
    before = note_run(noted.project, RUN, "as it was", ["tag"])
    with pytest.raises(NoteError, match=problem):
        note_run(noted.project, RUN, starred=True, **changes)
    assert read_notes(noted.project.runs_folder / RUN) == before


def test_many_people_lose_nothing_of_each_other(noted) -> None:
    begin = threading.Barrier(8)

    def write(person: int) -> None:
        begin.wait()
        for number in range(5):
            note_run(noted.project, RUN, add_tags=[f"p{person}-{number}"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(run_info(noted.project, RUN).tags) == 40


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff\x00",
        b"[" * 100_000,
        b'{"note": 3, "tags": "x", "starred": 1, "changed": true}',
        b'{"note": null, "tags": [1, null, "a b", ""], "starred": "yes", "changed": 1e400}',
        b'{"changed": NaN}',
        b" " * (2 << 20),
    ],
)
def test_whatever_a_file_says_is_not_believed(noted, data: bytes) -> None:
    (noted.project.runs_folder / RUN / "notes.json").write_bytes(data)
    assert read_notes(noted.project.runs_folder / RUN) == RunNotes()
    assert note_run(noted.project, RUN, "mended").note == "mended"


def test_nothing_in_a_note_steers_a_terminal(noted) -> None:
    hostile = {"note": "one\x1b[2J\ntwo\u202e" + "x" * 20_000, "tags": ["ok", "\x1b]0;t\x07"]}
    (noted.project.runs_folder / RUN / "notes.json").write_text(json.dumps(hostile))
    found = read_notes(noted.project.runs_folder / RUN)
    assert found.note.startswith("one\\x1b[2J\ntwo\\u202e")
    assert len(found.note) < 2 * LONGEST_NOTE
    assert found.tags == ("ok",)


def test_a_pipe_or_a_link_to_one_keeps_nobody_waiting(noted) -> None:
    os.mkfifo(noted.project.runs_folder / RUN / "notes.json")
    assert run_info(noted.project, RUN).note == ""


def test_what_a_later_version_added_is_kept(noted) -> None:
    path = noted.project.runs_folder / RUN / "notes.json"
    path.write_text(json.dumps({"format": 7, "note": "old", "starred": True, "mood": "good"}))
    assert note_run(noted.project, RUN, "new").starred
    assert json.loads(path.read_text())["mood"] == "good"


def test_a_folder_that_cannot_be_written_is_named(noted, monkeypatch) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("jobtui_core.tracing.runnotes.write_whole", refuse)
    with pytest.raises(NoteError, match=f"{RUN} cannot be written: Permission denied"):
        note_run(noted.project, RUN, "lost")


def test_whoever_looks_on_hears_of_notes_that_others_write(noted) -> None:
    follower = Follower(noted.project)
    assert len(follower.update()) == 2
    assert follower.update() == ()
    note_run(noted.project, RUN, starred=True)
    (change,) = follower.update()
    assert (change.kind, change.run.id, change.run.starred) == ("run", RUN, True)
    assert {info.starred for info in follower.runs} == {True, False}
    assert follower.update() == ()


def test_a_journal_of_notes_does_not_grow_for_ever(noted, monkeypatch) -> None:
    monkeypatch.setattr("jobtui_core.tracing.runnotes._LONGEST_JOURNAL", 100)
    follower = Follower(noted.project)
    follower.update()
    for number in range(9):
        note_run(noted.project, RUN, f"note {number}")
    assert (noted.root / ".jobtui/noted").stat().st_size < 150
    follower.update()
    assert {info.note for info in follower.runs} == {"", "note 8"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_journal_that_is_none_is_neither_waited_for_nor_followed(noted, tmp_path) -> None:
    journal, elsewhere = noted.project.state_folder / "noted", tmp_path / "elsewhere"
    os.mkfifo(journal)
    note_run(noted.project, RUN, "first")
    journal.unlink()
    elsewhere.write_text("of others")
    journal.symlink_to(elsewhere)
    note_run(noted.project, RUN, "second")
    assert run_info(noted.project, RUN).note == "second"
    assert elsewhere.read_text() == "of others"
