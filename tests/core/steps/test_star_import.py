"""``from jobtui_core import *``: steps are seen without running, as with names spelled out."""

from __future__ import annotations

import pytest

from jobtui_core.records import Verdict
from tests.core.steps.agreement import Agreement

SCRIPT = """
from jobtui_core import *

@make(output=PathOutput("one.txt"))
def one(x):
    ran("one")
    output_path().write_text(str(x))

@memoize
def two(x):
    ran("two")
    return x if x < 2 else two(x - 1)

memory = Memory("cache", verbose=0)

@memory.cache
def three(x):
    ran("three")
    return hash(x)

start = default_param("start", 1)
print(one(start), two(2), three(start))
"""


@pytest.mark.slow
def test_steps_of_a_script_that_imports_everything_are_judged(tmp_path):
    lab = Agreement(tmp_path, SCRIPT)
    assert {row.verdict for row in lab.rows().values()} == {Verdict.NEW}
    lab.check("one", "two", "three")
    lab.check()
    lab.write_script(SCRIPT.replace('"start", 1', '"start", 2'))
    lab.check("one", "three")
