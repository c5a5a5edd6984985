"""All cases by name, and the worker processes that examine them side by side."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
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

__all__ = ["CASES", "PROJECTS", "examined"]

PROJECTS = (plain, package, mainfunction, control, handover, mixed, outside, state, changing)
CASES = {
    f"{module.PROJECT.name}: {case.name}": (module.PROJECT, case)
    for module in PROJECTS
    for case in module.CASES
}


@contextmanager
def examined(folder: Path, names: Iterable[str]) -> Iterator[dict[str, Future[Findings]]]:
    """Examine cases, two at a time; those that nobody waits for any more are given up."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context, initializer=_begin) as pool:
        yield {name: pool.submit(_examine, folder, name) for name in names}
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Begin a worker process: nothing that is meant for other runs reaches its projects."""
    for name in list(os.environ):
        if name.startswith("JOBTUI_"):
            del os.environ[name]


def _examine(folder: Path, name: str) -> Findings:
    """Let a case happen in a folder of this process."""
    shape, case = CASES[name]
    trial, before = _bases(folder).copy(shape)
    return examine(case, trial, before)


@cache
def _bases(folder: Path) -> Bases:
    own = folder / f"worker-{os.getpid()}"
    own.mkdir()
    return Bases(own)
