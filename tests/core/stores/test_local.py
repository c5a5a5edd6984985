"""The store in a folder: the common rules, and what only files have."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jobtui_core.errors import StoreError
from jobtui_core.stores import LocalStore, Store, ensure_state_folder
from jobtui_core.testing import StoreConformance


class TestLocalStore(StoreConformance):
    def create(self, folder: Path) -> Store:
        return LocalStore(folder / "cache")

    def read_raw(self, store: Store, name: str) -> bytes | None:
        assert isinstance(store, LocalStore)
        path = store.path / name
        return path.read_bytes() if path.is_file() else None

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        assert isinstance(store, LocalStore)
        path = store.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def leftovers(store: LocalStore) -> list[str]:
    return [path.name for path in (store.path / ".tmp").iterdir()]


def test_nothing_stays_on_its_way_after_writing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("a/b", b"x")
    store.write_if_absent("a/b", b"y")
    store.write_if_absent("a/c", b"y")
    assert leftovers(store) == []


def test_full_disk_is_a_store_error_and_leaves_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    store.write("a", b"before")

    def full(descriptor: int, views: list[memoryview]) -> int:
        os.write(descriptor, b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "writev", full)
    with pytest.raises(StoreError, match="No space left") as caught:
        store.write("a", b"after")
    assert caught.value.code == errno.ENOSPC
    assert leftovers(store) == []
    assert store.read("a") == b"before"


def test_interrupt_while_writing_leaves_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    store.write("a", b"before")

    def interrupt(descriptor: int, views: list[memoryview]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "writev", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.write("a", b"after")
    assert leftovers(store) == []


def test_failed_rename_is_a_store_error_and_leaves_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)

    def refuse(source: str, target: str) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StoreError, match="cross-device"):
        store.write("a", b"x")
    assert leftovers(store) == []


def test_writes_in_small_portions_are_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)

    def stingy(descriptor: int, views: list[memoryview]) -> int:
        return os.write(descriptor, views[0][:3])

    monkeypatch.setattr(os, "writev", stingy)
    store.write("a", [b"0123456789", b"ab", b"cdef"])
    assert store.read("a") == b"0123456789abcdef"


def test_writers_killed_long_ago_are_swept_and_young_ones_spared(tmp_path: Path) -> None:
    folder = tmp_path / ".tmp"
    folder.mkdir()
    (folder / "old").write_bytes(b"x")
    (folder / "young").write_bytes(b"x")
    day_before = time.time() - 2 * 24 * 3600
    os.utime(folder / "old", (day_before, day_before))
    store = LocalStore(tmp_path)
    store.read("a")
    assert sorted(leftovers(store)) == ["old", "young"]
    store.write("a", b"x")
    assert leftovers(store) == ["young"]


def test_process_killed_while_writing_leaves_the_old_object(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("a", b"before")
    program = """
import os, signal, sys
from jobtui_core.stores import LocalStore
def die(descriptor, views):
    os.write(descriptor, b"half")
    os.kill(os.getpid(), signal.SIGKILL)
os.writev = die
LocalStore(sys.argv[1]).write("a", b"after")
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=Path.cwd())
    assert done.returncode < 0
    assert store.read("a") == b"before"
    assert [listed.name for listed in store.list()] == ["a"]


def test_exclusive_write_works_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str, target: str) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    store = LocalStore(tmp_path)
    assert store.write_if_absent("b/a", b"first") is True
    assert store.write_if_absent("b/a", b"second") is False
    assert store.read("b/a") == b"first"
    assert leftovers(store) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_forbidden_folder_is_a_store_error(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "cache")
    store.write("a/b", b"x")
    (tmp_path / "cache" / "a").chmod(0)
    try:
        for call in (
            lambda: store.read("a/b"),
            lambda: store.write("a/b", b"x"),
            lambda: store.stat("a/b"),
            lambda: list(store.list()),
        ):
            with pytest.raises(StoreError):
                call()
    finally:
        (tmp_path / "cache" / "a").chmod(0o755)


def test_file_in_the_place_of_the_folder_is_a_store_error_only_for_writers(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    store = LocalStore(tmp_path / "cache")
    assert store.read("a") is None
    assert list(store.list()) == []
    with pytest.raises(StoreError):
        store.write("a", b"x")


def test_object_in_the_place_of_a_folder_is_a_store_error(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("a", b"x")
    with pytest.raises(StoreError):
        store.write("a/b", b"y")
    with pytest.raises(StoreError):
        store.write_if_absent("a/b", b"y")
    assert store.read("a") == b"x"


def test_foreign_files_are_not_listed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("a", b"x")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "with space").write_bytes(b"x")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [listed.name for listed in store.list()] == ["a"]


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """A folder with an old file that is nobody's to delete, outside of all stores."""
    folder = tmp_path / "precious"
    folder.mkdir()
    (folder / "data").write_bytes(b"x")
    os.utime(folder / "data", (1e9, 1e9))
    return folder


@pytest.mark.parametrize("link", ["a", "a/b"])
def test_links_to_other_folders_are_not_followed_when_listing_begins_there(
    tmp_path: Path, precious: Path, link: str
) -> None:
    place = tmp_path / "store" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(precious)
    store = LocalStore(tmp_path / "store")
    assert list(store.list(f"{link}/")) == []
    assert list(store.list(f"{link}/d")) == []


def test_a_store_may_itself_be_a_link(tmp_path: Path, precious: Path) -> None:
    (tmp_path / "store").symlink_to(precious)
    LocalStore(tmp_path / "store").write("a/b", b"x")
    found = LocalStore(tmp_path / "store").list("a/")
    assert [listed.name for listed in found] == ["a/b"]


def test_sweeping_does_not_follow_a_link_in_the_place_of_its_folder(
    tmp_path: Path, precious: Path
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / ".tmp").symlink_to(precious)
    store = LocalStore(tmp_path / "store")
    store.write("a", b"x")
    store.sweep()
    assert [path.name for path in precious.iterdir()] == ["data"]


def test_written_files_follow_the_umask(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    before = os.umask(0o027)
    try:
        store.write("a", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_relative_folder_stays_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").mkdir()
    monkeypatch.chdir(tmp_path / "one")
    store = LocalStore("cache")
    monkeypatch.chdir(tmp_path)
    store.write("a", b"x")
    assert (tmp_path / "one" / "cache" / "a").is_file()


def test_new_state_folder_stays_out_of_version_control(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / ".jobtui" / "cache")
    store.write("a", b"x")
    assert (tmp_path / ".jobtui" / ".gitignore").read_text() == "*\n"
    assert not (tmp_path / ".gitignore").exists()


def test_existing_state_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".jobtui").mkdir()
    assert ensure_state_folder(tmp_path) == tmp_path / ".jobtui"
    assert list((tmp_path / ".jobtui").iterdir()) == []


def test_state_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / ".jobtui").write_text("a file")
    with pytest.raises(StoreError, match=r"\.jobtui"):
        ensure_state_folder(tmp_path)
