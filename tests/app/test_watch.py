"""Changes of the files that matter are noticed, and no others."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobtui.services import watch as watch_module
from jobtui.services.watch import FileWatcher
from jobtui.services.watching import Changed

PATIENCE = 20.0


class Watched:
    """A watcher on a folder, and what it told."""

    def __init__(self, root: Path, poll: bool) -> None:
        self.root = root
        self.told: queue.Queue[set[Changed]] = queue.Queue()
        self.watcher = FileWatcher(root, poll=poll)

    def start(self, *files: Path) -> None:
        self.watcher.watch(files)
        self.watcher.start(self.told.put)
        self._until_it_watches()

    def _until_it_watches(self) -> None:
        """Change a marker until that is noticed: nobody says when watching has begun."""
        marker = self.root / "marker.py"
        for number in range(1000):
            marker.write_text(str(number))
            marker.unlink()
            if number % 2:
                marker.touch()
            try:
                self.told.get(timeout=0.3)
            except queue.Empty:
                continue
            break
        marker.unlink(missing_ok=True)
        self.drain()

    def drain(self) -> None:
        """Take everything until it is quiet."""
        while True:
            try:
                self.told.get(timeout=0.5)
            except queue.Empty:
                return

    def next(self) -> set[Changed]:
        return self.told.get(timeout=PATIENCE)


@pytest.fixture(params=[False, True], ids=["watch", "polling"])
def watched(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watched]:
    monkeypatch.setattr(watch_module, "_POLL", 0.02)
    found = Watched(tmp_path, request.param)
    yield found
    found.watcher.stop()


def test_edit_of_a_watched_file_is_told(watched: Watched) -> None:
    script = watched.root / "a.py"
    script.write_text("1")
    watched.start(script)
    script.write_text("22")
    assert watched.next() == {"files"}


def test_file_put_in_the_place_of_another_is_told(watched: Watched) -> None:
    script = watched.root / "a.py"
    script.write_text("1")
    watched.start(script)
    beside = watched.root / ".a.swp"
    beside.write_text("22")
    beside.replace(script)
    assert watched.next() == {"files"}


def test_input_in_another_folder_is_told_when_it_goes(watched: Watched) -> None:
    data = watched.root / "data"
    data.mkdir()
    table = data / "co2.csv"
    table.write_text("1")
    watched.start(table)
    table.unlink()
    assert watched.next() == {"files"}


def test_new_file_in_a_folder_that_is_an_input_is_told(watched: Watched) -> None:
    data = watched.root / "data"
    data.mkdir()
    watched.start(data)
    (data / "new.csv").write_text("1")
    assert watched.next() == {"files"}


def test_new_script_is_told(watched: Watched) -> None:
    watched.start()
    (watched.root / "new.py").write_text("1")
    assert watched.next() == {"files"}


def test_other_files_are_passed_over(watched: Watched) -> None:
    data = watched.root / "data"
    data.mkdir()
    table = data / "co2.csv"
    table.write_text("1")
    watched.start(table)
    (data / "other.csv").write_text("1")
    (watched.root / "notes.txt").write_text("1")
    table.write_text("22")
    assert watched.next() == {"files"}
    watched.drain()
    assert watched.told.empty()


def test_new_run_is_told_although_there_was_no_folder_for_it(watched: Watched) -> None:
    watched.start()
    runs = watched.root / ".jobtui" / "runs"
    runs.mkdir(parents=True)
    assert "runs" in watched.next()
    watched.drain()
    for number in range(1000):
        (runs / f"2026-{number}").mkdir()
        try:
            told = watched.told.get(timeout=0.5)
        except queue.Empty:
            continue
        assert told == {"runs"}
        return
    pytest.fail("no run was noticed")


def test_files_can_be_changed_while_it_watches(watched: Watched) -> None:
    watched.start()
    data = watched.root / "data"
    data.mkdir()
    table = data / "co2.csv"
    table.write_text("0")
    watched.watcher.watch([table])
    for number in range(1000):
        table.write_text("1" * (number + 2))
        try:
            assert watched.told.get(timeout=0.3) == {"files"}
        except queue.Empty:
            continue
        return
    pytest.fail("the new file was never noticed")


def test_file_behind_a_linked_folder_is_told(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "a.py").write_text("1")
    link = tmp_path / "link"
    os.symlink(real, link)
    watched = Watched(link, poll=False)
    try:
        watched.start(link / "a.py")
        (link / "a.py").write_text("22")
        assert watched.next() == {"files"}
    finally:
        watched.watcher.stop()


def test_watching_that_fails_becomes_polling_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: FileWatcher) -> None:
        raise OSError("inotify watch limit reached")

    monkeypatch.setattr(FileWatcher, "_watch_once", broken)
    monkeypatch.setattr(watch_module, "_POLL", 0.02)
    watched = Watched(tmp_path, poll=False)
    try:
        script = tmp_path / "a.py"
        script.write_text("1")
        watched.start(script)
        assert watched.watcher.mode == "polling"
        script.write_text("22")
        assert watched.next() == {"files"}
    finally:
        watched.watcher.stop()


def test_stopping_ends_the_thread(watched: Watched) -> None:
    watched.start()
    watched.watcher.stop()
    assert not watched.watcher._thread.is_alive()


def test_stopping_before_the_start_is_fine(tmp_path: Path) -> None:
    FileWatcher(tmp_path).stop()
