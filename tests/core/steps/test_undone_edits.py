"""Files that a step opens undeclared: an edit of one that is undone finds the earlier result."""

from __future__ import annotations

import pytest

from jobtui_core import Memory, make
from jobtui_core.stores import MemoryStore

ran = []


@pytest.fixture
def read():
    ran.clear()

    @make
    def read(x):
        ran.append(x)
        with open("notes.txt") as file:
            return file.read()

    return read


def runs_for(read, path, *texts):
    """Give how often the step ran for each content of the file, one after the other."""
    found = []
    for text in texts:
        path.write_text(text)
        before = len(ran)
        assert read(1) == text
        assert read.check_call_in_cache(1)
        found.append(len(ran) - before)
    return found


def test_an_undone_edit_of_an_undeclared_file_is_a_hit(read, tmp_path):
    assert runs_for(read, tmp_path / "notes.txt", "one", "two", "one", "two", "one") == [
        1,
        1,
        0,
        0,
        0,
    ]


def test_all_that_the_file_ever_held_is_known(read, tmp_path):
    texts = ["one", "two", "three", "one", "three", "two"]
    assert runs_for(read, tmp_path / "notes.txt", *texts) == [1, 1, 1, 0, 0, 0]


def test_a_call_that_fails_in_between_costs_nothing(read, tmp_path):
    path = tmp_path / "notes.txt"
    runs_for(read, path, "one")
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read(1)
    assert runs_for(read, path, "one") == [0]


def test_a_call_can_be_seen_to_be_answered_without_changing_anything(read, tmp_path):
    path = tmp_path / "notes.txt"
    runs_for(read, path, "one", "two")
    path.write_text("one")
    before = sorted((tmp_path / ".jobtui").rglob("*.entry"))
    assert read.check_call_in_cache(1)
    path.write_text("three")
    assert not read.check_call_in_cache(1)
    assert sorted((tmp_path / ".jobtui").rglob("*.entry")) == before


def test_results_in_a_folder_without_links_are_copied(read, tmp_path, monkeypatch):
    def refuses(*args):
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuses)
    assert runs_for(read, tmp_path / "notes.txt", "one", "two", "one") == [1, 1, 0]


def test_clearing_forgets_earlier_contents_too(read, tmp_path):
    path = tmp_path / "notes.txt"
    runs_for(read, path, "one", "two")
    read.clear()
    assert runs_for(read, path, "one", "two") == [1, 1]


def test_a_step_that_trusts_its_declared_files_keeps_one_result(tmp_path):
    @make(files="declared")
    def trusting(x):
        with open("notes.txt") as file:
            return file.read()

    (tmp_path / "notes.txt").write_text("one")
    trusting(1)
    (tmp_path / "notes.txt").write_text("two")
    assert trusting(1) == "one"


def test_entries_without_files_are_copied_within_a_store():
    store = MemoryStore()
    store.write("a/b", b"entry")
    store.copy("a/b", "c/d")
    store.copy("nowhere", "e/f")
    assert store.read("c/d") == b"entry"
    assert store.read("e/f") is None


def test_a_store_elsewhere_keeps_them_too(tmp_path):
    ran.clear()
    memory = Memory(tmp_path / "elsewhere")

    @make(memory=memory)
    def kept(x):
        ran.append(x)
        with open("notes.txt") as file:
            return file.read()

    for text in ("one", "two", "one"):
        (tmp_path / "notes.txt").write_text(text)
        assert kept(1) == text
    assert len(ran) == 2
