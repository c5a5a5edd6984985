"""A file is written whole or not at all, and where it was meant to be."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from jobtui_core.whole import write_whole


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a.json"]


def test_what_cannot_take_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "a.json", b"one")
    assert os.listdir(tmp_path) == ["a.json"]


def test_what_cannot_be_written_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "a.json"
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(path, b"one")
    assert (caught.value.filename, caught.value.filename2) == (str(path), None)
    (tmp_path / "b.json").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_whole(tmp_path / "b.json", b"one")
    assert (caught.value.filename, caught.value.filename2) == (str(tmp_path / "b.json"), None)


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    (tmp_path / "a.json").symlink_to(other)
    write_whole(tmp_path / "a.json", b"one")
    assert other.read_bytes() == b"mine"
    assert not (tmp_path / "a.json").is_symlink()


def test_only_its_owner_reads_a_private_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.json", b"one", 0o600)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o600


def test_threads_that_write_at_once_leave_one_whole_text(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    texts = [bytes([65 + n]) * 200_000 for n in range(4)]
    start = threading.Barrier(len(texts))

    def write(text: bytes) -> None:
        start.wait()
        for _ in range(10):
            write_whole(path, text)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in texts
    assert os.listdir(tmp_path) == ["a.json"]
