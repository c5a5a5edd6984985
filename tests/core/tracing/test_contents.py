"""What is noted of the files that calls read, for saying later how they changed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from jobtui_core.hashing import digest_file
from jobtui_core.tracing import contents, enable_for_tests
from jobtui_core.tracing.contents import Contents, read_content


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".jobtui").mkdir()
    return tmp_path


def write(root: Path, name: str, data: str | bytes) -> str:
    path = root / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return digest_file(path)


def note(root: Path, name: str, data: str | bytes):
    digest = write(root, name, data)
    Contents(root).note([(name, digest)])
    return read_content(root, digest)


def test_a_small_text_is_noted_with_size_time_and_text(root) -> None:
    found = note(root, "a.csv", "1\n2")
    assert (found.size, found.lines, found.text) == (3, 2, "1\n2")
    assert found.time == pytest.approx((root / "a.csv").stat().st_mtime)


def test_bytes_are_noted_without_text(root) -> None:
    found = note(root, "a.bin", b"\0\1")
    assert (found.size, found.lines, found.text) == (2, None, None)
    assert note(root, "latin.txt", b"\xe4\n").text is None


def test_a_large_text_is_noted_without_text(root, monkeypatch) -> None:
    monkeypatch.setattr(contents, "LARGEST_TEXT", 3)
    assert note(root, "a.csv", "1\n2\n").text is None


@pytest.mark.parametrize("name", [".env", "api_key.txt", "server.pem", "id_rsa", "passwords.csv"])
def test_a_file_whose_name_tells_of_secrets_is_noted_without_text(root, name) -> None:
    found = note(root, name, "hush\n")
    assert (found.size, found.text) == (5, None)


def test_texts_are_kept_for_their_owner_alone(root) -> None:
    digest = write(root, "a.csv", "1\n")
    Contents(root).note([("a.csv", digest)])
    folder = root / ".jobtui" / "inputs"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{digest}.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["keep_inputs = false\n", "keep_inputs = 0\n"])
def test_a_setting_keeps_no_texts_nor_does_one_that_cannot_be_read(root, text) -> None:
    (root / "jobtui.toml").write_text(text)
    found = note(root, "a.csv", "1\n2\n")
    assert (found.lines, found.text) == (2, None)


def test_a_file_that_is_another_one_by_now_is_not_noted(root) -> None:
    digest = write(root, "a.csv", "1\n")
    (root / "a.csv").write_text("2\n")
    Contents(root).note([("a.csv", digest)])
    assert read_content(root, digest) is None


def test_the_oldest_go_when_there_is_no_room(root, monkeypatch) -> None:
    monkeypatch.setattr(contents, "MOST_NOTES", 10)
    taker = Contents(root)
    digests = []
    for number in range(10):
        digests.append(write(root, f"{number}.csv", f"{number}\n"))
        taker.note([(f"{number}.csv", digests[-1])])
        place = root / ".jobtui" / "inputs" / f"{digests[-1]}.json"
        os.utime(place, (number, number))
    # What is read again is young again.
    Contents(root).note([("0.csv", digests[0])])
    last = write(root, "last.csv", "last\n")
    Contents(root).note([("last.csv", last)])
    kept = [read_content(root, digest) is not None for digest in [*digests, last]]
    assert kept[0]
    assert not kept[1]
    assert kept[-2:] == [True, True]


def test_files_of_others_are_not_removed_to_make_room(root, tmp_path, monkeypatch) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for number in range(10):
        (theirs / f"{number}.json").write_text("precious")
    (root / ".jobtui" / "inputs").symlink_to(theirs)
    monkeypatch.setattr(contents, "MOST_NOTES", 3)
    for number in range(5):
        name = f"{number}.csv"
        Contents(root).note([(name, write(root, name, f"{number}\n"))])
    kept = [path.read_text() for path in theirs.iterdir() if len(path.stem) == 1]
    assert kept == ["precious"] * 10
    assert len(list(theirs.iterdir())) <= 13


def test_all_notes_together_are_bounded(root, monkeypatch) -> None:
    monkeypatch.setattr(contents, "MOST_BYTES", 2_000)
    taker = Contents(root)
    for number in range(30):
        name = f"{number}.csv"
        taker.note([(name, write(root, name, f"{number}" * 100))])
    notes = (root / ".jobtui" / "inputs").iterdir()
    assert 0 < sum(one.stat().st_size for one in notes) <= 2_000


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"size": "3"}', '{"size": -1}', '{"size": true}', "[" * 100_000, "\xff"],
)
def test_a_malformed_note_is_none(root, text) -> None:
    (root / ".jobtui" / "inputs").mkdir()
    digest = "a" * 32
    (root / ".jobtui" / "inputs" / f"{digest}.json").write_text(text)
    assert read_content(root, digest) is None


def test_a_text_that_does_not_have_the_digest_is_left_out(root) -> None:
    (root / ".jobtui" / "inputs").mkdir()
    digest = "a" * 32
    facts = {"size": 4, "lines": -1, "time": 1e300, "text": "2\n"}
    (root / ".jobtui" / "inputs" / f"{digest}.json").write_text(json.dumps(facts))
    found = read_content(root, digest)
    assert (found.size, found.lines, found.time, found.text) == (4, None, None, None)


@pytest.mark.parametrize("digest", ["../" * 10 + "aa", "", "a" * 31, "ä" * 32])
def test_only_digests_name_notes(root, digest) -> None:
    assert read_content(root, digest) is None


def test_a_computed_call_notes_its_inputs_and_a_hit_does_not(root) -> None:
    first, second = write(root, "a.csv", "1\n"), write(root, "b.csv", "2\n")
    with enable_for_tests(root) as run:
        handle = run.call_start("m:f", "f", "step")
        run.call_end(handle, "computed", inputs=[("a.csv", first)])
        run.hit("m:f", "f", "step", key="k", inputs=[("b.csv", second)])
    assert read_content(root, first) is not None
    assert read_content(root, second) is None


def test_a_folder_that_cannot_be_written_costs_nothing_else(root) -> None:
    digest = write(root, "a.csv", "1\n")
    (root / ".jobtui" / "inputs").write_text("in the way")
    with enable_for_tests(root) as run:
        handle = run.call_start("m:f", "f", "step")
        run.call_end(handle, "computed", inputs=[("a.csv", digest)])
    events = [json.loads(line) for line in (run.folder / "events.jsonl").read_text().splitlines()]
    assert "call_end" in {event["event"] for event in events}
