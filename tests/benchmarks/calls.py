"""What calls of memoized functions cost: hits, misses, and 100 MB on their way in and out."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import diskcache
import joblib
import numpy as np

from jobtui_core import Memory, memoize
from tests.benchmarks.measuring import DISKCACHE, JOBLIB, OURS, Row, Work, in_turn, measured

TITLE = "Calls"

KEYS = 300
"""Different calls that one measurement goes through."""

RECORDED = """
import json, sys, pathlib
from tests.benchmarks import calls
folder, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
found = [row.found for row in calls.small_hits(folder, rounds)]
print(json.dumps(found))
"""


def square(x: int) -> int:
    return x * x


def first(x: Any) -> int:
    return 1


def zeros() -> Any:
    return np.zeros(12_500_000)


class Peers:
    """The same function, kept by each."""

    def __init__(self, folder: Path, *, mmap_mode: Any = None) -> None:
        self.ours = Memory(folder / "jobtui", verbose=0, mmap_mode=mmap_mode)
        self.joblib = joblib.Memory(folder / "joblib", verbose=0, mmap_mode=mmap_mode)
        self.diskcache = diskcache.Cache(str(folder / "diskcache"))

    def decorated(self, function: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
        """Give what decorates a function, anew at each call, by the name of who keeps it."""
        return {
            OURS: lambda: self.ours.cache(function),
            JOBLIB: lambda: self.joblib.cache(function),
            DISKCACHE: lambda: self.diskcache.memoize()(function),
        }


def hits(
    peers: Peers, what: str, function: Any, arguments: list[Any], rounds: int, budget: float
) -> Row:
    """Measure first hits in a process: nothing is known of the entries but the code."""

    def prepared(decorate: Callable[[], Any]) -> Callable[[], Any]:
        def prepare() -> Any:
            decorated = decorate()
            # Signatures are looked at once a function.
            decorated(arguments[0])
            return decorated

        return prepare

    def run(decorated: Any) -> None:
        for argument in arguments:
            decorated(argument)

    work = {}
    for name, decorate in peers.decorated(function).items():
        run(decorate())
        work[name] = Work(run, prepared(decorate), len(arguments))
    return measured(what, rounds, budget, **work)


def again(
    peers: Peers, what: str, argument: Any, rounds: int, budget: float, calls: int = KEYS
) -> Row:
    """Measure the same call again and again."""

    def repeated(decorated: Any) -> Callable[[], None]:
        def run() -> None:
            for _ in range(calls):
                decorated(argument)

        return run

    function = square if isinstance(argument, int) else first
    work = {
        name: Work(repeated(decorate()), calls=calls)
        for name, decorate in peers.decorated(function).items()
    }
    if calls == 1:
        # It pickles an argument to find its place: for 100 MB that is no use of it.
        del work[DISKCACHE]
    return measured(what, rounds, budget, **work)


def _square() -> Callable[[int], int]:
    # As behind a decorator: its name in the module is not that of the bare function.
    def square(x: int) -> int:
        return x * x

    return square


def remembered(folder: Path, rounds: int) -> Row:
    """Measure the same call of a memoized function again: from memory, as of `functools`."""
    ours = memoize(_square(), cachedir=folder / "memoize")
    cached = Memory(folder / "Memory", verbose=0).cache(_square())
    theirs = joblib.Memory(folder / "joblib", verbose=0).cache(square)
    quickest = functools.lru_cache(square)

    def repeated(call: Callable[[int], int]) -> Work:
        def run() -> None:
            for _ in range(KEYS):
                call(7)

        return Work(run, calls=KEYS)

    work = {OURS: ours, JOBLIB: theirs, "Memory.cache": cached, "lru_cache": quickest}
    figures = in_turn({name: repeated(call) for name, call in work.items()}, rounds)
    note = ", ".join(
        f"{figures[OURS] / figures[name]:.2g} × {name}" for name in ("Memory.cache", "lru_cache")
    )
    known = {name: figures[name] for name in (OURS, JOBLIB)}
    return Row("memoize: the same call again in one process", known, 0.03, note=note)


def misses(peers: Peers, what: str, rounds: int, budget: float) -> Row:
    """Measure calls that nobody made before."""
    counts = dict.fromkeys((OURS, JOBLIB, DISKCACHE), 10**6)

    def one(name: str, decorate: Callable[[], Any]) -> Work:
        decorated = decorate()

        def run() -> None:
            begin = counts[name]
            counts[name] = begin + KEYS
            for number in range(begin, begin + KEYS):
                decorated(number)

        return Work(run, calls=KEYS)

    work = {name: one(name, decorate) for name, decorate in peers.decorated(square).items()}
    return measured(what, rounds, budget, clock="wall", **work)


def mapping(number: int) -> dict[str, Any]:
    """Give a dict of 1 KB, as configurations are."""
    return {
        "model": {"layers": [64, 64, 10], "rate": 0.1, "name": "x" * 100},
        "data": {"path": "data/raw", "columns": ["a", "b", "c"] * 10, "options": {"x": 1}},
        "number": number,
        **{f"key {index}": f"value {index}" * 3 for index in range(20)},
    }


def small_hits(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure hits of small calls."""
    peers = Peers(folder)
    numbers = list(range(KEYS))
    yield hits(peers, "hit, int → small", square, numbers, rounds, 0.15)
    yield again(peers, "the same call again in one process", 7, rounds, 0.03)
    flat = [{f"key {i}": i * 1.5 for i in range(60)} | {"number": n} for n in numbers]
    yield hits(peers, "hit, flat dict of 1 KB", first, flat, rounds, 0.15)
    nested = [mapping(number) for number in numbers]
    yield hits(peers, "hit, nested dict of 1 KB", first, nested, rounds, 0.15)
    lists = [[number, *range(100)] for number in numbers]
    yield hits(peers, "hit, list of 100 ints", first, lists, rounds, 0.15)
    yield remembered(folder, rounds)


def recorded(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure the first two in a script whose run is recorded, as most are."""
    folder.mkdir()
    (folder / "jobtui.toml").touch()
    script = folder / "script.py"
    script.write_text(RECORDED)
    repository = Path(__file__).parent.parent.parent
    env = {name: text for name, text in os.environ.items() if not name.startswith("JOBTUI_")}
    found = subprocess.run(
        [sys.executable, str(script), str(folder / "caches"), str(rounds)],
        cwd=folder,
        env={**env, "PYTHONPATH": str(repository)},
        check=True,
        stdout=subprocess.PIPE,
    )
    assert list((folder / ".jobtui" / "runs").iterdir())
    figures = json.loads(found.stdout)
    yield Row("hit, int → small, with a record of the run", figures[0])
    yield Row("the same call again, with a record of the run", figures[1])


def large(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure 100 MB as an argument and as a result."""
    peers = Peers(folder / "arguments")
    array = np.random.default_rng(0).random(12_500_000)
    yield again(peers, "hit, 100 MB array as argument", array, rounds, 0.035, 1)
    handed = Memory(folder / "handed", mmap_mode="r", verbose=0).cache(zeros)
    handed()
    fixed = handed()
    ours, theirs = peers.ours.cache(first), peers.joblib.cache(first)
    yield measured(
        "the same, of an array handed out read-only",
        rounds,
        0.0001,
        jobtui=Work(lambda: [ours(fixed) for _ in range(KEYS)], calls=KEYS),
        joblib=lambda: theirs(fixed),
    )
    work = {name: decorate() for name, decorate in peers.decorated(zeros).items()}
    del work[DISKCACHE]
    for call in work.values():
        call()
    # A file that was just written is verified once more before it is trusted.
    time.sleep(0.2)
    yield measured("hit returning a 100 MB array", rounds, 0.002, **work)
    passes = {name: _with_a_pass(call) for name, call in work.items()}
    yield measured("the same, with one pass over it", rounds, 0.35, **passes)

    def fresh(decorated: Any) -> Work:
        # As a first call: what is in the way of it is taken away beforehand.
        return Work(lambda _: decorated(), lambda: decorated.clear(warn=False))

    stored = {name: fresh(decorated) for name, decorated in work.items()}
    yield measured("miss with a result of 100 MB", rounds, 1, clock="wall", **stored)


def _with_a_pass(call: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: call().sum()


def rows(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure all of it."""
    yield from small_hits(folder / "hits", rounds)
    yield from recorded(folder / "recorded", rounds)
    peers = Peers(folder / "misses")
    yield misses(peers, "miss, int → small", rounds, 0.4)
    yield from large(folder / "large", rounds)
