"""Processes are killed at any point, and what they leave is right, whole and soon gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.core.isolation import CHECKOUT, clean_environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL"),
]


def killing(folder: Path, *words: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.memory.faults.killing", *map(str, words)],
        cwd=CHECKOUT,
        env={**clean_environment(), "JOBTUI_ROOT": str(folder), "JOBTUI_TRACE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_360_kills_at_random_points_harm_nothing(tmp_path: Path, seed: int) -> None:
    found = killing(tmp_path, "random", tmp_path, 90, seed)
    assert found["kills"] == 180
    # Each child leaves one file at most, and the next one takes it away.
    assert found["most_left"] <= 8
    assert found["runs"] == 1


def test_a_kill_at_any_call_of_any_act_harms_nothing(tmp_path: Path) -> None:
    found = killing(tmp_path, "walk", tmp_path)
    assert found["kills"] > 150
    assert min(found["by_act"].values()) >= 4
