"""Modules that are loaded again in a process, as notebooks do after every edit."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.core.project.test_end_to_end import Folder

AGAIN = {
    "reloaded": "importlib.reload(helpers)",
    "reloaded, and taken from it again": "importlib.reload(helpers); from helpers import scale",
    "reloaded, and what was taken from it patched": """
        old, old_model = scale, Model
        importlib.reload(helpers)
        old.__code__ = helpers.scale.__code__
        old_model.go.__code__ = helpers.Model.go.__code__
        """,
    "imported anew": "del sys.modules['helpers']; import helpers",
}
SCRIPT = """
import importlib, os, sys, warnings

import helpers
from helpers import Model, scale
from jobtui_core import make

warnings.simplefilter("ignore")
model = Model()


def plain(x):
    return {use}


@make
def step(x):
    return {use}


@make
def given(x):
    return x.go(1)


def values():
    return [(step(1), given(model)), (plain(1), model.go(1))]


first = values()
text = open("helpers.py").read()
if "* 2" in text:
    with open("helpers.py", "w") as file:
        file.write(text.replace("* 2", "* 3"))
    os.utime("helpers.py", (1, 1))
{again}
for cached, computed in (first, values()):
    assert cached == computed, (cached, computed)
"""
HELPERS = """
def scale(x):
    return x * 2


class Model:
    def go(self, x):
        return x * 2
"""


@pytest.mark.parametrize("use", ["helpers.scale(x)", "scale(x)"])
@pytest.mark.parametrize("how", AGAIN)
def test_no_old_result_answers_and_none_is_kept_for_new_code(
    tmp_path: Path, use: str, how: str
) -> None:
    folder = Folder(tmp_path / "project")
    folder.write("helpers.py", HELPERS)
    folder.write("script.py", SCRIPT.format(use=use, again=textwrap.dedent(AGAIN[how]).strip()))
    folder.run("script.py")
    folder.run("script.py")
    folder.edit("helpers.py", "* 3", "* 2")
    folder.run("script.py")
