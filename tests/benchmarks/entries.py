"""What storing and reading entries costs, beside joblib in the same run.

    python -m pip install -e ".[dev]" && python tests/benchmarks/entries.py

Processor time, or wall time where it says so, in turn with the peer's; medians are given, and
ratios of medians.  Nothing here is a test: machines are noisy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["JOBTUI_TRACE"] = "0"

import joblib
import numpy as np
import pandas as pd

from jobtui_core import Memory
from jobtui_core.entry import EntryMeta, entry_name, read_value, write_entry
from jobtui_core.hashing import combine, digest
from jobtui_core.stores import LocalStore

KEY = combine("benchmark", "entry")
NAME = entry_name("benchmark:function", KEY)
Clock = Callable[[], float]


def arrays() -> dict[str, Any]:
    """Give arrays of 38 MiB."""
    generator, size = np.random.default_rng(0), 5_000_000
    return {
        "measurements, 2 decimals": np.round(generator.normal(size=size), 2),
        "random walk": np.cumsum(generator.normal(size=size)),
        "small integers": generator.integers(0, 100, size),
        "sine, 4 bytes": np.sin(np.linspace(0, 100, 2 * size)).astype("f4"),
        "noise": generator.random(size),
    }


def frame(rows: int) -> Any:
    """Give a data frame with a column of each frequent kind."""
    numbers = np.arange(rows)
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(numbers, unit="s")
    names = [f"name {i % 1000}" for i in range(rows)]
    return pd.DataFrame({"n": numbers, "x": numbers / 3, "t": days, "name": names})


def seconds(function: Callable[[], Any], clock: Clock, calls: int = 1) -> float:
    """Give the time of one call."""
    started = clock()
    for _ in range(calls):
        function()
    return (clock() - started) / calls


def in_turn(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    times: int,
    clock: Clock = time.process_time,
    calls: int = 1,
) -> tuple[float, float]:
    """Measure two things in turn; give their medians, after a warm-up of both."""
    ours(), theirs()
    pairs = [(seconds(ours, clock, calls), seconds(theirs, clock)) for _ in range(times)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def row(what: str, ours: float, theirs: float, budget: str, unit: str = "ms") -> None:
    scale = 1e3 if unit == "ms" else 1e-6
    shown = f"{ours * scale:11.3f} {unit} {theirs * scale:11.3f} {unit}"
    print(f"{what:52} {shown} {ours / theirs:9.5f}  {budget}")


class Pair:
    """One value, written and read by both."""

    def __init__(self, folder: Path, value: Any, *, packed: bool) -> None:
        self.store = LocalStore(folder / "ours")
        self.value = value
        self.level = 3 if packed else 0
        self.compress = packed
        self.file = folder / "theirs.pkl"

    def write(self) -> None:
        # A miss finds no file there; replacing one makes some file systems wait for the disk.
        self.store.delete(NAME)
        meta = EntryMeta(key=KEY, function="benchmark:function")
        write_entry(self.store, NAME, self.value, meta, level=self.level)

    def read(self) -> Any:
        found = read_value(self.store, NAME, KEY)
        assert found is not None
        return found[0]

    def write_theirs(self) -> None:
        # As its Memory does: beside the place, and renamed.
        self.file.unlink(missing_ok=True)
        new = self.file.with_suffix(".new")
        joblib.dump(self.value, new, compress=self.compress)
        new.replace(self.file)

    def read_theirs(self) -> Any:
        return joblib.load(self.file)

    def sizes(self) -> tuple[int, int]:
        listed = self.store.stat(NAME)
        assert listed is not None
        return listed.size, self.file.stat().st_size


def storing(folder: Path, times: int) -> None:
    """Measure what is written and read; packing uses several threads, so by the wall clock."""
    for name, value in arrays().items():
        pair = Pair(folder, value, packed=True)
        ours, theirs = in_turn(pair.write, pair.write_theirs, times, time.perf_counter)
        row(f"compress=True, write: {name}", ours, theirs, "0.3")
        assert (pair.read() == value).all()
        ours, theirs = in_turn(pair.read, pair.read_theirs, times, time.perf_counter)
        row(f"compress=True, read: {name}", ours, theirs, "0.5")
        mine, other = pair.sizes()
        row(f"compress=True, size: {name}", mine, other, "1", "MB")
    large = np.random.default_rng(0).random(12_500_000)
    pair = Pair(folder, large, packed=False)
    ours, theirs = in_turn(pair.write, pair.write_theirs, times, time.perf_counter)
    row("store an array of 100 MB (wall)", ours, theirs, "1")
    ours, theirs = in_turn(pair.read, pair.read_theirs, times, time.perf_counter)
    row("read it, to be written to (wall)", ours, theirs, "0.002")
    pair = Pair(folder, {"a": large, "b": [large[:1000]]}, packed=False)
    pair.write(), pair.write_theirs()
    ours, theirs = in_turn(pair.read, pair.read_theirs, times, time.perf_counter)
    row("read it within a dict (wall)", ours, theirs, "0.002")
    table = frame(200_000)
    pair = Pair(folder, table, packed=False)
    ours, theirs = in_turn(pair.write, pair.write_theirs, times)
    row("store a data frame of 200k rows, with its digest", ours, theirs, "")
    ours, theirs = in_turn(
        lambda: digest(table) and pair.write(),
        lambda: joblib.hash(table) and pair.write_theirs(),
        times,
    )
    row("the same, and hash it as an argument", ours, theirs, "")
    ours, theirs = in_turn(pair.read, pair.read_theirs, times)
    row("read it", ours, theirs, "")


def arguments(folder: Path, times: int) -> None:
    """Measure what an argument costs that a cache handed out."""

    def made() -> Any:
        return np.random.default_rng(0).random(12_500_000)

    array = Memory(folder / "mapped", mmap_mode="r", verbose=0).cache(made)()
    ours, theirs = in_turn(
        lambda: digest(array), lambda: joblib.hash(array), times, time.perf_counter, 1000
    )
    row("hash 100 MB that were handed out read-only (wall)", ours, theirs, "0.0001")
    own = made()
    ours, theirs = in_turn(lambda: digest(own), lambda: joblib.hash(own), times, time.perf_counter)
    row("hash 100 MB of one's own (wall)", ours, theirs, "0.035")


def safety(folder: Path, times: int) -> None:
    """Measure what a signature costs, beside an entry without."""
    value = np.random.default_rng(0).random(12_500_000)
    plain, signed = (Pair(folder / name, value, packed=False) for name in ("plain", "signed"))
    signed.store = signed.store.with_key("benchmark")
    ours, theirs = in_turn(signed.write, plain.write, times)
    row("store 100 MB signed, beside unsigned", ours, theirs, "")
    ours, theirs = in_turn(signed.read, lambda: plain.read().sum(), times)
    row("read 100 MB signed, beside one pass over unsigned", ours, theirs, "")


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=5, help="measurements of each (5)")
    times = parser.parse_args().n
    warnings.simplefilter("ignore")
    print(f"{'':52} {'ours':>14} {'joblib':>14} {'ratio':>9}  budget")
    with tempfile.TemporaryDirectory() as name:
        for measure in (storing, arguments, safety):
            measure(Path(name), times)


if __name__ == "__main__":
    main()
