from __future__ import annotations

import pytest

from jobtui_core.errors import UnknownNameError
from jobtui_core.project import discover, find_scripts

STEPS = """
from jobtui_core import make

@make
def load(name):
    return name
"""


def test_a_folder_without_scripts_has_none(empty):
    empty.write("plain.py", "print('hello')\n")
    assert discover(empty.project) == ()
    assert empty.status().scripts == ()


def test_scripts_call_steps_at_top_level_in_main_or_under_the_guard(empty):
    empty.write("top.py", STEPS + "print(load('a'))\n")
    empty.write("guarded.py", STEPS + "if __name__ == '__main__':\n    load('a')\n")
    empty.write(
        "withmain.py",
        STEPS + "def main():\n    load('a')\n\nif __name__ == '__main__':\n    main()\n",
    )
    empty.write("library.py", STEPS)
    empty.write("constants.py", STEPS + "X = dict(a=1)\n")
    assert discover(empty.project) == ("guarded.py", "top.py", "withmain.py")


def test_a_script_may_get_its_steps_from_modules_of_the_project(empty):
    empty.write("lab/__init__.py", "")
    empty.write("lab/steps.py", STEPS)
    empty.write("lab/shelf.py", "from lab.steps import load\n")
    empty.write("use.py", "from lab import (\n    shelf,\n)\nprint(shelf.load('a'))\n")
    empty.write("other.py", "import json\nprint(json.dumps(1))\n")
    assert discover(empty.project) == ("use.py",)


def test_git_ignored_and_excluded_files_are_no_scripts(empty):
    empty.write("kept.py", STEPS + "load('a')\n")
    empty.write("scratch/a.py", STEPS + "load('a')\n")
    empty.write("old/a.py", STEPS + "load('a')\n")
    empty.write(".gitignore", "scratch/\n")
    empty.write("jobtui.toml", 'exclude = ["old"]\n')
    assert discover(empty.project) == ("kept.py",)


def test_the_setting_scripts_limits_what_is_looked_at(empty):
    empty.write("a.py", STEPS + "load('a')\n")
    empty.write("jobs/b.py", STEPS + "load('a')\n")
    empty.write("jobtui.toml", 'scripts = ["jobs/*.py"]\n')
    assert discover(empty.project) == ("jobs/b.py",)


def test_a_script_that_was_ever_run_stays_one(empty):
    empty.write("plain.py", "print('hello')\n")
    empty.run("plain.py")
    assert discover(empty.project) == ("plain.py",)
    (empty.root / "plain.py").unlink()
    assert discover(empty.project) == ()


def test_new_files_and_edits_are_seen_at_the_next_look(empty):
    empty.write("a.py", STEPS)
    assert discover(empty.project) == ()
    empty.write("a.py", STEPS + "load('a')\n")
    assert discover(empty.project) == ("a.py",)
    empty.write("b.py", "from a import load\nload('b')\n")
    assert discover(empty.project) == ("a.py", "b.py")


def test_a_script_that_cannot_be_parsed_has_a_row_that_says_where(empty):
    empty.write("good.py", STEPS + "load('a')\n")
    empty.write("bad.py", STEPS + "load('a'\nx = = 1\n")
    good, bad = sorted(empty.status().scripts, key=lambda script: script.path, reverse=True)
    assert (good.path, good.error) == ("good.py", None)
    assert bad.path == "bad.py"
    assert bad.error.line == 6
    assert bad.error.column is not None
    assert bad.error.text
    assert bad.error.path == ""
    assert bad.steps == ()


def test_a_module_that_cannot_be_parsed_is_blamed_on_the_right_file(empty):
    empty.write("good.py", STEPS + "load('a')\n")
    empty.write("broken.py", STEPS + "def f(:\n")
    empty.write("bad.py", "from broken import load\nload('a')\n")
    status = empty.status()
    assert [script.path for script in status.scripts] == ["bad.py", "good.py"]
    assert status.scripts[0].error.path == "broken.py"
    assert status.scripts[0].error.line == 6


@pytest.mark.parametrize("name", ["co2.py", "co2", "./co2.py", "project/co2.py"])
def test_scripts_are_found_by_the_names_people_type(lab, name):
    assert find_scripts(lab.project, [name]) == ("co2.py",)


def test_a_script_is_found_by_its_absolute_path_and_from_a_subfolder(lab, monkeypatch):
    assert find_scripts(lab.project, [str(lab.root / "co2.py")]) == ("co2.py",)
    (lab.root / "sub").mkdir()
    monkeypatch.chdir(lab.root / "sub")
    assert find_scripts(lab.project, ["../co2.py", "co2.py"]) == ("co2.py",)


def test_any_file_may_be_named(lab):
    lab.write("plain.py", "print('hello')\n")
    assert find_scripts(lab.project, ["plain.py"]) == ("plain.py",)
    (script,) = lab.status("plain.py").scripts
    assert script.steps == ()
    assert script.error is None


def test_an_unknown_script_is_refused_with_the_nearest(lab):
    with pytest.raises(UnknownNameError, match=r"did you mean 'co2\.py'") as caught:
        find_scripts(lab.project, ["c02.py"])
    assert caught.value.nearest == ("co2.py",)


def test_a_new_module_that_an_import_now_means_is_seen(lab):
    lab.edit("co2.py", "from helpers import detrend", "from lab.helpers import detrend")
    before = lab.row("trend")
    lab.write("lab/helpers.py", "def detrend(x):\n    return x\n")
    after = lab.row("trend")
    names = {one.subject for one in after.compared} - {one.subject for one in before.compared}
    assert any("detrend" in name for name in names)
