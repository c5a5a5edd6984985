"""What all tests share: signals as a terminal leaves them, examples that repeat, and the cores."""

from __future__ import annotations

import compileall
import importlib.util
import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.servers.fixtures import own_s3_server, s3_bucket, s3_environment, s3_server, s3_url

__all__ = ["own_s3_server", "s3_bucket", "s3_environment", "s3_server", "s3_url"]

CHECKOUT = Path(__file__).parent.parent

MOST_WORKERS = 4
"""Tests start processes of their own, too."""

# A busy machine is no failure, the time limit of each test stays; and a run that fails once
# fails the next time too.
settings.register_profile("jobtui", deadline=None, derandomize=True)
settings.load_profile("jobtui")

# A shell starts background jobs with interrupts ignored, and every child would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Have every process of the tests begin alike, and find the package compiled."""
    if hasattr(config, "workerinput"):
        # Begun as ``python -c``, which is no script; what is tested tells the two apart.
        main = sys.modules["__main__"]
        main.__spec__ = importlib.util.find_spec("pytest.__main__")
        main.__file__ = main.__spec__.origin if main.__spec__ is not None else None
        return
    # The thousand processes that tests start would do it each, where Python is told to leave no
    # compiled files behind, as in CI.
    for package in ("jobtui", "jobtui_core"):
        compileall.compile_dir(CHECKOUT / package, quiet=2)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what measures, which takes minutes, unless it is asked for by ``-m``."""
    if "benchmark" in config.option.markexpr:
        return
    measuring = [item for item in items if item.get_closest_marker("benchmark") is not None]
    if measuring:
        config.hook.pytest_deselected(items=measuring)
        items[:] = [item for item in items if item not in measuring]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run whole folders on several cores; files and tests that are named, in this process."""
    named = any("::" in word or word.endswith(".py") for word in config.args)
    if named or config.option.capture == "no":
        return 0
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return min(cores, MOST_WORKERS) if cores > 1 else 0
