"""``default_param``: the value from outside, for the script it is meant for, or the default."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobtui_core import default_param
from jobtui_core.errors import ParameterError

SCRIPT = "from jobtui_core import default_param\nprint(default_param('window', 52, help='weeks'))\n"
ROOT = Path(__file__).parents[3]


def run(script, *, meant_for=None, **params):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JOBTUI_TRACE": "0"}
    environment |= {"JOBTUI_PARAMS": json.dumps(params), "JOBTUI_SCRIPT": str(meant_for or script)}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip(), done.stderr


def test_without_anything_from_outside_it_is_the_default():
    assert default_param("window", 52) == 52


def test_an_override_reaches_the_script_it_is_meant_for(tmp_path):
    script = tmp_path / "co2.py"
    script.write_text(SCRIPT)
    assert run(script, window=26)[0] == "26"


def test_an_override_does_not_reach_another_script(tmp_path):
    script = tmp_path / "co2.py"
    script.write_text(SCRIPT)
    assert run(script, meant_for=tmp_path / "other.py", window=26)[0] == "52"


def test_a_module_of_the_script_gets_the_override_too(tmp_path):
    script = tmp_path / "co2.py"
    script.write_text("from settings import window\nprint(window)\n")
    (tmp_path / "settings.py").write_text(
        "from jobtui_core import default_param\nwindow = default_param('window', 52)\n"
    )
    assert run(script, window=26)[0] == "26"


def test_a_spawned_child_gets_the_override_too(tmp_path):
    script = tmp_path / "co2.py"
    script.write_text(
        "import multiprocessing\n"
        "from jobtui_core import default_param\n"
        "window = default_param('window', 52)\n"
        "def show():\n    print(window)\n"
        "if __name__ == '__main__':\n"
        "    child = multiprocessing.get_context('spawn').Process(target=show)\n"
        "    child.start()\n    child.join()\n"
    )
    assert run(script, window=26)[0] == "26"


def test_a_wrong_value_is_refused_with_its_place(tmp_path):
    script = tmp_path / "co2.py"
    script.write_text(SCRIPT)
    assert (
        "co2.py, line 2: parameter 'window' must be a whole number" in run(script, window="wide")[1]
    )


def test_a_default_that_is_not_a_choice_is_refused():
    with pytest.raises(ParameterError, match="one of 1, 2"):
        default_param("n", 3, choices=[1, 2])
    assert default_param("n", None, choices=[1, 2]) is None
