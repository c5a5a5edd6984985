"""What results on S3 cost, in requests and in time, beside joblib's Memory on s3fs.

Requests are those that come to a proxy before a real server; they are the same in each round.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from jobtui_core import Memory
from jobtui_core.stores import Store, open_store
from tests.benchmarks.joblib_on_s3fs import memory_on
from tests.benchmarks.measuring import JOBLIB, OURS, Row
from tests.servers.faults import FaultProxy, fault_proxy
from tests.servers.seaweed import BUCKET, S3Server

TITLE = "S3"

BOTO3 = "boto3"

DELAY = 0.010
"""Seconds each way: 20 ms a request."""

LISTED = 3000


def double(x: int) -> list[int]:
    """Compute next to nothing."""
    return [x, x]


class Lab:
    """Both caches behind a proxy that counts."""

    def __init__(self, folder: Path, proxy: FaultProxy, rounds: int) -> None:
        self.proxy = proxy
        self.rounds = rounds
        self.options = {"endpoint_url": proxy.url}
        self.url = f"s3://{BUCKET}/ours"
        self.memory = Memory(self.url, backend_options=self.options, verbose=0)
        near = {**self.options, "tier": str(folder / "near")}
        self.tiered = Memory(self.url, backend_options=near, verbose=0)
        self.theirs = memory_on(f"{BUCKET}/theirs", proxy.url)

    @property
    def store(self) -> Store:
        assert self.memory.store is not None
        return self.memory.store

    def requests(self, call: Callable[[], Any]) -> float:
        """Count the requests of a call, until all has arrived."""
        self.settle()
        self.proxy.requests.clear()
        call()
        self.settle()
        return float(self.proxy.requests.total())

    def settle(self) -> None:
        for memory in (self.memory, self.tiered):
            assert memory.store is not None
            assert memory.store.flush(60) == 0


def rows(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure all of it."""
    os.environ["JOBTUI_ROOT"] = str(folder)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    server = S3Server(folder / "server")
    server.start()
    try:
        os.environ.update(server.environment())
        with fault_proxy("127.0.0.1", server.port) as proxy:
            lab = Lab(folder, proxy, rounds)
            yield from counts(lab)
            yield listing(lab)
            yield from times(lab)
            yield from new_process(lab, folder)
    finally:
        server.stop()


def counts(lab: Lab) -> Iterator[Row]:
    """Count the requests of calls."""
    ours, near = lab.memory.cache(double), lab.tiered.cache(double)
    theirs = lab.theirs.cache(double)
    first = {OURS: lab.requests(lambda: ours(0)), JOBLIB: lab.requests(lambda: theirs(0))}
    yield _count("first miss of a function in a process", first)
    miss = {OURS: lab.requests(lambda: ours(1)), JOBLIB: lab.requests(lambda: theirs(1))}
    yield _count("miss", miss, 2)
    hit = {OURS: lab.requests(lambda: ours(1)), JOBLIB: lab.requests(lambda: theirs(1))}
    yield _count("hit", hit, 1)
    near(1)
    yield _count("hit with a tier", {**hit, OURS: lab.requests(lambda: near(1))}, 0)


def _count(what: str, found: dict[str, float], most: float | None = None, note: str = "") -> Row:
    verdict = ""
    if most is not None:
        verdict = f"at most {most:g}: {'met' if found[OURS] <= most else '**over**'}"
    return Row(what, found, clock="requests", note="; ".join(filter(None, (verdict, note))))


def listing(lab: Lab) -> Row:
    """Count the requests that list many entries, ours alone: joblib's backend lists nothing."""
    store = open_store(f"{lab.url}/listed", options=lab.options)
    names = [f"m%3Af/{n % 256:02x}/{n:032x}.entry" for n in range(LISTED)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store.write(name, b"x"), names))
    found = lab.requests(lambda: _must(len(list(store.list())) == LISTED))
    store.delete_all(names)
    return _count(f"list {LISTED:,} entries", {OURS: found}, 1.1 * LISTED / 1000)


def _must(true: bool) -> None:
    assert true


def times(lab: Lab) -> Iterator[Row]:
    """Take the time of calls over a slow network."""
    ours, theirs = lab.memory.cache(double), lab.theirs.cache(double)
    near = lab.tiered.cache(double)
    work = {OURS: lambda: ours(1), JOBLIB: lambda: theirs(1)}
    with lab.proxy.during(delay=DELAY):
        yield Row("hit at 20 ms a request", _walls(work, lab.rounds), 0.2, "wall")
        work = {OURS: lambda: near(1), JOBLIB: lambda: theirs(1)}
        yield Row("hit with a tier at 20 ms a request", _walls(work, lab.rounds), clock="wall")
        number = iter(range(100, 100_000))
        work = {OURS: lambda: ours(next(number)), JOBLIB: lambda: theirs(next(number))}
        yield Row("miss at 20 ms a request", _walls(work, lab.rounds), clock="wall")
        lab.settle()


def _walls(work: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(rounds + 1):
        for name, call in work.items():
            started = time.perf_counter()
            call()
            if turn:
                # The first one connects.
                found[name].append(time.perf_counter() - started)
    return {name: median(figures) for name, figures in found.items()}


_OURS = """
from jobtui_core import Memory

def double(x):
    return [x, x]

cached = Memory({url!r}, verbose=0).cache(double)
assert cached(1) == [1, 1]
assert cached.hits == {hits}
"""

_PLAIN = """
import boto3

client = boto3.client("s3")
data = client.get_object(Bucket={bucket!r}, Key={key!r})["Body"].read()
assert data
"""


def new_process(lab: Lab, folder: Path) -> Iterator[Row]:
    """Take the time of a process that reads one entry, beside one that GETs it with boto3."""
    url = f"{lab.url}/process"
    script = folder / "script.py"

    def run(text: str) -> None:
        script.write_text(text)
        subprocess.run([sys.executable, str(script)], check=True, cwd=folder)

    run(_OURS.format(url=url, hits=0))
    store = open_store(f"{url}/jobtui")
    (name,) = [one.name for one in store.list() if one.name.endswith(".entry")]
    key = f"{store.url.split('/', 3)[3]}/{name}"
    scripts = {
        OURS: _OURS.format(url=url, hits=1),
        BOTO3: _PLAIN.format(bucket=BUCKET, key=key),
    }
    label = "a new process that reads one entry"
    walls: dict[str, list[float]] = {name: [] for name in scripts}
    used: dict[str, list[float]] = {name: [] for name in scripts}
    for turn in range(3 * lab.rounds + 1):
        for name, text in scripts.items():
            started, before = time.perf_counter(), _of_children()
            run(text)
            if turn:
                walls[name].append(time.perf_counter() - started)
                used[name].append(_of_children() - before)
    for clock, found in (("wall", walls), ("CPU", used)):
        yield Row(label, {name: median(some) for name, some in found.items()}, 1.2, clock, BOTO3)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
