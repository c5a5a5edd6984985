"""Folders and scripts that are not as they should be."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

BROKEN = """\
from jobtui_core import make

@make
def total(numbers):
    return sum(numbers

total([1, 2])
"""


def test_an_empty_folder_gets_a_first_screen_and_stays_empty(empty):
    app = empty.app()
    app.wait_for(r"No steps here yet")
    app.wait_for(r"The folder is empty")
    app.press("s")
    app.wait_for(r"from jobtui_core import make")
    app.press("q")
    assert app.wait_for_end() == 0
    assert empty.names() == set()


def test_looking_at_a_project_writes_nothing_into_it(folder):
    before = folder.names()
    app = folder.app()
    app.wait_for(r"sums\.py +2 new")
    app.wait_for(r"watch$")
    app.press("q")
    assert app.wait_for_end() == 0
    assert folder.names() - before <= {".jobtui", ".jobtui/.gitignore", ".jobtui/memo.sqlite"}


def test_the_demo_can_be_made_from_the_first_screen(empty):
    app = empty.app()
    app.wait_for(r"d +make the demo in co2-demo/")
    app.press("d")
    app.wait_for(r"co2\.py +7 new")
    assert (empty.path / "co2-demo" / "co2.py").is_file()


def test_a_syntax_error_has_a_row_with_line_and_caret_and_the_others_go_on(folder):
    folder.write("broken.py", BROKEN)
    app = folder.app()
    app.wait_for(r"✗ line 5: '\(' was never closed")

    def points_at_the_place() -> bool:
        lines = app.lines
        place = next(n for n, line in enumerate(lines) if "return sum(numbers" in line)
        return lines[place + 1][lines[place].index("sum(") + 3] == "^"

    app.wait_for(r"return sum\(numbers")
    app.wait_for(points_at_the_place, what="a caret below the parenthesis")
    app.wait_for(r"· new +scaled")
    app.press("R")
    app.wait_for(r"note: broken\.py cannot be read")
    app.press("enter")
    app.wait_for(r"sums\.py +all 2 steps fresh")
    folder.edit("broken.py", "sum(numbers", "sum(numbers)")
    app.wait_for(r"· new +total +never ran")


def test_a_script_that_raises_fails_in_its_row_and_keeps_what_was_done(folder):
    folder.edit("scaling.py", "number * factor", "number / 0")
    app = folder.app()
    app.wait_for(r"sums\.py +2 new")
    app.press("R")
    app.wait_for(r"2 will run")
    app.press("enter")
    app.wait_for(r"✗ failed +scaled +ZeroDivisionError: division by zero")
    app.wait_for(r"= fresh +read")
    app.wait_for(r"^.*│ ZeroDivisionError: division by zero")
    folder.edit("scaling.py", "number / 0", "number * factor")
    app.wait_for(r"~ stale +scaled +scaling\.scale changed")


@pytest.fixture
def read_only(folder) -> Iterator[list[str]]:
    """Make the project read-only; gives the command through which to start the app."""
    if os.geteuid() != 0:
        folder.path.chmod(0o555)
        yield []
        folder.path.chmod(0o755)
        return
    # Modes do not stop root; a mount that only the app sees does.
    mount = 'mount --bind . . && mount -o remount,bind,ro . && cd "$PWD" && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", mount, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], cwd=folder.path, capture_output=True).returncode
    ):
        pytest.skip("root can neither be kept from writing nor mount a folder read-only here")
    yield command


def test_a_read_only_project_is_shown_and_says_why_nothing_runs(folder, read_only):
    app = folder.app(through=read_only)
    app.wait_for(r"· new +scaled +never ran")
    app.press("R")
    app.wait_for(r"2 will run")
    app.press("enter")
    app.wait_for(r"[Rr]ead-only|[Pp]ermission denied")
    app.press("q")
    assert app.wait_for_end() == 0
    assert not (Path(folder.path) / ".jobtui").exists()
