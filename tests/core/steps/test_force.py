"""``make(force=True)``: an older result of equal arguments rather than a long computation."""

from __future__ import annotations

import pytest

from jobtui_core.project import open_project, status
from jobtui_core.stores import LocalStore
from tests.core.isolation import CHECKOUT

SCRIPT = """
import sys, warnings
from jobtui_core import make

warnings.simplefilter("always")
warnings.showwarning = lambda message, *rest: print("warned", end=" ")

@make{force}
def trend(x):
    print("trend", x)
    return [x * {factor}]

@make
def around(x):
    print("around", x)
    return trend(x)[0]

{calls}
"""


@pytest.fixture
def go(tmp_path, run):
    """Write the script and run it; give what it printed."""

    def start(factor, calls="print('=', *trend(1))", *, force=False, **environment):
        text = SCRIPT.format(factor=factor, calls=calls, force="(force=True)" if force else "")
        script = tmp_path / "script.py"
        script.write_text(text)
        told = {"JOBTUI_SCRIPT": str(script)} if environment else {}
        return " ".join(run(PYTHONPATH=str(CHECKOUT), JOBTUI_TRACE="1", **told, **environment))

    return start


def entries(tmp_path):
    store = LocalStore(tmp_path / ".jobtui/cache")
    return {item.name for item in store.list() if item.name.endswith(".entry")}


def test_an_edit_is_answered_by_the_older_result_with_one_warning(go, tmp_path):
    assert go(2) == "trend 1 = 2"
    before = entries(tmp_path)
    calls = "print('=', *trend(1), *trend(1))"
    assert go(3, calls, force=True) == "warned = 2 2"
    assert entries(tmp_path) == before


def test_without_it_the_step_is_computed_as_ever(go):
    go(2)
    go(3, force=True)
    assert go(3) == "trend 1 = 3"


def test_other_arguments_are_computed_and_kept(go):
    go(2)
    assert go(3, "print('=', *trend(5))", force=True) == "trend 5 = 15"
    assert go(3, "print('=', *trend(5))", force=True) == "= 15"


def test_what_did_not_change_is_an_ordinary_hit(go):
    go(2)
    assert go(2, force=True) == "= 2"


def test_the_newest_of_several_is_taken(go):
    go(2)
    go(3)
    assert go(4, force=True) == "warned = 3"


def test_a_step_around_it_is_not_kept(go, tmp_path):
    go(2)
    before = entries(tmp_path)
    calls = "print('=', around(1))"
    assert go(3, calls, force=True) == "around 1 warned = 2"
    assert entries(tmp_path) == before
    assert go(3, calls) == "around 1 trend 1 = 3"


def test_recompute_outweighs_it(go):
    go(2)
    assert go(3, force=True, JOBTUI_RECOMPUTE='["trend"]') == "trend 1 = 3"


def test_its_verdict_is_that_of_the_edit(go, tmp_path, monkeypatch):
    monkeypatch.delenv("JOBTUI_ROOT")
    (tmp_path / "jobtui.toml").write_text("")
    go(2)
    go(3, force=True)
    (row,) = (row for row in status(open_project(tmp_path)).steps if row.name == "trend")
    assert row.verdict.value == "stale"
    assert row.reasons[0].diff
