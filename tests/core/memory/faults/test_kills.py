"""Processes are killed at any point, and what they leave is right, whole and soon gone."""

from __future__ import annotations

import json
import os
import shutil
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


def killing(folder: Path, *words: object, program: str = "killing") -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.core.memory.faults.{program}", *map(str, words)],
        cwd=CHECKOUT,
        env={**clean_environment(), "JOBTUI_ROOT": str(folder), "JOBTUI_TRACE": "1"},
        capture_output=True,
        text=True,
    )
    if "Operation not permitted" in done.stderr:
        pytest.skip("processes may not be traced here")
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


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_kill_at_any_system_call_of_a_miss_and_a_hit_harms_nothing(tmp_path: Path) -> None:
    kills = killing(tmp_path, tmp_path, program="stracing")
    assert kills["writev"] >= 1
    assert kills["/^rename"] >= 1
    assert sum(kills.values()) >= 15
