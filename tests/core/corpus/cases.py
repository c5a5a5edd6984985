"""All cases by name, and the worker processes that examine them side by side."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from tests.core.corpus import (
    changing,
    control,
    handover,
    mainfunction,
    mixed,
    outside,
    package,
    plain,
    state,
)
from tests.core.corpus.harness import Bases, Findings, examine

__all__ = ["CASES", "PROJECTS", "begin", "examine_one"]

PROJECTS = (plain, package, mainfunction, control, handover, mixed, outside, state, changing)
CASES = {
    f"{module.PROJECT.name}: {case.name}": (module.PROJECT, case)
    for module in PROJECTS
    for case in module.CASES
}


def begin() -> None:
    """Begin a worker process: nothing that is meant for other runs reaches its projects."""
    for name in list(os.environ):
        if name.startswith("JOBTUI_"):
            del os.environ[name]


def examine_one(folder: Path, name: str) -> Findings:
    """Let a case happen in a folder of this process."""
    shape, case = CASES[name]
    trial, before = _bases(folder).copy(shape)
    return examine(case, trial, before)


@cache
def _bases(folder: Path) -> Bases:
    own = folder / f"worker-{os.getpid()}"
    own.mkdir()
    return Bases(own)
