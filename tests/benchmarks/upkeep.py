"""What it costs to look through a large cache, to prune it, and to note what is used.

    python -m tests.benchmarks upkeep
    python -m tests.benchmarks.upkeep --entries 100000

The budgets are about 100,000 entries, which take some minutes and 2 GB of a disk.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib

from jobtui_core.limits import Limits
from jobtui_core.project import Catalogue, entry_filter, select
from jobtui_core.project.catalogue.views import OwnView
from jobtui_core.stores import LocalStore
from jobtui_core.upkeep.contents import Contents
from jobtui_core.upkeep.reducing import reduce_store
from jobtui_core.upkeep.use import Uses
from tests.benchmarks.measuring import JOBLIB, OURS, Row, Work, measured, table

TITLE = "Upkeep"

RESULT = b"x" * 400
"""A small result."""


def keys(entries: int) -> Iterator[str]:
    """Give keys as they are spread in a store."""
    return (hashlib.md5(b"%d" % n).hexdigest() for n in range(entries))


def fill_ours(folder: Path, entries: int) -> LocalStore:
    """Make a store of so many entries, of which half were hit later."""
    store = LocalStore(folder)
    uses = Uses(store)
    base = folder / "project%3Afunction"
    for n in range(256):
        (base / f"{n:02x}").mkdir(parents=True)
    for n, key in enumerate(keys(entries)):
        (base / key[:2] / f"{key}.entry").write_bytes(RESULT)
        if n % 2:
            uses.note(key)
    uses.flush()
    settle(folder)
    return store


def fill_theirs(folder: Path, entries: int) -> joblib.Memory:
    """Make the same in the form of joblib's."""
    memory = joblib.Memory(str(folder), verbose=0)
    base = Path(memory.store_backend.location) / "project" / "function"
    base.mkdir(parents=True)
    for n, key in enumerate(keys(entries)):
        place = base / key
        place.mkdir()
        (place / "output.pkl").write_bytes(RESULT)
        (place / "metadata.json").write_text(
            '{"duration": 1.0, "input_args": {"x": "1"}, "time": 1}'
        )
        used = time.time() - (0 if n % 2 else 1000)
        os.utime(place / "output.pkl", (used, used))
    return memory


def settle(folder: Path) -> None:
    """Let folders be as old as those of a cache are that is looked at."""
    for place, _, _ in os.walk(folder):
        os.utime(place, (1e9, 1e9))


def rows(folder: Path, rounds: int, entries: int = 2_000) -> Iterator[Row]:
    """Measure."""
    count = f"{entries:,} entries"
    store = fill_ours(folder / "ours", entries)
    theirs = fill_theirs(folder / "theirs", entries)

    def get_items() -> object:
        return theirs.store_backend.get_items()

    warm = Contents(store, remember=True)
    cold = {OURS: lambda: Contents(store).objects(), JOBLIB: get_items}
    yield measured(f"list {count}, cold", rounds, 0.3, clock="wall", **cold)
    yield measured(
        f"list {count}, index warm", rounds, 0.02, clock="wall",
        **{OURS: warm.objects, JOBLIB: get_items},
    )  # fmt: skip
    yield measured(
        f"total size of {count}, index warm", rounds, 0.02, clock="wall",
        **{OURS: warm.total, JOBLIB: get_items},
    )  # fmt: skip
    yield from looking_through(folder, store, rounds, count, get_items)
    numbers = itertools.count()

    def copy_of(one: Path) -> Path:
        other = folder / f"copy-{next(numbers)}"
        shutil.copytree(one, other)
        return other

    def ours_pruned(place: Path) -> None:
        reduce_store(LocalStore(place), Limits(items=entries // 2))
        assert Contents(LocalStore(place)).total().entries == entries // 2

    def theirs_pruned(place: Path) -> None:
        joblib.Memory(str(place), verbose=0).reduce_size(items_limit=entries // 2)

    pruned = {
        OURS: Work(ours_pruned, lambda: copy_of(folder / "ours")),
        JOBLIB: Work(theirs_pruned, lambda: copy_of(folder / "theirs")),
    }
    yield measured(f"prune {count} to half", 1, 0.25, clock="wall", **pruned)
    uses, noted, plain = Uses(store), list(keys(1000)), {}

    def note() -> None:
        for key in noted:
            uses.note(key)

    def put() -> None:
        for key in noted:
            plain[key] = 0.0

    yield measured(
        "note a use (beside an item of a dict)", rounds,
        **{OURS: Work(note, calls=1000), "dict": Work(put, calls=1000)},
    )  # fmt: skip


def looking_through(
    folder: Path, store: LocalStore, rounds: int, count: str, get_items: Callable[[], object]
) -> Iterator[Row]:
    """Measure what the Cache of the app does with a store, beside joblib's own listing."""
    index = folder / ".jobtui" / "index"
    index.parent.mkdir()

    def first_page() -> None:
        next(Catalogue(OwnView(store)).pages())

    def listed() -> Catalogue:
        catalogue = Catalogue(OwnView(store))
        list(catalogue.pages())
        return catalogue

    def remembered() -> None:
        assert Catalogue(OwnView(store), index).remember()

    def found() -> None:
        sure, maybe = select(seen.rows, entry_filter("size:<1K fn:function key:7"), seen.known)
        assert sure
        assert not maybe

    seen = Catalogue(OwnView(store), index)
    list(seen.pages())
    for what, budget, work in (
        ("first page of", 0.05, first_page),
        ("look through", 0.35, listed),
        ("open the last look at", 0.05, remembered),
        ("filter", 0.1, found),
    ):
        ours = {OURS: work, JOBLIB: get_items}
        yield measured(f"{what} {count}", rounds, budget, clock="wall", **ours)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=3, help="rounds of measurements (3)")
    parser.add_argument("--entries", type=int, default=10_000, help="of the caches (10,000)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jobtui-benchmark-") as folder:
        print(table(TITLE, list(rows(Path(folder), asked.n, asked.entries))))


if __name__ == "__main__":
    main()
