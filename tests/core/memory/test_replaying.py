"""A hit can show again what its call put out when it was computed, marked with that run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.project import log_lines, open_project, runs
from tests.core.tracing.conftest import Folder

SCRIPT = """
from jobtui_core import make, memoize

@make
def inner(x):
    print("inner", x)
    print("\\x1b[31mred\\x1b[0m")
    return x

@make
def outer(x):
    print("outer")
    return inner(x)

@memoize
def quiet(x):
    return x

quiet(1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def run(folder: Folder, body: str, **env: str) -> str:
    folder.write("script.py", SCRIPT + body)
    done = folder.run(env=env)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def only_run(folder: Folder) -> str:
    (found,) = folder.run_folders()
    return str(found.name)


def test_a_hit_shows_what_was_put_out_below_the_run_that_it_is_from(folder: Folder) -> None:
    run(folder, "inner(1)")
    first = only_run(folder)
    shown = f"inner: from the cache, as written in run {first}\ninner 1\nred\n"
    body = "inner(1); inner(1); quiet(1)"
    assert run(folder, body, JOBTUI_REPLAY="1") == shown * 2
    assert run(folder, body) == ""
    # Also where no run is recorded.
    assert run(folder, "inner(1)", JOBTUI_REPLAY="1", JOBTUI_TRACE="0") == shown


def test_the_project_can_ask_for_it_and_the_environment_outweighs_that(folder: Folder) -> None:
    folder.write("jobtui.toml", "replay = true\n")
    run(folder, "inner(1)")
    assert run(folder, "inner(1)").endswith("inner 1\nred\n")
    assert run(folder, "inner(1)", JOBTUI_REPLAY="0") == ""


def test_what_is_shown_again_is_not_the_outer_calls_own_output(folder: Folder) -> None:
    run(folder, "inner(1)")
    first = only_run(folder)
    text = run(folder, "outer(1)", JOBTUI_REPLAY="1")
    assert text.splitlines()[0] == "outer"
    assert "inner 1" in text
    text = run(folder, "outer(1)", JOBTUI_REPLAY="1")
    assert text.splitlines()[1:] == ["outer"]
    project = open_project(folder.root)
    found = [log_lines(project, one.id) for one in runs(project) if one.id != first]
    lines = {(line.text, line.step, bool(line.origin)) for some in found for line in some}
    assert lines == {
        ("outer", "outer", False),
        ("inner 1", "outer", True),
        ("red", "outer", True),
        ("outer", "", True),
    }


def test_settings_can_say_that_results_are_stored_without_output(folder: Folder) -> None:
    folder.write("jobtui.toml", "keep_logs = false\n")
    run(folder, "inner(1)")
    assert run(folder, "inner(1)", JOBTUI_REPLAY="1") == ""
    assert b"inner 1" in b"".join(
        path.read_bytes() for path in folder.root.glob(".jobtui/runs/*/output.log")
    )
    assert not any(
        b"inner 1" in path.read_bytes() for path in folder.root.glob(".jobtui/cache/**/*.entry")
    )


def test_a_closed_stream_is_no_reason_to_fail(folder: Folder) -> None:
    run(folder, "inner(1)")
    folder.write("script.py", SCRIPT + "import sys\nsys.stdout.close()\nassert inner(1) == 1\n")
    environment: dict[str, Any] = folder.environment(JOBTUI_REPLAY="1")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=folder.root, env=environment, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
