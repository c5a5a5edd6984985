"""Digests of files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.hashing import digest_bytes, digest_file, files

LONG_AGO = 1_600_000_000_000_000_000


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read, not just looked at."""
    found = []
    read = files._read

    def counted(name: str, *how: Any) -> object:
        found.append(Path(name).name)
        return read(name, *how)

    monkeypatch.setattr(files, "_read", counted)
    monkeypatch.setattr(files, "known_digests", {})
    return found


def settle(path: Path) -> None:
    """Wait until the file's times are old enough to be trusted."""
    deadline = time.monotonic() + 5
    while time.time_ns() - path.stat().st_mtime_ns < files._SETTLED + 5_000_000:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (3 << 20) + 7])
def test_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "a").write_bytes(content)
    assert digest_file(tmp_path / "a") == digest_bytes(content)
    assert digest_file(str(tmp_path / "a")) == digest_bytes(content)


def test_content_is_read_once(tmp_path: Path, reads: list[str]) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    settle(path)
    first = digest_file(path)
    assert digest_file(path) == first
    assert reads == ["a"]


def test_relative_path_means_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(name)
    found = []
    for name in ("one", "two"):
        monkeypatch.chdir(tmp_path / name)
        found.append(digest_file("a"))
    assert found == [digest_bytes(b"one"), digest_bytes(b"two")]


def test_touched_file_has_the_same_digest(tmp_path: Path, reads: list[str]) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    settle(path)
    first = digest_file(path)
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    assert digest_file(path) == first
    assert reads == ["a", "a"]


def test_change_of_equal_size_under_a_restored_time_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    first = digest_file(path)
    path.write_bytes(b"after!")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    assert digest_file(path) != first


def test_file_written_just_now_is_not_remembered(tmp_path: Path, reads: list[str]) -> None:
    """Its time may not change with the next write."""
    path = tmp_path / "a"
    for content in (b"1", b"2", b"3"):
        path.write_bytes(content)
        assert digest_file(path) == digest_bytes(content)


def test_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        digest_file(tmp_path / "missing")
    with pytest.raises(OSError, match="directory"):
        digest_file(tmp_path)


@pytest.mark.timeout(10)
def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path / "a\0b"):
        with pytest.raises(OSError, match=r"regular|no file"):
            digest_file(path)
