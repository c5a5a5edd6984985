"""In a run that dropped a step, an older result answers what would be computed."""

from __future__ import annotations

import json

import pytest

from jobtui_core.stores import LocalStore

SCRIPT = """\
from jobtui_core import JsonFile, make

@make
def trend(x):
    print("trend", x)
    return [x * {factor}]

@make
def fit(values):
    print("fit", *values)
    return sum(values)

print("=", fit(trend({x})))
"""


@pytest.fixture
def go(tmp_path, run):
    """Write a script and run it, perhaps with steps dropped; give what it printed."""

    def start(text, *dropped, **environment):
        script = tmp_path / "script.py"
        script.write_text(text)
        if dropped:
            environment |= {"JOBTUI_SCRIPT": str(script), "JOBTUI_DROP": json.dumps(dropped)}
        return " ".join(run(**environment))

    return start


def entries(tmp_path):
    store = LocalStore(tmp_path / ".jobtui/cache")
    return {item.name for item in store.list() if item.name.endswith(".entry")}


def edited(factor=2, x=1):
    return SCRIPT.format(factor=factor, x=x)


@pytest.mark.parametrize("name", ["trend", "script:trend", "script.trend"])
def test_a_dropped_step_gives_the_result_of_its_older_code(go, name):
    assert go(edited(2)) == "trend 1 fit 2 = 2"
    assert go(edited(10), name) == "= 2"


def test_the_next_plain_run_computes_it(go, tmp_path):
    go(edited(2))
    before = entries(tmp_path)
    go(edited(10), "trend")
    assert entries(tmp_path) == before
    assert go(edited(10)) == "trend 1 fit 10 = 10"
    assert go(edited(10)) == "= 10"


def test_what_takes_the_old_result_is_kept_for_that_value(go):
    go(edited(2))
    changed = edited(10).replace("sum(values)", "sum(values) + 1")
    assert go(changed, "trend") == "fit 2 = 3"
    assert go(changed) == "trend 1 fit 10 = 11"
    assert go(edited(2).replace("sum(values)", "sum(values) + 1")) == "= 3"


def test_a_hit_is_a_hit_although_the_step_was_dropped(go):
    go(edited(2, x=1))
    go(edited(2, x=2))
    assert go(edited(2, x=1), "trend") == "= 2"


def test_equal_arguments_are_preferred_to_a_younger_result(go):
    go(edited(2, x=3))
    go(edited(2, x=1))
    assert go(edited(10, x=3), "trend") == "= 6"


def test_with_other_arguments_the_youngest_result_is_given(go):
    go(edited(2, x=3))
    go(edited(2, x=1))
    assert go(edited(10, x=7), "trend") == "= 2"


def test_without_any_result_it_computes(go):
    assert go(edited(2), "trend") == "trend 1 fit 2 = 2"


def test_only_the_dropped_step_is_answered_so(go):
    go(edited(2))
    changed = edited(10).replace("sum(values)", "sum(values) + 1")
    assert go(changed, "fit") == "trend 1 = 2"


OUTPUT = """\
import json
from pathlib import Path
from jobtui_core import JsonFile, make

@make(output=JsonFile("out/trend.json"))
def trend():
    print("trend")
    return [{value}]

@make(inputs=["out/trend.json"])
def fit():
    return json.loads(Path("out/trend.json").read_text())

print(trend(), fit())
"""


def test_its_output_file_stays_as_it_is(go, tmp_path):
    go(OUTPUT.format(value=1))
    (tmp_path / "out/trend.json").write_text("[5]")
    assert go(OUTPUT.format(value=2), "trend") == "[1] [5]"
    assert (tmp_path / "out/trend.json").read_text() == "[5]"


def test_its_output_file_is_put_back_where_it_is_missing(go, tmp_path):
    go(OUTPUT.format(value=1))
    (tmp_path / "out/trend.json").unlink()
    assert go(OUTPUT.format(value=2), "trend") == "[1] [1]"


def test_a_file_that_is_not_declared_today_is_not_put_back(go, tmp_path):
    go(OUTPUT.format(value=1))
    (tmp_path / "out/trend.json").rename(tmp_path / "out/other.json")
    text = OUTPUT.format(value=2).replace("out/trend.json", "out/other.json")
    assert go(text, "trend").endswith("[1]")
    assert not (tmp_path / "out/trend.json").exists()


NESTED = """\
from jobtui_core import Memory, make
{extra}
memory = Memory("cache", verbose=0)

@make
def trend(x):
    print("trend", x)
    return x * {factor}

@{decorator}
def outer(x):
    print("outer", x)
    {body}

if __name__ == "__main__":
    print("=", outer(1))
"""

BODIES = {
    "plain": ("", "return trend(x) + 1"),
    "thread": (
        "from concurrent.futures import ThreadPoolExecutor",
        "return ThreadPoolExecutor(1).submit(trend, x).result() + 1",
    ),
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("decorator", ["make", "memory.cache"])
def test_a_call_in_whose_course_an_old_result_was_given_is_not_stored(go, body, decorator):
    extra, statement = BODIES[body]

    def text(factor):
        return NESTED.format(extra=extra, body=statement, decorator=decorator, factor=factor)

    assert go(text(2)) == "outer 1 trend 1 = 3"
    assert go(text(10), "trend") == "outer 1 = 3"
    assert go(text(10)) == "outer 1 trend 1 = 11"


@pytest.mark.parametrize("trace", ["0", "1"])
def test_an_old_result_given_in_a_worker_process_is_not_stored_by_the_caller(go, tmp_path, trace):
    extra = "from concurrent.futures import ProcessPoolExecutor"
    statement = "return ProcessPoolExecutor(1).submit(trend, x).result() + 1"

    def text(factor):
        return NESTED.format(extra=extra, body=statement, decorator="make", factor=factor)

    folder = tmp_path / ".jobtui/runs/2026-01-01T00-00-00-abcd"
    folder.mkdir(parents=True)
    told = {"JOBTUI_TRACE": "1", "JOBTUI_RUN": folder.name} if trace == "1" else {}
    assert go(text(2)).endswith("= 3")
    dropped = go(text(10), "trend", **told)
    assert dropped.endswith("= 3" if trace == "1" else "= 11")
    assert go(text(10)).endswith("= 11")
