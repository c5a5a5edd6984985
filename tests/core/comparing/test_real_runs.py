"""Runs that really ran, put side by side without running or importing anything of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobtui_core.project import compare, open_project

SCRIPT = """
import numpy as np
from jobtui_core import default_param, make
from helpers_of_compare import prep

window = default_param("window", 5)

@make()
def load(path):
    return np.loadtxt(path)

@make()
def fit(x, window):
    print("fitting with", window)
    return prep(x) * window

@make()
def again(n):
    print("again", n)
    return [n]

class Model:
    def __init__(self, order):
        self.order = order
    def __setstate__(self, state):
        raise RuntimeError("nobody asked for it")

@make()
def model(x):
    return Model(list(x))

x = load("data.txt")
for n in (1, 2):
    again(n)
model(fit(x, window))
"""
HELPERS = """
SCALE = 2.0
def scale(x):
    return x * SCALE
def prep(x):
    return scale(x)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two runs of a script; between them a default, a constant, an input and a loop changed."""
    pytest.importorskip("numpy")
    root = tmp_path_factory.mktemp("lab")
    (root / "jobtui.toml").write_text("")
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith("JOBTUI_")
    }
    environment["PYTHONPATH"] = str(Path(__file__).parents[3])
    for default, scale, data, loop in (
        (5, 2.0, "1\n2\n3\n", "(1, 2)"),
        (6, 2.5, "1\n2\n4\n", "(2, 3)"),
    ):
        script = SCRIPT.replace('"window", 5', f'"window", {default}').replace("(1, 2)", loop)
        (root / "lab.py").write_text(script)
        (root / "helpers_of_compare.py").write_text(HELPERS.replace("2.0", str(scale)))
        (root / "data.txt").write_text(data)
        subprocess.run(
            [sys.executable, "lab.py"], cwd=root, env=environment, check=True, capture_output=True
        )
    return open_project(root)


@pytest.fixture(scope="module")
def found(project):
    return compare(project)


def values(found, kind):
    return {one.subject: one.values for one in found.of(kind)}


def test_the_parameter_the_edit_and_the_input_are_told(found):
    assert values(found, "parameter") == {"window": ("5 (default)", "6 (default)")}
    assert values(found, "code") == {
        "helpers_of_compare.SCALE": ("2.0", "2.5"),
        "lab.py": ("−1 line", "+1 line"),
    }
    code, script = found.of("code")
    assert (
        code.where
        == "fit → helpers_of_compare.prep → helpers_of_compare.scale → helpers_of_compare.SCALE"
    )
    assert "-for n in (1, 2):\n+for n in (2, 3):" in script.detail
    (data,) = found.of("input")
    assert (data.subject, "-3\n+4" in data.detail) == ("data.txt", True)


def test_results_are_compared_as_far_as_that_runs_nothing(found):
    results = {one.subject: one for one in found.of("result")}
    assert dict(results["fit"].numbers) == pytest.approx(
        {"max_abs": 30.0, "max_rel": 1.0, "count": 3, "size": 3}
    )
    assert results["model"].detail.startswith("not compared: pickled")
    assert (results["again(n=1)"].values[1], results["again(n=3)"].values[0]) == (None, None)
    assert "again(n=2)" not in results
    assert "helpers_of_compare" not in sys.modules


def test_logs_are_compared_also_with_what_a_hit_printed_when_it_was_computed(found):
    assert values(found, "log") == {"fit": ("fitting with 5", "fitting with 6")}
    assert dict(found.same)["log"] == 1


def test_equal_runs_differ_in_nothing(project):
    again = compare(project, ["last", "last"])
    assert again.differences == ()
    assert dict(again.same)["result"] == 5
