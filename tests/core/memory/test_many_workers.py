"""Decorated functions in other processes' hands: pools, executors, loky, joblib.Parallel."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.core.isolation import clean_environment

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

MODULE = """
import functools, os
from jobtui_core import Memory, make

memory = Memory("cache", verbose=0)

def note(text):
    descriptor = os.open("ran", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (text + "\\n").encode())
    os.close(descriptor)

@memory.cache
def square(x, power=2):
    note(f"square {x}")
    return x ** power

@make
def step(x):
    note(f"step {x}")
    return [x]

class Scale:
    def __init__(self, factor):
        self.factor = factor

    @memory.cache
    def by(self, x):
        note(f"by {x}")
        return self.factor * x

    @classmethod
    @memory.cache
    def double(cls, x):
        note(f"double {x}")
        return 2 * x

    @staticmethod
    @memory.cache
    def triple(x):
        note(f"triple {x}")
        return 3 * x

cube = functools.partial(square, power=3)
"""

HEAD = """
import sys
from module import *

@memory.cache
def of_script(x):
    note(f"script {x}")
    return -x

@make
def step_of_script(x):
    note(f"own step {x}")
    return [x, x]

CALLS = [square, step, Scale(5).by, Scale.double, Scale.triple, cube, of_script, step_of_script]
EXPECTED = [[f(x) for x in (1, 2)] for f in (
    lambda x: x ** 2, lambda x: [x], lambda x: 5 * x, lambda x: 2 * x, lambda x: 3 * x,
    lambda x: x ** 3, lambda x: -x, lambda x: [x, x])]
"""

POOLS = {
    "multiprocessing": """
import multiprocessing
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        found = [pool.map(call, (1, 2, 1, 2), chunksize=1) for call in CALLS]
    assert found == [two * 2 for two in EXPECTED], found
""",
    "concurrent.futures": """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        found = [list(pool.map(call, (1, 2, 1, 2))) for call in CALLS]
    assert found == [two * 2 for two in EXPECTED], found
""",
    "joblib": """
import joblib
if __name__ == "__main__":
    with joblib.Parallel(n_jobs=2, backend=sys.argv[1]) as pool:
        found = [pool(joblib.delayed(call)(x) for x in (1, 2, 1, 2)) for call in CALLS]
    assert found == [two * 2 for two in EXPECTED], found
""",
    "cloudpickle": """
import cloudpickle, subprocess
if __name__ == "__main__":
    data = cloudpickle.dumps(CALLS)
    code = (
        "import pickle, sys; calls = pickle.load(sys.stdin.buffer);"
        "print([[call(x) for x in (1, 2, 1, 2)] for call in calls])"
    )
    found = [subprocess.run([sys.executable, "-c", code], input=data, stdout=subprocess.PIPE)
             for _ in range(2)]
    assert [one.stdout.decode() for one in found] == [f"{[two * 2 for two in EXPECTED]}\\n"] * 2
""",
}

NOTES = ["square", "step", "by", "double", "triple", "square", "script", "own step"]

CASES = [
    ("multiprocessing", "fork"),
    ("multiprocessing", "spawn"),
    ("multiprocessing", "forkserver"),
    ("concurrent.futures", "spawn"),
    ("joblib", "loky"),
    ("joblib", "threading"),
    ("cloudpickle", ""),
]


@pytest.mark.slow
@pytest.mark.parametrize(("pool", "how"), CASES, ids=[" ".join(case) for case in CASES])
def test_workers_take_decorated_functions_and_compute_each_call_once(tmp_path, pool, how):
    """Of modules, classes, scripts and in partials (joblib #226, #666, #1030)."""
    (tmp_path / "module.py").write_text(MODULE)
    (tmp_path / "script.py").write_text(HEAD + POOLS[pool])
    environment = clean_environment()
    environment["PYTHONPATH"] += os.pathsep + str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-W", "error::jobtui_core.errors.CacheWarning", "script.py", how],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    ran = (tmp_path / "ran").read_text().splitlines()
    assert sorted(ran) == sorted(f"{note} {x}" for note in NOTES for x in (1, 2))
