"""First calls made by many threads at once come to what they would one after the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import jobtui_core
from jobtui_core.project import open_project, status
from jobtui_core.records import Verdict
from jobtui_core.tracing.read import RunTrace, read_run

CODE = Path(jobtui_core.__file__).parent.parent

STEPS, THREADS, FILES, WIDE = 12, 8, 100, 40

SCRIPT = """
import os
import sys
import threading

import parts
from jobtui_core import Memory, make
from parts import scale
from parts.scale import scaled as other

memory = Memory(".cache", verbose=0)
TABLE = {{"a": [1, 2], "b": [3]}}
LEVEL = len(sys.argv)


class Shape:
    side = 3

    def area(self):
        return self.side ** 2 + parts.BASE

{steps}

@memory.cache
def wide(x):
    return x * LEVEL


STEPS = [{names}]


def called(order):
    for index in range(len(STEPS)):
        STEPS[(index + order) % len(STEPS)](1)
    for x in range(wides):
        wide((order, x))


def read():
    for number in range({files}):
        with open(f"data/{{number}}.txt") as file:
            file.read()


def run(order, barrier):
    barrier.wait()
    called(order)


if __name__ == "__main__":
    many, at_once, wides = int(os.environ["MANY"]), os.environ["AT_ONCE"] == "1", {wide}
    if at_once:
        sys.setswitchinterval(1e-6)
        barrier = threading.Barrier(many + 1)
        threads = [threading.Thread(target=run, args=(n, barrier)) for n in range(many)]
        for thread in threads:
            thread.start()
        barrier.wait()
        read()
        for thread in threads:
            thread.join()
    else:
        read()
        for n in range(many):
            called(n)
    for function in STEPS:
        function(2)
"""

STEP = """
def helped{n}(x):
    return scale.scaled(x) + other(x) + parts.base() + TABLE["a"][0] + LEVEL


@{decorator}
def step{n}(x):
    inner = lambda y: y + {n} + parts.scale.BY
    return helped{n}(inner(x)) + Shape().area()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("parts", "data"):
        (root / name).mkdir(parents=True)
    (root / "jobtui.toml").write_text("")
    (root / "parts/__init__.py").write_text(
        "from parts.scale import *\nfrom . import scale\nBASE = 7\n\ndef base():\n    return BASE\n"
    )
    (root / "parts/scale.py").write_text(
        "import parts\nBY = 2\n\n\ndef scaled(x):\n    return x * BY + len(parts.__name__)\n"
    )
    for number in range(FILES):
        (root / f"data/{number}.txt").write_text(str(number))
    steps = "".join(
        STEP.format(n=n, decorator="make" if n % 2 else "memory.cache") for n in range(STEPS)
    )
    names = ", ".join(f"step{n}" for n in range(STEPS))
    (root / "script.py").write_text(SCRIPT.format(steps=steps, names=names, wide=WIDE, files=FILES))
    return root


def run(root: Path, *, at_once: bool) -> RunTrace:
    for name in (".jobtui", ".cache"):
        shutil.rmtree(root / name, ignore_errors=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JOBTUI", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "script.py"],
        cwd=root,
        env={**kept, "PYTHONPATH": str(CODE), "MANY": str(THREADS), "AT_ONCE": str(int(at_once))},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    (made,) = (root / ".jobtui/runs").iterdir()
    return read_run(made)


def told(trace: RunTrace) -> dict[str, set[tuple[object, ...]]]:
    """Give what is said of each step's calls, beside where and how often."""
    found: dict[str, set[tuple[object, ...]]] = {}
    for call in trace.calls:
        if call.name != "wide":
            found.setdefault(call.function, set()).add((call.key, call.code, call.result))
    return found


def entries(root: Path) -> set[str]:
    places = (root / ".jobtui/cache", root / ".cache")
    return {str(p.relative_to(root)) for place in places for p in place.rglob("*.entry")}


def verdicts(root: Path) -> dict[str, Verdict]:
    found = status(open_project(root), ["script.py"])
    assert found.warnings == ()
    return {row.name: row.verdict for row in found.steps}


def test_threads_make_the_records_that_one_thread_makes(folder: Path) -> None:
    one = run(folder, at_once=False)
    expected = told(one), entries(folder), verdicts(folder)
    assert len(expected[0]) == STEPS
    for _ in range(2):
        several = run(folder, at_once=True)
        assert (told(several), entries(folder), verdicts(folder)) == expected
        assert several.warnings == ()
        assert several.skipped == 0
        many = Counter(call.name for call in several.calls)
        counted = sum(item.hits + item.computed for item in several.counted)
        assert many.pop("wide") + counted == THREADS * WIDE
        assert set(many.values()) == {THREADS + 1}
        assert len({call.id for call in several.calls}) == len(several.calls)
        assert len({file.path for file in several.files_read}) == FILES
