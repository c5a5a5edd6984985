from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobtui_core.project.running.jsonfile import read_json
from jobtui_core.regular import read_regular


def test_a_file_is_read_whole_and_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    (tmp_path / "b").symlink_to("a")
    assert read_regular(tmp_path / "b") == b"x" * 100_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "circle", "nothing", "null\0byte"])
def test_what_is_no_file_is_an_error_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "circle":
        path.symlink_to(path)
    with pytest.raises(OSError, match=r"."):
        read_regular(path)
    assert read_json(path) is None


def test_more_than_is_wanted_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert read_regular(tmp_path / "a", 100) == b"x" * 100
    with pytest.raises(OSError, match="too large"):
        read_regular(tmp_path / "a", 99)


@pytest.mark.timeout(20)
def test_state_that_became_a_pipe_holds_no_look_at_a_project_up(tmp_path: Path) -> None:
    from jobtui_core.project import open_project, runs, status

    (tmp_path / "script.py").write_text("from jobtui_core import make\n@make\ndef f(): ...\nf()\n")
    state = tmp_path / ".jobtui"
    for folder, name in (
        ("queues/2026-11-22T10-14-00-ab12", "state.json"),
        ("queues/2026-11-22T10-14-00-ab12", "request.json"),
        ("runs/2026-11-22T10-14-00-ab12", "events.jsonl"),
        ("runs/2026-11-22T10-14-00-ab12", "output.log"),
    ):
        (state / folder).mkdir(parents=True, exist_ok=True)
        os.mkfifo(state / folder / name)
    project = open_project(tmp_path)
    assert [step.name for step in status(project).steps] == ["f"]
    runs(project)
