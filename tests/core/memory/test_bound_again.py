"""Helpers that a script binds to something else after the first use of what calls them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import warnings
from jobtui_core import Memory

warnings.simplefilter("ignore")
memory = Memory("cache", verbose=0)

def helper(x):
    return x

def total(x):
    return helper(x) * 10

def other(x):
    return x + 5

class Box:
    def __init__(self, x):
        self.x = x

class Other(Box):
    def __init__(self, x):
        self.x = -x

def boxed(x):
    return Box(x).x

total, boxed = memory.cache(total), memory.cache(boxed)
print(total(1), total(1), boxed(1))
{again}
print(total(1), total(1), boxed(1))
"""


@pytest.mark.parametrize(
    ("again", "then"),
    [
        ("helper = other", "60 60 1"),
        ("def helper(x):\n    return x + 5", "60 60 1"),
        ("from operator import neg as helper", "-10 -10 1"),
        ("globals()['helper'] = other", "60 60 1"),
        ("def patch():\n    global helper\n    helper = other\npatch()", "60 60 1"),
        ("helper.__code__ = (lambda x: x + 5).__code__", "60 60 1"),
        ("helper.__code__ = other.__code__", "60 60 1"),
        ("Box = Other", "10 10 -1"),
        ("for helper in (total, other):\n    pass", "60 60 1"),
        ("if memory:\n    helper = other", "60 60 1"),
        ("unrelated = other", "10 10 1"),
    ],
)
def test_what_a_name_means_now_counts(tmp_path: Path, again: str, then: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(again=again))
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, script], cwd=tmp_path, capture_output=True, encoding="utf-8"
        )
        assert (done.stdout.splitlines(), done.stderr) == (["10 10 1", then], "")


def test_a_global_that_is_given_as_the_result_is_not_changed_with_it(tmp_path: Path) -> None:
    # On a hit the result is a copy; on a miss it was the global itself, to be changed for all.
    script = tmp_path / "script.py"
    script.write_text(
        "from jobtui_core import Memory\n"
        "memory = Memory('cache', verbose=0)\n"
        "TABLE = [1]\n"
        "def table(x):\n"
        "    return TABLE\n"
        "table = memory.cache(table)\n"
        "found = table(1)\n"
        "found.append(2)\n"
        "print(found, TABLE, table(1))\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, script], cwd=tmp_path, capture_output=True, encoding="utf-8"
        )
        assert (done.stdout, done.stderr) == ("[1, 2] [1] [1]\n", "")
