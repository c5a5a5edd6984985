"""Digests of files that are noted for later processes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jobtui_core.hashing import (
    digest_bytes,
    digest_file,
    files,
    recall_digests,
    remember_digests,
    remembered,
)

LONG_AGO = 1_600_000_000_000_000_000


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    """Forget everything, now and whenever it is called."""

    def forget():
        monkeypatch.setattr(files, "known_digests", {})
        monkeypatch.setattr(remembered, "_recalled", {})
        monkeypatch.setattr(remembered, "_noted", {})

    forget()
    return forget


@pytest.fixture
def unreadable(monkeypatch):
    def start():
        def read(name, algorithm):
            raise AssertionError(f"{name} was read")

        monkeypatch.setattr(files, "_read", read)

    return start


def old_file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    return path


def test_noted_file_is_not_read_again_in_another_process(tmp_path, new_process, unreadable):
    notes = tmp_path / "index" / "digests.jsonl"
    path = old_file(tmp_path, "big", "text")
    expected = digest_file(path)
    assert expected == digest_bytes(b"text")
    remember_digests(notes, [path])
    new_process()
    unreadable()
    recall_digests(notes)
    assert digest_file(path) == expected


def test_changed_file_is_read_again_though_its_time_was_restored(tmp_path, new_process):
    notes = tmp_path / "notes"
    path = old_file(tmp_path, "big", "text")
    digest_file(path)
    remember_digests(notes, [path])
    new_process()
    old_file(tmp_path, "big", "else")
    recall_digests(notes)
    assert digest_file(path) == digest_bytes(b"else")


def test_file_written_just_now_is_not_noted(tmp_path):
    path = tmp_path / "big"
    path.write_text("text")
    digest_file(path)
    remember_digests(tmp_path / "notes", [path])
    assert not (tmp_path / "notes").exists()


def test_each_content_is_noted_once(tmp_path, new_process):
    notes = tmp_path / "notes"
    path = old_file(tmp_path, "big", "one")
    for _ in range(2):
        recall_digests(notes)
        digest_file(path)
        remember_digests(notes, [path, path])
        new_process()
    assert len(notes.read_text().splitlines()) == 1


def test_what_is_no_note_is_passed_over(tmp_path, new_process):
    path = old_file(tmp_path, "big", "text")
    status = path.stat()
    state = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    bad = [
        "", "{}", "[]", "nothing", "[1, 2, 3, 4, 5, 6]", "\0", "9" * 5000,
        json.dumps([str(path), *state, "short"]),
        json.dumps([str(path), *state, "../" * 10 + "ab"]),
        json.dumps([str(path), *map(str, state), "0" * 32]),
        json.dumps([[str(path)], *state, "0" * 32]),
    ]  # fmt: skip
    (tmp_path / "notes").write_text("\n".join(bad))
    recall_digests(tmp_path / "notes")
    recall_digests(tmp_path / "nowhere")
    recall_digests(tmp_path)
    assert digest_file(path) == digest_bytes(b"text")


def test_notes_that_have_grown_too_large_are_begun_anew(tmp_path, new_process, monkeypatch):
    monkeypatch.setattr(remembered, "_LARGEST", 100)
    notes = tmp_path / "notes"
    notes.write_text("x" * 101)
    recall_digests(notes)
    path = old_file(tmp_path, "big", "text")
    digest_file(path)
    remember_digests(notes, [path])
    (line,) = notes.read_text().splitlines()
    assert json.loads(line)[0] == str(path)
