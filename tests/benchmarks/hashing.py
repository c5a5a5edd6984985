"""What ``hash()`` costs, beside joblib's on the same values in the same run.

    python -m pip install -e ".[dev,joblib]" && python tests/benchmarks/hashing.py

Processor time, in turn with the peer's; medians are given, and ratios of medians.  Nothing here
is a test: machines are noisy.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd

from jobtui_core import hash  # noqa: A004  # joblib's name


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


def rows() -> list[tuple[str, Callable[[], Any], str]]:
    """Give what is measured: a name, what makes the value, the budget."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return [
        ("array of 100 MB", lambda: np.random.default_rng(0).random(12_500_000), "0.03"),
        ("list of 1M ints", lambda: list(range(1_000_000)), "0.05"),
        ("nested dict of 100k", lambda: nested(100_000), "0.25"),
        ("nested dict of 100k, three levels", lambda: tree(100_000), "0.25"),
        ("list of 100k flat dicts", lambda: [{"a": i, "b": str(i)} for i in range(100_000)], ""),
        ("list of 1M texts", lambda: [str(i) for i in range(1_000_000)], ""),
        ("list of 20k dataclasses", lambda: [Point(i, str(i)) for i in range(20_000)], ""),
        ("list of 20k datetimes",
         lambda: [start + dt.timedelta(seconds=i) for i in range(20_000)], ""),
        ("data frame of 200k rows", lambda: frame(200_000), ""),
        ("dict of three arguments", lambda: {"a": 1, "b": "x", "c": (1.0, None)}, ""),
    ]  # fmt: skip


def seconds(function: Callable[[Any], Any], value: Any, calls: int) -> float:
    """Give the processor time of one call."""
    started = time.process_time()
    for _ in range(calls):
        function(value)
    return (time.process_time() - started) / calls


def in_turn(value: Any, times: int) -> tuple[float, float]:
    """Measure ours and joblib's in turn; give their medians, after a warm-up of both."""
    once = seconds(hash, value, 1) + seconds(joblib.hash, value, 1)
    calls = max(1, int(0.01 / max(once, 1e-6)))
    pairs = [
        (seconds(hash, value, calls), seconds(joblib.hash, value, calls)) for _ in range(times)
    ]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=5, help="measurements of each (5)")
    times = parser.parse_args().n
    print(f"{'hash() of':36} {'ours':>12} {'joblib':>12} {'ratio':>7}  budget")
    for name, make, budget in rows():
        ours, theirs = in_turn(make(), times)
        print(
            f"{name:36} {ours * 1e3:9.3f} ms {theirs * 1e3:9.3f} ms {ours / theirs:7.3f}  {budget}"
        )


if __name__ == "__main__":
    main()
