"""The ids of a project's runs, in the order in which the runs began."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path

from jobtui_core.project.folder import Project
from jobtui_core.regular import open_regular

__all__ = ["run_ids"]

_SECONDS = len("2026-11-22T10-14-05")
"""Characters of an id that tell the time; what follows is random, but for runs of one queue."""

_LONGEST = 1 << 20
"""Bytes of a first event."""

_MOST = 20_000
_moments: dict[str, float] = {}
"""When runs began that were asked for, by folder: it does not change."""


def run_ids(project: Project) -> list[str]:
    """Give the ids of all runs, newest first.

    Where several have the time of one second, their first events are asked.
    """
    folder = project.runs_folder
    try:
        with os.scandir(folder) as entries:
            names = [
                one.name
                for one in entries
                if one.name[:1] != "." and one.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
    names.sort(reverse=True)
    for first, last in _of_one_second(names):
        began = {name: _began(folder / name) for name in names[first:last]}
        names[first:last] = sorted(began, key=lambda name: (began[name], name), reverse=True)
    return names


def _of_one_second(names: list[str]) -> Iterator[tuple[int, int]]:
    """Give the ranges of sorted ids that have the same time."""
    first = 0
    for index in range(1, len(names) + 1):
        if index == len(names) or names[index][:_SECONDS] != names[first][:_SECONDS]:
            if index - first > 1:
                yield first, index
            first = index


def _began(folder: Path) -> float:
    """Give the time of a run's first event; one that has none yet is the newest of all."""
    known = _moments.get(str(folder))
    if known is not None:
        return known
    try:
        with open_regular(folder / "events.jsonl") as file:
            moment = json.loads(file.readline(_LONGEST))["time"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return math.inf
    if type(moment) not in (int, float) or not abs(moment) < 1e12:
        return math.inf
    if len(_moments) >= _MOST:
        _moments.clear()
    _moments[str(folder)] = moment
    return float(moment)
