"""joblib's own tests of its public interface pass against this package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.isolation import clean_environment

joblib = pytest.importorskip("joblib")

HERE = Path(__file__).parent

NOT_OURS: dict[str, str] = {}
"""Tests that are left out, with the reason."""


def wanted():
    lines = (HERE / "public.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#") and line not in NOT_OURS]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(
    not joblib.__version__.startswith("1.6"), reason="the list is of joblib 1.6's tests"
)
def test_joblibs_public_tests_pass(tmp_path):
    site = Path(joblib.__file__).parent.parent
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "-p", "tests.joblib_suite.plugin", "--rootdir", tmp_path, "--import-mode=importlib",
        "-W", "ignore", "--tb=short", "-c", "/dev/null", "--basetemp", tmp_path / "base",
        *(str(site / test) for test in wanted()),
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 600
