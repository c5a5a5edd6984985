"""A run that was asked for finds what was not committed when it began."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from jobtui_core.project import run_detail, run_info
from tests.support import wait_until

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def test_the_supervisor_asks_git_before_it_starts_a_script(desk, monkeypatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    script = desk.script("a.py", "print('committed')")
    for words in (
        ["init", "-q"],
        ["add", "a.py", "helper.py", "jobtui.toml"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "first"],
    ):
        subprocess.run(["git", "-C", str(desk.root), *words], check=True)
    desk.script("a.py", "print('edited')")
    queue = desk.start(script)
    (run,) = queue.runs
    wait_until(lambda: run_info(desk.project, run).dirty is not None)
    wait_until(lambda: not run_info(desk.project, run).state.active)
    info = run_info(desk.project, run)
    assert info.dirty is True
    assert "+print('edited')" in run_detail(desk.project, run).diff
