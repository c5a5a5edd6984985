"""Fixtures: a project of its own for each test, and scripts in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobtui_core.memory.notices import forget_notices

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_project(tmp_path, monkeypatch):
    """Each test is in a project of its own, and hears every warning."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    for name in ("JOBTUI_RUN", "JOBTUI_RECOMPUTE", "JOBTUI_OUTPUTS", "JOBTUI_STORE"):
        monkeypatch.delenv(name, raising=False)
    forget_notices()


@pytest.fixture
def run(tmp_path):
    """Run a script of the project, and give what it printed."""

    def start(script="script.py", **environment):
        done = subprocess.run(
            [sys.executable, str(tmp_path / script)],
            cwd=tmp_path,
            env={**clean_environment(), **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return start


def clean_environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBTUI_")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), "JOBTUI_TRACE": "0"}
