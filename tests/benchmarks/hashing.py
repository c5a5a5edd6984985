"""What ``hash()`` costs, beside joblib's on the same values."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from jobtui_core import hash  # noqa: A004  # joblib's name
from tests.benchmarks.measuring import Row, measured

TITLE = "Hashing"


@dataclasses.dataclass
class Point:
    x: int
    label: str


def nested(total: int) -> dict[str, Any]:
    """Give a dictionary of dictionaries with lists in them."""
    return {f"k{i}": {"a": i, "b": [i, str(i)]} for i in range(total)}


def tree(total: int) -> dict[str, Any]:
    """Give a dictionary of dictionaries of dictionaries."""
    return {
        f"g{i}": {f"k{j}": {"value": i * j, "name": f"{i}-{j}"} for j in range(100)}
        for i in range(total // 100)
    }


def frame(rows: int) -> Any:
    """Give a data frame with a column of each frequent kind."""
    numbers = np.arange(rows)
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(numbers, unit="s")
    names = [f"name {i % 1000}" for i in range(rows)]
    return pd.DataFrame({"n": numbers, "x": numbers / 3, "t": days, "name": names})


def values() -> list[tuple[str, Callable[[], Any], float | None]]:
    """Give what is measured: a name, what makes the value, the budget."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return [
        ("array of 100 MB", lambda: np.random.default_rng(0).random(12_500_000), 0.03),
        ("list of 1M ints", lambda: list(range(1_000_000)), 0.05),
        ("nested dict of 100k", lambda: nested(100_000), 0.25),
        ("nested dict of 100k, three levels", lambda: tree(100_000), 0.25),
        ("list of 100k flat dicts", lambda: [{"a": i, "b": str(i)} for i in range(100_000)], None),
        ("list of 1M texts", lambda: [str(i) for i in range(1_000_000)], None),
        ("list of 20k dataclasses", lambda: [Point(i, str(i)) for i in range(20_000)], None),
        ("list of 20k datetimes",
         lambda: [start + dt.timedelta(seconds=i) for i in range(20_000)], None),
        ("data frame of 200k rows", lambda: frame(200_000), None),
        ("dict of three arguments", lambda: {"a": 1, "b": "x", "c": (1.0, None)}, None),
    ]  # fmt: skip


def rows(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure all of it."""
    for name, make, budget in values():
        yield _row(name, make(), rounds, budget)


def _row(name: str, value: Any, rounds: int, budget: float | None) -> Row:
    ours, theirs = (lambda: hash(value)), (lambda: joblib.hash(value))
    return measured(f"hash of {name}", rounds, budget, jobtui=ours, joblib=theirs)
