"""What storing and reading entries costs, as calls do it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from jobtui_core.entry import EntryMeta, entry_name, read_value, write_entry
from jobtui_core.hashing import combine, digest
from jobtui_core.stores import LocalStore
from tests.benchmarks.hashing import frame
from tests.benchmarks.measuring import JOBLIB, OURS, Row, measured

TITLE = "Entries"

KEY = combine("benchmark", "entry")
NAME = entry_name("benchmark:function", KEY)


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


def packed(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure ``compress=True``; packing uses several threads, so by the wall clock."""
    for name, value in arrays().items():
        pair = Pair(folder, value, packed=True)
        what = f"compress=True, {name}"
        yield measured(
            f"{what}: write", rounds, 0.3, clock="wall", jobtui=pair.write, joblib=pair.write_theirs
        )
        assert (pair.read() == value).all()
        yield measured(
            f"{what}: read", rounds, 0.5, clock="wall", jobtui=pair.read, joblib=pair.read_theirs
        )
        sizes = dict(zip((OURS, JOBLIB), map(float, pair.sizes()), strict=True))
        yield Row(f"{what}: size", sizes, 1, "bytes")


def large(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure 100 MB, alone and in a container."""
    array = np.random.default_rng(0).random(12_500_000)
    pair = Pair(folder, array, packed=False)
    work: Any = {"jobtui": pair.write, "joblib": pair.write_theirs}
    yield measured("store an array of 100 MB", rounds, 1, clock="wall", **work)
    # A file that was just written is verified once more before it is trusted.
    time.sleep(0.2)
    work = {"jobtui": pair.read, "joblib": pair.read_theirs}
    yield measured("read it, to be written to", rounds, 0.002, **work)
    pair = Pair(folder, {"a": array, "b": [array[:1000]]}, packed=False)
    pair.write(), pair.write_theirs()
    time.sleep(0.2)
    work = {"jobtui": pair.read, "joblib": pair.read_theirs}
    yield measured("read it within a dict", rounds, 0.002, **work)


def frames(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure a data frame."""
    value = frame(200_000)
    pair = Pair(folder, value, packed=False)
    yield measured(
        "store a data frame of 200k rows, with its digest", rounds,
        jobtui=pair.write, joblib=pair.write_theirs,
    )  # fmt: skip
    yield measured(
        "the same, and hash it as an argument", rounds,
        jobtui=lambda: digest(value) and pair.write(),
        joblib=lambda: joblib.hash(value) and pair.write_theirs(),
    )  # fmt: skip
    yield measured("read it", rounds, jobtui=pair.read, joblib=pair.read_theirs)


def signed(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure what a signature costs, beside an entry without."""
    value = np.random.default_rng(0).random(12_500_000)
    plain, with_key = (Pair(folder / name, value, packed=False) for name in ("plain", "signed"))
    with_key.store = with_key.store.with_key("benchmark")
    work: Any = {"jobtui": with_key.write, "unsigned": plain.write}
    yield measured("store 100 MB signed", rounds, **work)
    work = {"jobtui": with_key.read, "unsigned": lambda: plain.read().sum()}
    yield measured("read 100 MB signed, beside one pass over unsigned", rounds, **work)


def rows(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure all of it."""
    for measure in (packed, large, frames, signed):
        yield from measure(folder, rounds)
