"""A pipeline over data frames: after an edit, what depends on it runs again, and nothing else."""

from __future__ import annotations

import pytest

PANDAS = """
import pandas as pd
from jobtui_core import Memory, make
from cleaning import drop_bad

memory = Memory("cache", verbose=0)

@make(inputs=["{path}"])
def read(path):
    print("read")
    return pd.read_csv(path, parse_dates=["day"])

@memory.cache
def clean(frame):
    print("clean")
    return drop_bad(frame).assign(twice=lambda f: f.value * 2)

@memory.cache
def totals(frame, by="kind"):
    print("totals")
    return frame.groupby(by).twice.sum()

def report(series):
    return " ".join(f"{name}={value:g}" for name, value in series.items())

print(report(totals(clean(read("data.csv")))))
"""
PANDAS_CLEANING = """
LIMIT = 100

def drop_bad(frame):
    return frame[frame.value < LIMIT].reset_index(drop=True)

def unrelated():
    return 1
"""

POLARS = """
import polars as pl
from jobtui_core import Memory, make
from cleaning import drop_bad

memory = Memory("cache", verbose=0)

@make(inputs=["{path}"])
def read(path):
    print("read")
    return pl.read_csv(path, try_parse_dates=True)

@memory.cache
def clean(frame):
    print("clean")
    return drop_bad(frame.lazy()).with_columns(twice=pl.col("value") * 2).collect()

@memory.cache
def totals(frame, by="kind"):
    print("totals")
    return frame.group_by(by).agg(pl.col("twice").sum()).sort(by)

def report(frame):
    return " ".join(f"{name}={value:g}" for name, value in frame.iter_rows())

print(report(totals(clean(read("data.csv")))))
"""
POLARS_CLEANING = """
import polars as pl

LIMIT = 100

def drop_bad(frame):
    return frame.filter(pl.col("value") < LIMIT)

def unrelated():
    return 1
"""

DATA = "day,kind,value\n2026-01-01,a,1\n2026-01-02,b,2\n2026-01-03,a,500\n2026-01-04,a,50\n"

KINDS = {"pandas": (PANDAS, PANDAS_CLEANING), "polars": (POLARS, POLARS_CLEANING)}


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_runs_what_depends_on_it_and_nothing_else(run, tmp_path, kind):
    pytest.importorskip(kind)
    script, cleaning = KINDS[kind]
    (tmp_path / "script.py").write_text(script)
    helper, data = tmp_path / "cleaning.py", tmp_path / "data.csv"
    helper.write_text(cleaning)
    data.write_text(DATA)
    assert run() == ["read", "clean", "totals", "a=102", "b=4"]
    # A constant of the helper: reading is not repeated.
    helper.write_text(cleaning.replace("LIMIT = 100", "LIMIT = 10"))
    assert run() == ["clean", "totals", "a=2", "b=4"]
    # An edit that makes no difference to the result ends there, and one elsewhere changes nothing.
    helper.write_text(cleaning.replace("LIMIT = 100", "LIMIT = 200").replace("return 1", "pass"))
    assert run() == ["clean", "a=102", "b=4"]
    helper.write_text(cleaning)
    data.write_text(DATA.replace("b,2", "b,3"))
    assert run() == ["read", "clean", "totals", "a=102", "b=6"]


def test_a_lazy_frame_is_an_argument_and_a_result(run, tmp_path):
    pytest.importorskip("polars")
    (tmp_path / "script.py").write_text(
        "import polars as pl\n"
        "from jobtui_core import Memory\n"
        "memory = Memory('cache', verbose=0)\n"
        "@memory.cache\n"
        "def plan(limit):\n    print('plan')\n"
        "    return pl.LazyFrame({'a': [1, 2, 3]}).filter(pl.col('a') < limit)\n"
        "@memory.cache\n"
        "def total(frame):\n    print('total')\n    return frame.collect()['a'].sum()\n"
        "print(total(plan(3)), total(plan(3)))\n"
    )
    assert run() == ["plan", "total", "3", "3"]
    assert run() == ["3", "3"]
